"""The routes of OpenAI's interface, and the handler of each."""

from __future__ import annotations

from ..api_call import Handler
from ..matched_rule import MatchedRule
from . import chat, files, images, models, provenance, responses
from .batches import batches

HANDLERS: dict[str, Handler] = {
    "openai.images.create": images.create_image,
    "openai.images.edit": images.edit_image,
    "openai.images.vary": images.vary_image,
    "openai.chat.create": chat.complete_chat,
    "openai.responses.create": responses.create_response,
    "openai.responses.show": responses.show_response,
    "openai.models.index": models.list_models,
    "openai.models.show": models.show_model,
    "openai.provenance.create": provenance.check_provenance,
    "openai.files.create": files.create_file,
    "openai.files.index": files.index_files,
    "openai.files.show": files.show_file,
    "openai.files.content": files.show_content,
    "openai.files.delete": files.remove_file,
    "openai.batches.create": batches.create_batch,
    "openai.batches.index": batches.index_batches,
    "openai.batches.show": batches.show_batch,
    "openai.batches.cancel": batches.cancel_batch,
}
_CALLS = (
    ("POST", "/images/generations", "openai.images.create"),
    ("POST", "/images/edits", "openai.images.edit"),
    ("POST", "/images/variations", "openai.images.vary"),
    ("POST", "/chat/completions", "openai.chat.create"),
)
"""What Azure's clients ask for under a deployment as well, which is the name of a model."""

_FURTHER_CALLS = (
    ("POST", "/responses", "openai.responses.create"),
    ("GET", "/responses/<response>", "openai.responses.show"),
    ("GET", "/models", "openai.models.index"),
    ("GET", "/models/<model>", "openai.models.show"),
    ("POST", "/content_provenance_checks", "openai.provenance.create"),
    ("POST", "/files", "openai.files.create"),
    ("GET", "/files", "openai.files.index"),
    ("GET", "/files/<file>", "openai.files.show"),
    ("GET", "/files/<file>/content", "openai.files.content"),
    ("DELETE", "/files/<file>", "openai.files.delete"),
    ("POST", "/batches", "openai.batches.create"),
    ("GET", "/batches", "openai.batches.index"),
    ("GET", "/batches/<batch>", "openai.batches.show"),
    ("POST", "/batches/<batch>/cancel", "openai.batches.cancel"),
)
_BASES = ("/v1", "", "/openai/v1", "/openai")  # as people configure it, and Azure's
_DEPLOYMENT = "/openai/deployments/<deployment>"

ROUTES = [
    *(
        MatchedRule(base + path, endpoint=endpoint, methods=[method])
        for base in _BASES
        for method, path, endpoint in (*_CALLS, *_FURTHER_CALLS)
    ),
    *(
        MatchedRule(_DEPLOYMENT + path, endpoint=endpoint, methods=[method])
        for method, path, endpoint in _CALLS
    ),
]
