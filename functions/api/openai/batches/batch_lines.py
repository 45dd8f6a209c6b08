"""The lines of a batch's file as OpenAI's clients write them: an id, a method, a url, the body of a call."""

from __future__ import annotations

from contextlib import nullcontext
from typing import Any, Literal

from pydantic import Field

from ....batches.line_formats import CheckedFile, LineJob, complete_request
from ....batches.request_lines import (
    MAX_ITEMS,
    FileLine,
    RequestLine,
    iter_lines,
    parse_line_object,
    pop_custom_id,
)
from ....contract.batch import BatchRecord, LineFault
from ....contract.document import DocumentPart
from ....contract.errors import InvalidRequest, PlantainError
from ....contract.request import JobRequest
from ....services import Services
from ...named_pictures import UploadedPictures
from ...request_body import BODIES, MAX_BODY
from ..chat import read_chat
from ..edit_pictures import edit_of_json
from ..image_fields import ImageFields, read_image_fields
from ..image_job import generation_request
from ..picture_sources import PICTURE_BOUNDS, PictureReader
from ..response_request import TOOL, response_of_json

GENERATIONS, EDITS = "/v1/images/generations", "/v1/images/edits"
CHAT, RESPONSES = "/v1/chat/completions", "/v1/responses"
Endpoint = Literal["/v1/images/generations", "/v1/images/edits", "/v1/chat/completions", "/v1/responses"]
_WITH_MASKS = (EDITS, RESPONSES)
_LONGEST_NAME = 256  # characters
_MOST_FAULTS = 20  # that an answer lists


class BatchFacts(DocumentPart):
    """What a batch keeps of the request that created it."""

    endpoint: Endpoint
    input_file_id: str
    metadata: dict[str, str] | None = None
    output_seconds: int | None = None  # that the files of its results are kept for


class LineEcho(DocumentPart):
    """What the answer of a line repeats of it."""

    quality: str = "auto"
    output_format: str = "png"
    response_format: str = "b64_json"
    model: str | None = None
    tools: list[Any] = Field(default_factory=list)
    previous_response_id: str | None = None


def facts_of_batch(record: BatchRecord) -> BatchFacts:
    """Returns what the batch keeps of its request."""
    return BatchFacts.model_validate(record.dialect.facts if record.dialect else {})


class OpenAiLines:
    """The format of OpenAI's files. One faulty line refuses the whole file, as it does there."""

    def check_file(self, record: BatchRecord, data: bytes) -> CheckedFile:
        """Returns the faults of the file's form. What a line's body asks for is looked at later."""
        endpoint = facts_of_batch(record).endpoint
        faults: list[LineFault] = []
        ids: dict[str, int] = {}
        count, last = 0, 0
        for line in iter_lines(data):
            count, last = count + 1, line.number
            if count > MAX_ITEMS:
                message = f"A batch takes {MAX_ITEMS:,} requests: make several."
                return CheckedFile(last, (LineFault(code="too_many_tasks", message=message),))
            if (fault := _find_fault(line, endpoint, ids)) is not None:
                faults.append(fault)
            if len(faults) == _MOST_FAULTS:
                break
        if not count:
            message = "The file is empty: write one request, a JSON object, on each line."
            faults.append(LineFault(code="empty_file", message=message))
        return CheckedFile(last, tuple(faults))

    def parse_line(self, line: FileLine) -> RequestLine:
        """Returns the line's id and the body of its call. Never raises."""
        try:
            fields = parse_line_object(line, PICTURE_BOUNDS)
            return RequestLine(line.number, custom_id=pop_custom_id(fields), body=_body_of(fields))
        except PlantainError as error:
            return RequestLine(line.number, error=error)

    def job_of_line(self, services: Services, record: BatchRecord, line: RequestLine) -> LineJob:
        """Returns the job of the line's call. Raises what the call itself would raise."""
        endpoint, body = facts_of_batch(record).endpoint, dict(line.body or {})
        if body.get("stream"):
            raise InvalidRequest("A line of a batch is not answered as a stream.", field="stream")
        # A mask is read and drawn anew here: each may take as much memory as a body.
        with BODIES.hold(MAX_BODY) if endpoint in _WITH_MASKS else nullcontext():
            request, echo = _read_call(services, record.owner, endpoint, body)
        return LineJob(complete_request(record, request), echo.model_dump(exclude_defaults=True))


def _find_fault(line: FileLine, endpoint: str, ids: dict[str, int]) -> LineFault | None:
    """Returns the first fault of the line's form. Notes its id in ``ids``."""

    def fault(code: str, message: str, field: str | None = None) -> LineFault:
        return LineFault(line=line.number, code=code, message=message, field=field)

    try:
        fields = parse_line_object(line, PICTURE_BOUNDS)
    except PlantainError as error:
        return fault("invalid_json_line", error.message, error.field)
    try:
        custom_id = pop_custom_id(fields)
        _body_of(fields)
    except InvalidRequest as error:
        return fault("invalid_request", error.message, error.field)
    if custom_id is None:
        return fault("missing_required_parameter", "Give each line an id of your own.", "custom_id")
    if (first := ids.setdefault(custom_id, line.number)) != line.number:
        return fault("duplicate_custom_id", f"Line {first} has the same custom_id.", "custom_id")
    if fields.get("method") != "POST":
        return fault("invalid_method", "The method of a line is POST.", "method")
    if fields.get("url") != endpoint:
        return fault("url_mismatch", f"The url of each line is the batch's endpoint: {endpoint}.", "url")
    return None


def _body_of(fields: dict[str, Any]) -> dict[str, Any]:
    body = fields.get("body")
    if not isinstance(body, dict):
        raise InvalidRequest("The body of a line is a JSON object.", field="body")
    return body


def _read_call(
    services: Services, owner: str, endpoint: str, body: dict[str, Any]
) -> tuple[JobRequest, LineEcho]:
    reader = PictureReader(services, owner, UploadedPictures(services, owner))
    if endpoint == GENERATIONS:
        fields = read_image_fields(body)
        return generation_request(fields, services.settings), _echo_of(fields)
    if endpoint == EDITS:
        fields, request = edit_of_json(reader, body)
        return request, _echo_of(fields)
    if endpoint == CHAT:
        fields, request = read_chat(reader, body)
        return request, _echo_of(fields)
    asked = response_of_json(reader, body)
    echo = _echo_of(asked.fields).model_copy(
        update={
            "model": _short_text(asked.model),
            "tools": [{"type": TOOL}],  # its fields are those of the picture, and may hold a mask
            "previous_response_id": _short_text(asked.previous_response_id),
        }
    )
    return asked.job, echo


def _echo_of(fields: ImageFields) -> LineEcho:
    return LineEcho(
        quality=fields.quality,
        output_format=fields.output_format,
        response_format=fields.response_format,
        model=_short_text(fields.model),
    )


def _short_text(value: object) -> str | None:
    """Returns what is repeated of a value that nothing checks: None for one that is no name."""
    return value if isinstance(value, str) and len(value) <= _LONGEST_NAME else None
