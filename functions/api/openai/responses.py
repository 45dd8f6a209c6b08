"""/v1/responses with the tool `image_generation`: a response is a job, and its id names the job."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from typing import Any

from flask import Response

from ...contract.errors import NotFound, PlantainError
from ...contract.job import JobRecord
from ...contract.states import State
from ...http_edge.json_response import json_response
from ...waiting.answer_size import check_encoded_size
from ...waiting.finished_job import FinishedJob, finished_job, job_error
from ..answered_job import answering, begin_answer
from ..api_call import ApiCall
from ..encoded_pictures import SplicedPictures
from ..request_body import BODIES, reserve_body
from .errors import REQUEST_ID, error_body, new_request_id
from .event_stream import deliver_events, event
from .image_answer import deliver_answer, total_bytes
from .image_fields import ImageFields, read_image_fields
from .response_answer import (
    ResponseEcho,
    call_id,
    finished_response,
    output_message,
    output_text,
    response_body,
)
from .response_request import read_response_request

_FAILED, _IN_PROGRESS = "failed", "in_progress"
_STREAMED_COPIES = 2  # of a picture in a stream: as the call's output, and in the whole response


def create_response(call: ApiCall) -> Response:
    """Answers an input with a picture, unary or as a stream."""
    with reserve_body(call.request):
        asked = read_response_request(call)
        with BODIES.place():
            copies = _STREAMED_COPIES if asked.fields.stream else 1
            job = begin_answer(call, asked.job, is_streamed=asked.fields.stream, copies=copies)
    echo = ResponseEcho(asked.model, asked.tools, asked.previous_response_id)
    fields = asked.fields
    del asked  # a waiting caller keeps no pictures
    if fields.stream:
        stream = _ResponseStream(call, fields, echo)
        return deliver_events(
            job,
            partial_images=fields.partial_images,
            opening=stream.opening,
            partial=stream.partial,
            completed=stream.completed,
            failed=stream.failed,
        )
    with answering(job):
        finished = job.wait()
        check_encoded_size(total_bytes(finished))
        pictures = SplicedPictures()
        body = finished_response(call.services, finished, fields, echo, pictures)
        return deliver_answer(job, body, pictures)


def show_response(call: ApiCall, response: str) -> Response:
    """Shows a response as it is now. Raises NotFound for one of another owner, and of another kind."""
    _, _, job = response.partition("_")
    record = call.record(f"job_{job}")
    if not response.startswith("resp_") or record.request.task not in ("generate", "edit"):
        raise NotFound("There is no such response.")
    fields = read_image_fields({"output_format": record.request.format})
    echo = ResponseEcho(None, [], None)
    if record.state is State.SUCCEEDED:
        body = finished_response(call.services, finished_job(call.services, record), fields, echo)
    elif record.state.is_terminal:
        body = response_body(record, _FAILED, echo, error=_short_error(job_error(record)))
    else:
        body = response_body(record, _IN_PROGRESS, echo)
    return json_response(body, headers={REQUEST_ID: new_request_id()})


def _short_error(error: PlantainError) -> dict[str, Any]:
    body = error_body(error)
    return {"code": body["code"], "message": body["message"]}


class _ResponseStream:
    """The events of one response, numbered from 0."""

    def __init__(self, call: ApiCall, fields: ImageFields, echo: ResponseEcho) -> None:
        self._call, self._fields, self._echo = call, fields, echo
        self._numbers = count()
        self._record: JobRecord | None = None

    def opening(self, record: JobRecord) -> Iterator[bytes]:
        self._record = record
        response = response_body(record, _IN_PROGRESS, self._echo)
        yield self._event("response.created", response=response)
        yield self._event("response.in_progress", response=response)
        item = {"id": call_id(record, 0), "type": "image_generation_call"}
        item |= {"status": _IN_PROGRESS, "result": None}
        yield self._event("response.output_item.added", output_index=0, item=item)
        yield self._image_event("in_progress", record)
        yield self._image_event("generating", record)

    def partial(self, record: JobRecord, preview: str, n: int) -> Iterator[bytes]:
        facts = {"partial_image_index": n, "partial_image_b64": preview, "output_format": "jpeg"}
        yield self._image_event("partial_image", record, **facts)

    def completed(self, finished: FinishedJob) -> Iterator[bytes]:
        check_encoded_size(_STREAMED_COPIES * total_bytes(finished), is_streamed=True)
        body = finished_response(self._call.services, finished, self._fields, self._echo)
        yield self._image_event("completed", finished.record)
        for n, item in enumerate(body["output"]):
            if item["type"] == "message":
                yield from self._begin_message(finished.record, n, item)
            yield self._event("response.output_item.done", output_index=n, item=item)
        yield self._event("response.completed", response=body)

    def _begin_message(self, record: JobRecord, n: int, message: dict[str, Any]) -> Iterator[bytes]:
        """Yields the events of a message, output ``n``, but for its last: its one part comes whole."""
        [part] = message["content"]
        at = {"item_id": message["id"], "output_index": n, "content_index": 0}
        begun = output_message(record, _IN_PROGRESS)
        yield self._event("response.output_item.added", output_index=n, item=begun)
        yield self._event("response.content_part.added", **at, part=output_text(""))
        yield self._event("response.output_text.delta", **at, delta=part["text"], logprobs=[])
        yield self._event("response.output_text.done", **at, text=part["text"], logprobs=[])
        yield self._event("response.content_part.done", **at, part=part)

    def failed(self, error: PlantainError) -> Iterator[bytes]:
        if self._record is not None:
            body = response_body(self._record, _FAILED, self._echo, error=_short_error(error))
            yield self._event("response.failed", response=body)

    def _image_event(self, name: str, record: JobRecord, **facts: object) -> bytes:
        at = {"item_id": call_id(record, 0), "output_index": 0}
        return self._event(f"response.image_generation_call.{name}", **at, **facts)

    def _event(self, name: str, **facts: object) -> bytes:
        return event(name, {"type": name, "sequence_number": next(self._numbers), **facts})
