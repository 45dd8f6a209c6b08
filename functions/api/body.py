"""The body of a request, and what its headers ask for."""

from __future__ import annotations

import re
from typing import Any

from flask import Request

from ..contract.errors import InvalidRequest, RequestTooLarge, UnsupportedMediaType
from ..reading import json_object

MAX_BODY = 40 * 1024 * 1024
MAX_WAIT = 60.0

_WAIT = re.compile(r"(?:^|[,;\s])wait\s*=\s*\"?(\d{1,9})\"?(?:$|[,;\s])")
_PRINTABLE = re.compile(r"[\x20-\x7e]{1,255}")


def read_json(request: Request) -> dict[str, Any]:
    """Raises UnsupportedMediaType, RequestTooLarge or InvalidRequest."""
    if request.mimetype != "application/json":
        raise UnsupportedMediaType("Send the body as Content-Type: application/json.")
    if request.content_encoding:
        raise UnsupportedMediaType("Send the body as it is, without a Content-Encoding.")
    return json_object(_bytes(request))


def _bytes(request: Request) -> bytes:
    request.max_content_length = MAX_BODY + 1  # werkzeug cuts a chunked body off there and says nothing
    if (request.content_length or 0) > MAX_BODY or len(data := request.get_data()) > MAX_BODY:
        raise RequestTooLarge(
            f"The body may have {MAX_BODY // 2**20} MB: use POST /v1/uploads for large images."
        )
    return data


def wait_seconds(request: Request) -> float | None:
    """``Prefer: wait=N``, at most a minute."""
    found = _WAIT.search(request.headers.get("Prefer", ""))
    return min(float(found[1]), MAX_WAIT) if found else None


def idempotency_key(request: Request) -> str | None:
    """Raises InvalidRequest for a key that is empty, too long or not printable ASCII."""
    key = request.headers.get("Idempotency-Key")
    if key is not None and not _PRINTABLE.fullmatch(key):
        raise InvalidRequest("The key must be 1 to 255 printable ASCII characters.", field="Idempotency-Key")
    return key
