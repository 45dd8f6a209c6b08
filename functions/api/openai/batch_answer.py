"""One line of a batch's files: the answer that its call would have had, with pictures sent in pieces."""

from __future__ import annotations

import base64
import json
import re
import secrets
from collections.abc import Iterator
from typing import Any

from ...contract.batch import BatchItem, BatchRecord
from ...contract.errors import PlantainError, error_from_facts
from ...contract.states import State
from ...intake.strict_json import parse_model
from ...services import Services
from ...waiting.finished_job import FinishedJob
from ..downloads import PIECE
from .batch_lines import CHAT, RESPONSES, LineEcho, facts_of_batch
from .chat import ChatAnswer
from .errors import error_body, error_status
from .image_answer import images_answer
from .image_fields import ImageFields
from .response_answer import ResponseEcho, finished_response

_NOT_RUN = {  # what never ran to its end, as OpenAI's files say it
    str(State.EXPIRED): ("batch_expired", "The request was not carried out before the batch's window ended."),
    str(State.CANCELED): ("batch_cancelled", "The request was canceled before it was carried out."),
}


def write_answer(
    services: Services, record: BatchRecord, item: BatchItem, finished: FinishedJob
) -> Iterator[bytes]:
    """Yields the line of a job that succeeded. A picture is read in pieces: raises NotFound for one that is
    gone, and Transient, in the middle of the line.
    """
    marks = _PictureMarks()
    body = _answer_body(services, finished, record, item, marks)
    text = _line(record, item, _response(record, item, 200, body))
    for part, n in marks.split(text):
        yield part.encode()
        if n is not None:
            picture = finished.pictures[n]
            for piece in services.results.read_pieces(picture.name, None, picture.bytes, PIECE):
                yield base64.b64encode(piece)


def refused_line(record: BatchRecord, item: BatchItem, error: PlantainError) -> bytes:
    """Returns the line of a call that was answered with an error."""
    body = {"error": error_body(error)}
    return _line(record, item, _response(record, item, error_status(error), body)).encode()


def error_line(record: BatchRecord, item: BatchItem) -> bytes:
    """Returns the line of an item that did not succeed."""
    if (reason := _NOT_RUN.get(str(item.state))) is not None:
        code, message = reason
        return _line(record, item, None, {"code": code, "message": message}).encode()
    error = error_from_facts(item.error) if item.error else PlantainError("No reason was recorded.")
    error.field = item.field
    return refused_line(record, item, error)


class _PictureMarks:
    """Marks that stand in a line where its pictures belong: no line is in memory with its pictures."""

    def __init__(self) -> None:
        self._nonce = secrets.token_hex(16)
        self._mark = re.compile(rf"{self._nonce}\.([0-9]+)\.")

    def __call__(self, services: Services, finished: FinishedJob, n: int) -> str:
        del services, finished
        return f"{self._nonce}.{n}."

    def split(self, text: str) -> Iterator[tuple[str, int | None]]:
        """Yields each text between marks, and the number of the picture that follows it; None at the end."""
        start = 0
        for found in self._mark.finditer(text):
            yield text[start : found.start()], int(found[1])
            start = found.end()
        yield text[start:], None


def _answer_body(
    services: Services, finished: FinishedJob, record: BatchRecord, item: BatchItem, marks: _PictureMarks
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
