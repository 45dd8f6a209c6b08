"""One line of a batch's files: the answer that its call would have had, with pictures sent in pieces."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from ....contract.batch import BatchItem, BatchRecord
from ....contract.errors import PlantainError
from ....contract.states import State
from ....intake.strict_json import parse_model
from ....services import Services
from ....waiting.finished_job import FinishedJob
from ...batch_results import item_error
from ...encoded_pictures import PictureMarks
from ..chat import ChatAnswer
from ..errors import error_body, error_status
from ..image_answer import images_answer
from ..image_fields import ImageFields
from ..response_answer import ResponseEcho, finished_response
from .batch_lines import CHAT, RESPONSES, LineEcho, facts_of_batch

_NOT_RUN = {  # what never ran to its end, as OpenAI's files say it
    str(State.EXPIRED): ("batch_expired", "The request was not carried out before the batch's window ended."),
    str(State.CANCELED): ("batch_cancelled", "The request was canceled before it was carried out."),
}


def write_answer(
    services: Services, record: BatchRecord, item: BatchItem, finished: FinishedJob
) -> Iterator[bytes]:
    """Yields the line of a job that succeeded, with its pictures. Raises what ``PictureMarks.write`` does."""
    marks = PictureMarks()
    body = _answer_body(services, finished, record, item, marks)
    yield from marks.write(services, _line(record, item, _response(record, item, 200, body)))


def refused_line(record: BatchRecord, item: BatchItem, error: PlantainError) -> bytes:
    """Returns the line of a call that was answered with an error."""
    body = {"error": error_body(error)}
    return _line(record, item, _response(record, item, error_status(error), body)).encode()


def error_line(record: BatchRecord, item: BatchItem) -> bytes:
    """Returns the line of an item that did not succeed."""
    if (reason := _NOT_RUN.get(str(item.state))) is not None:
        code, message = reason
        return _line(record, item, None, {"code": code, "message": message}).encode()
    return refused_line(record, item, item_error(item))


def _answer_body(
    services: Services, finished: FinishedJob, record: BatchRecord, item: BatchItem, marks: PictureMarks
) -> dict[str, Any]:
    endpoint, echo = facts_of_batch(record).endpoint, LineEcho.model_validate(item.echo)
    named = echo.model_dump(include={"quality", "output_format", "response_format", "model"})
    fields = parse_model(ImageFields, named)
    if endpoint == CHAT:
        return ChatAnswer(services, fields, marks).body(finished)
    if endpoint == RESPONSES:
        said = ResponseEcho(echo.model, echo.tools, echo.previous_response_id)
        return finished_response(services, finished, fields, said, marks)
    return images_answer(services, finished, fields, marks)


def _response(record: BatchRecord, item: BatchItem, status: int, body: dict[str, Any]) -> dict[str, Any]:
    return {"status_code": status, "request_id": f"req_{_line_id(record, item)}", "body": body}


def _line(
    record: BatchRecord, item: BatchItem, response: dict[str, Any] | None, error: dict[str, str] | None = None
) -> str:
    fields = {
        "id": f"batch_req_{_line_id(record, item)}",
        "custom_id": item.custom_id,
        "response": response,
        "error": error,
    }
    return json.dumps(fields) + "\n"


def _line_id(record: BatchRecord, item: BatchItem) -> str:
    return f"{record.id.removeprefix('batch_')}{item.line:08d}"
