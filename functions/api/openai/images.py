"""/v1/images: pictures from a prompt, edits and variations."""

from __future__ import annotations

from collections.abc import Iterator

from flask import Response

from ...contract.job import JobRecord
from ...contract.request import JobRequest
from ...waiting.answer_size import check_encoded_size
from ...waiting.finished_job import FinishedJob
from ...waiting.synchronous_job import SynchronousJob
from ..answered_job import answering, begin_answer
from ..api_call import ApiCall
from ..encoded_pictures import SplicedPictures, encoded_picture
from ..request_body import BODIES, MAX_BODY, read_json, reserve_body
from .edit_pictures import read_edit, read_variation
from .event_stream import deliver_events, event
from .image_answer import (
    created,
    deliver_answer,
    images_answer,
    picture_facts,
    picture_words,
    total_bytes,
    usage,
)
from .image_fields import ImageFields, read_image_fields
from .image_job import generation_request

GENERATION, EDIT = "image_generation", "image_edit"  # what the names of a stream's events begin with


def create_image(call: ApiCall, deployment: str | None = None) -> Response:
    """Answers with the pictures of a prompt."""
    with reserve_body(call.request):
        fields = read_image_fields(read_json(call.request, MAX_BODY), deployment)
        job = _begin(call, fields, generation_request(fields, call.services.settings))
    return _answer(call, job, fields, GENERATION)


def edit_image(call: ApiCall, deployment: str | None = None) -> Response:
    """Answers with the pictures that an edit makes of the first one sent."""
    with reserve_body(call.request):
        fields, request = read_edit(call, MAX_BODY, deployment)
        job = _begin(call, fields, request)
        del request  # a waiting caller keeps no pictures
    return _answer(call, job, fields, EDIT)


def vary_image(call: ApiCall, deployment: str | None = None) -> Response:
    """Answers with variations of a picture."""
    with reserve_body(call.request):
        fields, request = read_variation(call, MAX_BODY, deployment)
        job = _begin(call, fields, request)
        del request
    return _answer(call, job, fields, EDIT)


def _begin(call: ApiCall, fields: ImageFields, request: JobRequest) -> SynchronousJob:
    with BODIES.place():
        in_base64 = fields.stream or fields.response_format == "b64_json"
        return begin_answer(call, request, in_base64=in_base64, is_streamed=fields.stream)


def _answer(call: ApiCall, job: SynchronousJob, fields: ImageFields, kind: str) -> Response:
    if fields.stream:
        return _stream(call, job, fields, kind)
    with answering(job):
        finished = job.wait()
        if fields.response_format == "b64_json":
            check_encoded_size(total_bytes(finished))
        pictures = SplicedPictures()
        return deliver_answer(job, images_answer(call.services, finished, fields, pictures), pictures)


def _stream(call: ApiCall, job: SynchronousJob, fields: ImageFields, kind: str) -> Response:
    def partial(record: JobRecord, preview: str, n: int) -> Iterator[bytes]:
        name = f"{kind}.partial_image"
        facts = {**picture_facts(record, fields), "output_format": "jpeg"}  # what the preview is
        at = {"created_at": created(record), "partial_image_index": n}
        yield event(name, {"type": name, "b64_json": preview, **at, **facts})

    def completed(finished: FinishedJob) -> Iterator[bytes]:
        name = f"{kind}.completed"
        check_encoded_size(total_bytes(finished), is_streamed=True)
        facts = {"created_at": created(finished.record), **picture_facts(finished.record, fields)}
        for n, shown in enumerate(finished.pictures):
            said = {**facts, **picture_words(finished, shown), "usage": usage(finished.record)}
            yield event(name, {"type": name, "b64_json": encoded_picture(call.services, finished, n), **said})

    return deliver_events(
        job,
        partial_images=fields.partial_images,
        partial=partial,
        completed=completed,
    )
