"""Errors as Google's REST APIs send them: https://google.aip.dev/193."""

from __future__ import annotations

import json
from typing import Any

from starlette.responses import Response

STATUS_NAMES = {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    405: "UNIMPLEMENTED",
    409: "ABORTED",
    413: "INVALID_ARGUMENT",
    429: "RESOURCE_EXHAUSTED",
    500: "INTERNAL",
    501: "UNIMPLEMENTED",
    503: "UNAVAILABLE",
    504: "DEADLINE_EXCEEDED",
}
"""The canonical name of each HTTP status, where an error does not bring a more exact one."""


def error_document(code: int, message: str, **details: Any) -> dict[str, Any]:
    """Returns the JSON object that tells a client about an error.

    Args:
        code: the HTTP status.
        details: further fields, such as ``status`` (the canonical name) or ``errors``.
    """
    return {"error": {"code": code, "message": message, **details}}


def error_response(code: int, message: str, *, status: str | None = None) -> Response:
    """Returns the response that a client gets for an error.

    Args:
        status: the canonical name, where it is not the usual one of the HTTP status.
    """
    document = error_document(code, message, status=status or STATUS_NAMES.get(code, "UNKNOWN"))
    return Response(json.dumps(document), code, media_type="application/json")
