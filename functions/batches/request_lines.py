"""The lines of a batch's file: each is a request, or has an error.

A line is the body of ``POST /v1/jobs``, or ``{"custom_id": …, "request": {…}}``. ``custom_id`` (the caller's
own name for it) and ``idempotency_key`` may be given in either form.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Any

from pydantic import TypeAdapter, ValidationError

from ..contract.batch import CustomId
from ..contract.errors import InvalidRequest, PlantainError, RequestTooLarge
from ..contract.validation.json_bounds import REQUEST, JsonBounds
from ..intake.strict_json import parse_json_object

MAX_FILE = 64 * 2**20  # bytes
MAX_LINE = 4 * 2**20  # bytes
MAX_ITEMS = 10_000
_BOM = b"\xef\xbb\xbf"
_CONTENTS = re.compile(rb'"request"\s*:.*"contents"\s*:\s*\[', re.DOTALL)
_BLANK = b" \t\r\x0b\x0c"
_TRIED = 10  # lines that decide whether the file is JSON Lines at all
_KEY_LENGTH = 255
_CUSTOM_ID: TypeAdapter[str] = TypeAdapter(CustomId)


@dataclass(frozen=True)
class FileLine:
    """One line that is not blank. ``number`` counts from 1, as editors do."""

    number: int
    text: bytes


@dataclass(frozen=True)
class RequestLine:
    """The content of one line: an ``error`` for which it was refused, or an unvalidated ``body``."""

    line: int
    custom_id: str | None = None
    idempotency_key: str | None = None
    body: Mapping[str, Any] | None = None
    error: PlantainError | None = None
    echo: Mapping[str, Any] = field(default_factory=dict[str, Any])  # what the line's answer repeats


def iter_lines(data: bytes) -> Iterator[FileLine]:
    """Yields the lines that are not blank. Skips a byte order mark, and strips carriage returns."""
    start = len(_BOM) if data.startswith(_BOM) else 0
    number = 0
    while start < len(data):
        number += 1
        end = data.find(b"\n", start)
        end = len(data) if end < 0 else end
        text = data[start:end].strip(_BLANK)
        if text:
            yield FileLine(number, text)
        start = end + 1


def check_file(data: bytes) -> int:
    """Returns the number of the file's last line that is not blank.

    Raises:
        InvalidRequest: the file is empty, or none of its first lines is a JSON object.
        RequestTooLarge: it has more lines than a batch takes.
    """
    first = list(islice(iter_lines(data), _TRIED))
    if not first:
        raise InvalidRequest("The file is empty: write one request, a JSON object, on each line.")
    if _opens_a_list(first[0]) or not any(_is_object(line) for line in first):
        raise InvalidRequest("The file is not JSON Lines: write one request, a JSON object, on each line.")
    count, last = 0, 0
    for line in iter_lines(data):
        count, last = count + 1, line.number
    if count > MAX_ITEMS:
        raise RequestTooLarge(f"The file has {count} requests: a batch takes {MAX_ITEMS:,}, make several.")
    return last


def check_size(size: int) -> None:
    """Raises RequestTooLarge for a file of more than ``MAX_FILE`` bytes."""
    if size > MAX_FILE:
        raise RequestTooLarge(
            f"The file has {size / 2**20:.0f} MB: a batch takes {MAX_FILE // 2**20}, make several."
        )


def is_written_for_google(start: bytes) -> bool:
    """Returns True if the first line of a file, which begins like this, is a request of generateContent.

    No request of Plantain's own has such a list. Inside of a text the quotes would have backslashes.
    """
    first = next(iter_lines(start), None)
    return first is not None and _CONTENTS.search(first.text) is not None


def _opens_a_list(line: FileLine) -> bool:
    """Returns True if the whole file is one JSON list: its last object could pass for a line."""
    return line.text.startswith(b"[") and not line.text.endswith(b"]")


def _is_object(line: FileLine) -> bool:
    """Returns True if the line is a JSON object. An over-long line is judged by its first and
    last character.
    """
    if len(line.text) > MAX_LINE:
        return line.text.startswith(b"{") and line.text.endswith(b"}")
    try:
        parse_json_object(line.text)
    except InvalidRequest:
        return False
    return True


def iter_requests(
    data: bytes, parse_line: Callable[[FileLine], RequestLine] | None = None
) -> Iterator[RequestLine]:
    """Yields what each line asks for. An id or key that an earlier line has is an error of the later line."""
    parse_line = parse_line or parse_own_line
    ids: dict[tuple[str, str], int] = {}
    for line in iter_lines(data):
        found = parse_line(line)
        for name, value in (("custom_id", found.custom_id), ("idempotency_key", found.idempotency_key)):
            if value is None:
                continue
            first = ids.setdefault((name, value), line.number)
            if first != line.number and found.error is None:
                message = f"Line {first} has the same {name}: make them different."
                found = replace(found, error=InvalidRequest(message, field=name))
        yield found


def parse_own_line(line: FileLine) -> RequestLine:
    """Returns what a line of Plantain's own asks for. Never raises: an error becomes part of the result."""
    asked = RequestLine(line.number)
    try:
        fields = parse_line_object(line)
        asked = replace(asked, custom_id=pop_custom_id(fields))
        asked = replace(asked, idempotency_key=_pop_idempotency_key(fields))
        return replace(asked, body=_pop_body(fields))
    except PlantainError as error:
        return replace(asked, error=error)


def parse_line_object(line: FileLine, bounds: JsonBounds = REQUEST) -> dict[str, Any]:
    """Returns the line's JSON object. Raises InvalidRequest, and RequestTooLarge for a line that is too long.

    Errors name the column alone: the parser counts each line as line 1.
    """
    if len(line.text) > MAX_LINE:
        raise RequestTooLarge(
            f"The line has {len(line.text) / 2**20:.1f} MB: {MAX_LINE // 2**20} are taken,"
            " name pictures by gs:// or as uploads."
        )
    try:
        return parse_json_object(line.text, bounds)
    except InvalidRequest as error:
        message = error.message.removeprefix("Line 1, column ").replace("The body", "The line")
        explained = f"Column {message}" if message[:1].isdigit() else message
        raise InvalidRequest(explained, field=error.field) from None


def pop_custom_id(fields: dict[str, Any]) -> str | None:
    """Takes the line's id out of its fields. Raises InvalidRequest."""
    value = fields.pop("custom_id", None)
    if value is None:
        return None
    try:
        return _CUSTOM_ID.validate_python(value, strict=True)
    except ValidationError:
        raise InvalidRequest("It must be a text of 1 to 128 characters.", field="custom_id") from None


def _pop_idempotency_key(fields: dict[str, Any]) -> str | None:
    value = fields.pop("idempotency_key", None)
    if value is None:
        return None
    if not (isinstance(value, str) and 1 <= len(value) <= _KEY_LENGTH and _is_printable(value)):
        raise InvalidRequest("It must be 1 to 255 printable ASCII characters.", field="idempotency_key")
    return value


def _is_printable(text: str) -> bool:
    return text.isascii() and text.isprintable()


def _pop_body(fields: dict[str, Any]) -> dict[str, Any]:
    if "request" not in fields:
        return fields
    body = fields.pop("request")
    if fields:
        raise InvalidRequest(
            "Beside request a line has only custom_id and idempotency_key.", field=next(iter(fields))[:80]
        )
    if not isinstance(body, dict):
        raise InvalidRequest("The request must be a JSON object.", field="request")
    return body
