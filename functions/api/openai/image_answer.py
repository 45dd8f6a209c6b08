"""The pictures of a job as OpenAI's images answer has them."""

from __future__ import annotations

from math import ceil
from typing import Any

from flask import Response

from ...contract.job import JobRecord
from ...contract.manifest import ImageFacts
from ...services import Services
from ...waiting.finished_job import FinishedJob
from ...waiting.picture_description import describe_picture
from ...waiting.synchronous_job import SynchronousJob
from ..answered_job import deliver_json
from ..encoded_pictures import PictureEncoder, SplicedPictures, encoded_picture
from ..quota_headers import quota_headers
from .errors import REQUEST_ID, new_request_id
from .image_fields import ImageFields

_BYTES_PER_TOKEN = 4  # of a prompt
_PIXELS_PER_TOKEN = 1024  # of a picture
_INPUT_PICTURE_TOKENS = 1024


def images_answer(
    services: Services, finished: FinishedJob, fields: ImageFields, encode: PictureEncoder = encoded_picture
) -> dict[str, Any]:
    """Returns the body of the answer. ``encode`` writes a picture in base64. Raises ExpiredResult."""

    def picture(n: int) -> dict[str, str]:
        if fields.response_format == "url":
            return {"url": picture_url(services, finished.pictures[n].name)}
        return {"b64_json": encode(services, finished, n)}

    data = [{**picture(n), **picture_words(finished, facts)} for n, facts in enumerate(finished.pictures)]
    return {
        "created": created(finished.record),
        "data": data,
        **picture_facts(finished.record, fields),
        "usage": usage(finished.record),
    }


def total_bytes(finished: FinishedJob) -> int:
    """Returns how many bytes the files of all pictures have together."""
    return sum(picture.bytes for picture in finished.pictures)


def picture_url(services: Services, name: str) -> str:
    """Returns an address of the picture that works for a quarter of an hour, without a key."""
    return services.sign_url(services.settings.results_bucket, name, "GET")


def revised_prompt(finished: FinishedJob, facts: ImageFacts) -> dict[str, str]:
    """Returns the prompt as a language model rewrote it; nothing where it was drawn as it was written."""
    intent = facts.intent or finished.manifest.intent
    return {"revised_prompt": intent.expanded} if intent and intent.expanded else {}


def picture_words(finished: FinishedJob, facts: ImageFacts) -> dict[str, str]:
    """Returns what is said of one picture: its prompt where it was rewritten, and what was understood."""
    described = describe_picture(finished, facts)
    return {**revised_prompt(finished, facts), **({"description": described} if described else {})}


def picture_facts(record: JobRecord, fields: ImageFields) -> dict[str, str]:
    """Returns what an answer and the events of a stream say of every picture."""
    return {
        "background": "opaque",
        "output_format": fields.output_format,
        "quality": _quality(fields),
        "size": f"{record.width}x{record.height}",
    }


def _quality(fields: ImageFields) -> str:
    return {"auto": "medium", "standard": "medium", "hd": "high"}.get(fields.quality, fields.quality)


def created(record: JobRecord) -> int:
    """Returns when the job was made, in seconds of the epoch."""
    return int(record.created.timestamp())


def usage(record: JobRecord) -> dict[str, Any]:
    """Returns counts for the dashboards that expect them: nothing is billed by them.

    A token is four bytes of prompt or 1,024 pixels drawn; each picture that was sent counts as 1,024 tokens.
    """
    request = record.request
    text = ceil(len(request.wanted.encode()) / _BYTES_PER_TOKEN)
    pictures = len(request.images) * _INPUT_PICTURE_TOKENS
    drawn = request.picture_count * ceil(record.width * record.height / _PIXELS_PER_TOKEN)
    return {
        "input_tokens": text + pictures,
        "input_tokens_details": {"image_tokens": pictures, "text_tokens": text},
        "output_tokens": drawn,
        "output_tokens_details": {"image_tokens": drawn, "text_tokens": 0},
        "total_tokens": text + pictures + drawn,
    }


def deliver_answer(
    job: SynchronousJob, body: dict[str, Any], pictures: SplicedPictures | None = None
) -> Response:
    """Returns the answer of a job, which counts as answered once all of it has been sent."""
    return deliver_json(job, body, answer_headers(job), pictures)


def answer_headers(job: SynchronousJob) -> dict[str, str]:
    """Returns what every answer about a job carries: an id of the request, and what the caller has left."""
    return {REQUEST_ID: new_request_id(), **quota_headers(job.quota)}
