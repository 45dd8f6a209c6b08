"""The routes of Google's interface, and the handler of each, under every prefix that clients use."""

from __future__ import annotations

from ..api_call import Handler
from ..matched_rule import MatchedRule
from . import generate_content, models, predict
from .batches import batches
from .files import file_upload, kept_files
from .interactions import interactions
from .interactions.interactions import in_words_of_interactions
from .prediction_jobs import prediction_jobs
from .videos import video_operations

HANDLERS: dict[str, Handler] = {
    "gemini.generate": generate_content.generate_content,
    "gemini.stream": generate_content.stream_generate_content,
    "gemini.count_tokens": generate_content.count_tokens,
    "gemini.predict": predict.predict,
    "gemini.videos.create": video_operations.create_video,
    "gemini.videos.show": video_operations.show_operation,
    "gemini.videos.fetch": video_operations.fetch_operation,
    "gemini.models.index": models.list_models,
    "gemini.models.show": models.show_model,
    "gemini.publisher_models.index": models.list_publisher_models,
    "gemini.publisher_models.show": models.show_publisher_model,
    "gemini.batches.create": batches.create_batch,
    "gemini.batches.index": batches.index_batches,
    "gemini.batches.show": batches.show_batch,
    "gemini.batches.cancel": batches.cancel_batch,
    "gemini.batches.delete": batches.remove_batch,
    "gemini.prediction_jobs.create": prediction_jobs.create_job,
    "gemini.prediction_jobs.index": prediction_jobs.index_jobs,
    "gemini.prediction_jobs.show": prediction_jobs.show_job,
    "gemini.prediction_jobs.cancel": prediction_jobs.cancel_job,
    "gemini.prediction_jobs.delete": prediction_jobs.remove_job,
    "gemini.files.index": kept_files.index_files,
    "gemini.files.show": kept_files.show_file,
    "gemini.files.download": kept_files.download_file,
    "gemini.files.delete": kept_files.remove_file,
    "gemini.files.upload": file_upload.upload_file,
    "gemini.files.continue": file_upload.continue_upload,
    "gemini.interactions.create": in_words_of_interactions(interactions.create_interaction),
    "gemini.interactions.show": in_words_of_interactions(interactions.show_interaction),
    "gemini.interactions.cancel": in_words_of_interactions(interactions.cancel_interaction),
    "gemini.interactions.delete": in_words_of_interactions(interactions.delete_interaction),
}
SECRET_ADDRESSES = frozenset({"gemini.files.continue"})
"""Endpoints whose addresses hold a secret that stands for the caller's key."""

_VERBS = {
    "generateContent": "gemini.generate",
    "streamGenerateContent": "gemini.stream",
    "countTokens": "gemini.count_tokens",
    "predict": "gemini.predict",
    "predictLongRunning": "gemini.videos.create",
    "fetchPredictOperation": "gemini.videos.fetch",
}
_VERSIONS = ("v1", "v1beta", "v1alpha", "v1beta1")
# A base address that ends in a version has the client's own version after it.
_BASES = (
    "",
    *(f"/{version}" for version in _VERSIONS),
    *(f"/{base}/{version}" for base in ("gemini", *_VERSIONS) for version in _VERSIONS),
)
_UPLOADS = tuple(
    f"{base}/upload/{version}/files"
    for base in ("", "/gemini", *(f"/{base}" for base in _VERSIONS if base != "v1"))
    for version in _VERSIONS
)
_PUBLISHERS = (
    "/publishers/google/models",
    "/projects/<project>/locations/<location>/publishers/google/models",
)
_INTERACTIONS = tuple(
    f"{base}{place}/interactions"
    for base in _BASES
    for place in ("", "/projects/<project>/locations/<location>")
)
_PREDICTION_JOBS = tuple(
    f"{base}/projects/<project>/locations/<location>/batchPredictionJobs" for base in _BASES
)
_COLLECTIONS = ("/models", "/tunedModels", *_PUBLISHERS)


def _rule(path: str, endpoint: str, method: str) -> MatchedRule:
    return MatchedRule(path, endpoint=endpoint, methods=[method])


ROUTES = [
    *(
        _rule(f"{base}{collection}/<plain:model>:{verb}", endpoint, "POST")
        for base in _BASES
        for collection in _COLLECTIONS
        for verb, endpoint in _VERBS.items()
    ),
    *(
        _rule(f"{base}{collection}/<plain:model>/operations/<plain:operation>", "gemini.videos.show", "GET")
        for base in _BASES
        for collection in _COLLECTIONS
    ),
    *(_rule(f"{base}/models", "gemini.models.index", "GET") for base in _BASES),
    *(_rule(f"{base}/models/<plain:model>", "gemini.models.show", "GET") for base in _BASES),
    *(_rule(base + path, "gemini.publisher_models.index", "GET") for base in _BASES for path in _PUBLISHERS),
    *(
        _rule(f"{base}{path}/<plain:model>", "gemini.publisher_models.show", "GET")
        for base in _BASES
        for path in _PUBLISHERS
    ),
    *(
        _rule(f"{base}/{collection}/<plain:model>:batchGenerateContent", "gemini.batches.create", "POST")
        for base in _BASES
        for collection in ("models", "tunedModels")
    ),
    *(_rule(f"{base}/batches", "gemini.batches.index", "GET") for base in _BASES),
    *(_rule(f"{base}/batches/<plain:batch>", "gemini.batches.show", "GET") for base in _BASES),
    *(_rule(f"{base}/batches/<plain:batch>", "gemini.batches.delete", "DELETE") for base in _BASES),
    *(_rule(f"{base}/batches/<plain:batch>:cancel", "gemini.batches.cancel", "POST") for base in _BASES),
    *(_rule(path, "gemini.prediction_jobs.create", "POST") for path in _PREDICTION_JOBS),
    *(_rule(path, "gemini.prediction_jobs.index", "GET") for path in _PREDICTION_JOBS),
    *(_rule(f"{path}/<plain:job>", "gemini.prediction_jobs.show", "GET") for path in _PREDICTION_JOBS),
    *(_rule(f"{path}/<plain:job>", "gemini.prediction_jobs.delete", "DELETE") for path in _PREDICTION_JOBS),
    *(
        _rule(f"{path}/<plain:job>:cancel", "gemini.prediction_jobs.cancel", "POST")
        for path in _PREDICTION_JOBS
    ),
    *(_rule(f"{base}/files", "gemini.files.index", "GET") for base in _BASES),
    *(_rule(f"{base}/files/<plain:file>", "gemini.files.show", "GET") for base in _BASES),
    *(_rule(f"{base}/files/<plain:file>", "gemini.files.delete", "DELETE") for base in _BASES),
    *(_rule(f"{base}/files/<plain:file>:download", "gemini.files.download", "GET") for base in _BASES),
    *(_rule(path, "gemini.files.upload", "POST") for path in _UPLOADS),
    *(
        _rule(f"{path}/<plain:session>", "gemini.files.continue", method)
        for path in _UPLOADS
        for method in ("POST", "PUT")
    ),
    *(_rule(path, "gemini.interactions.create", "POST") for path in _INTERACTIONS),
    *(_rule(f"{path}/<plain:interaction>", "gemini.interactions.show", "GET") for path in _INTERACTIONS),
    *(_rule(f"{path}/<plain:interaction>", "gemini.interactions.delete", "DELETE") for path in _INTERACTIONS),
    *(
        _rule(f"{path}/<plain:interaction>/cancel", "gemini.interactions.cancel", "POST")
        for path in _INTERACTIONS
    ),
]
