"""Bodies of ``multipart/related`` with two parts: what a file is, as JSON, and the file.

https://datatracker.ietf.org/doc/html/rfc2387. Older clients of Google's send their uploads so.
"""

from __future__ import annotations

from flask import Request

from ....contract.errors import InvalidRequest, UnsupportedMediaType
from ...request_body import read_bytes

_TYPES = ("multipart/related", "multipart/form-data")
_MAX_HEADERS = 8 * 2**10  # bytes before a part's content
_MALFORMED = "The body is not as multipart/related has it, or ends too early."


def read_related_parts(request: Request, limit: int) -> tuple[bytes, bytes]:
    """Returns the content of the two parts. Raises UnsupportedMediaType, InvalidRequest and what
    ``read_bytes`` raises.
    """
    boundary = request.mimetype_params.get("boundary", "")
    if request.mimetype not in _TYPES or not boundary:
        raise UnsupportedMediaType("Send the body as Content-Type: multipart/related with a boundary.")
    try:
        delimiter = b"--" + boundary.encode("ascii")
    except UnicodeEncodeError:
        raise InvalidRequest(_MALFORMED) from None
    body = read_bytes(request, limit)
    marks = _find_delimiters(body, delimiter)
    if len(marks) != 3 or not body.startswith(b"--", marks[2] + len(delimiter)):
        raise InvalidRequest(_MALFORMED)
    first, second, end = marks
    return (
        _content_of(body[first + len(delimiter) : second]),
        _content_of(body[second + len(delimiter) : end]),
    )


def _find_delimiters(body: bytes, delimiter: bytes) -> list[int]:
    """Returns where at most four delimiters begin, each at the beginning of a line."""
    found = [0] if body.startswith(delimiter) else []
    start = 0
    while len(found) < 4 and (at := body.find(b"\n" + delimiter, start)) >= 0:
        found.append(at + 1)
        start = at + 1
    return found


def _content_of(part: bytes) -> bytes:
    """Returns what follows the headers of a part, without the line's end before the next delimiter."""
    head, blank, content = part.partition(b"\r\n\r\n")
    end = b"\r\n"
    if not blank or b"\n\n" in head:
        head, blank, content = part.partition(b"\n\n")
        end = b"\n"
    if not blank or len(head) > _MAX_HEADERS:
        raise InvalidRequest(_MALFORMED)
    return content.removesuffix(end) if content.endswith(end) else content.removesuffix(b"\n")
