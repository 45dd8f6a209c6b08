"""The lines of a batch's file as Google's clients write them: a request of generateContent, and its key."""

from __future__ import annotations

import json
from typing import Any

from ....batches.line_formats import CheckedFile, LineJob, complete_request
from ....batches.request_lines import FileLine, RequestLine, check_file, parse_line_object
from ....contract.batch import BatchRecord
from ....contract.document import DocumentPart
from ....contract.errors import InvalidRequest, PlantainError
from ....intake.strict_json import parse_model
from ....services import Services
from ...named_pictures import UploadedPictures
from ..content_body import BOUNDS, GenerateContentBody
from ..content_pictures import PartReader
from ..content_request import content_request

DIALECT = "gemini"
_MOST_ECHO = 2_000  # bytes of a line's key and metadata: they are kept in metadata of an object


class BatchFacts(DocumentPart):
    """What a batch keeps of the request that created it."""

    model: str  # as the client names it, without models/
    display_name: str = ""
    is_inline: bool = False  # the requests came in the body, not as a file


def facts_of_batch(record: BatchRecord) -> BatchFacts:
    """Returns what the batch keeps of its request."""
    return BatchFacts.model_validate(record.dialect.facts if record.dialect else {})


class GeminiLines:
    """The format of Google's files: ``{"key": …, "request": {…}}``. A faulty line fails alone."""

    def check_file(self, record: BatchRecord, data: bytes) -> CheckedFile:
        """Raises InvalidRequest for a file that is not JSON Lines, and RequestTooLarge."""
        del record
        return CheckedFile(check_file(data))

    def parse_line(self, line: FileLine) -> RequestLine:
        """Returns the line's request, with what its answer repeats. Never raises."""
        echo: dict[str, Any] = {}
        try:
            fields = parse_line_object(line, BOUNDS)
            echo = _read_echo(fields)
            return RequestLine(line.number, body=request_in_line(fields), echo=echo)
        except PlantainError as error:
            return RequestLine(line.number, error=error, echo=echo)

    def job_of_line(self, services: Services, record: BatchRecord, line: RequestLine) -> LineJob:
        """Returns the job of the line's request. Raises what generateContent would."""
        return job_of_content(services, record, line, facts_of_batch(record).model)


def job_of_content(services: Services, record: BatchRecord, line: RequestLine, model: str) -> LineJob:
    """Returns the job of a line of generateContent, for ``model`` unless the line names its own. Raises what
    generateContent would.
    """
    body = parse_model(GenerateContentBody, line.body)
    named = (line.body or {}).get("model")
    reader = PartReader(services, record.owner, UploadedPictures(services, record.owner))
    wanted = named if isinstance(named, str) and named else model
    request = content_request(body, wanted, services.settings, reader)
    return LineJob(complete_request(record, request), {} if body.wants_text else {"text": False})


def request_in_line(fields: dict[str, Any]) -> dict[str, Any]:
    """Returns the request of a line. Raises InvalidRequest for a line without one."""
    request = fields.get("request")
    if not isinstance(request, dict):
        raise InvalidRequest("A line has a request, a JSON object.", field="request")
    return request


def _read_echo(fields: dict[str, Any]) -> dict[str, Any]:
    """Returns the line's key and metadata. Raises InvalidRequest for longer ones than are kept."""
    key, metadata = fields.get("key"), fields.get("metadata")
    if key is not None and not isinstance(key, str):
        raise InvalidRequest("The key of a line is a text.", field="key")
    if metadata is not None and not isinstance(metadata, dict):
        raise InvalidRequest("The metadata of a line is an object.", field="metadata")
    found = {name: value for name, value in (("key", key), ("metadata", metadata)) if value is not None}
    if len(json.dumps(found, ensure_ascii=False).encode()) > _MOST_ECHO:
        message = f"The key and the metadata of a line have {_MOST_ECHO:,} bytes at most."
        raise InvalidRequest(message, field="metadata")
    return found
