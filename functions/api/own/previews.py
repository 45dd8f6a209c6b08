"""Small JPEGs of a job's pictures: of those that it made, and of those that it was given."""

from __future__ import annotations

from flask import Response

from ...contract.errors import ImageUnreadable, NotFound
from ...intake.input_pictures import reading_input
from ...intake.picture_preview import LARGEST, make_preview
from ..api_call import ApiCall
from ..query_string import read_preview_size
from ..request_body import BODIES
from .results import find_result

_DEFAULT = 512  # pixels of the longer side
_UNCHANGING = "private, max-age=31536000, immutable"


def preview_image(call: ApiCall, job_id: str, n: int) -> Response:
    """Answers with a small JPEG of picture ``n`` of the job; for a clip, of its poster.

    Raises NotFound and ExpiredResult.
    """
    longest = read_preview_size(call.request.args, _DEFAULT, LARGEST)
    facts = find_result(call, job_id, n)
    if facts.clip is not None:
        facts = find_result(call, job_id, n + 1)
    tag = f"{facts.sha256[:32]}-{longest}"
    if _is_known(call, tag):
        return _answer_unchanged(tag)
    memory = call.services.memory
    with memory.files.hold(facts.bytes, seconds=20.0), BODIES.place():
        return _answer_jpeg(
            make_preview(call.services.results.get(facts.name).data, longest, memory.pixels), tag
        )


def preview_input(call: ApiCall, job_id: str, n: int) -> Response:
    """Answers with a small JPEG of picture ``n`` that the job was given. Raises NotFound.

    A picture that is no longer where the caller put it is not found either.
    """
    longest = read_preview_size(call.request.args, _DEFAULT, LARGEST)
    images = call.record(job_id).request.images
    if n >= len(images):
        raise NotFound(f"The job was given no picture {n}: it was given {len(images)}, counted from 0.")
    tag = f"{job_id}-{n}-{longest}"
    if _is_known(call, tag):
        return _answer_unchanged(tag)
    try:
        with reading_input(call.services, images[n], call.owner) as data, BODIES.place():
            return _answer_jpeg(make_preview(data, longest, call.services.memory.pixels), tag)
    except ImageUnreadable:
        raise NotFound("The picture that the job was given is no longer there.") from None


def _is_known(call: ApiCall, tag: str) -> bool:
    return call.request.if_none_match.contains(tag)


def _answer_unchanged(tag: str) -> Response:
    response = Response(status=304)
    response.set_etag(tag)
    return response


def _answer_jpeg(data: bytes, tag: str) -> Response:
    response = Response(data, mimetype="image/jpeg")
    response.set_etag(tag)
    response.headers["Cache-Control"] = _UNCHANGING
    response.headers["Vary"] = "Authorization, X-API-Key"  # another caller's browser entry is not this one's
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response
