"""Errors as Google's REST APIs tell them: https://google.aip.dev/193."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

STATUSES = {
    400: "INVALID_ARGUMENT",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    405: "UNIMPLEMENTED",
    409: "ABORTED",
    413: "INVALID_ARGUMENT",
    429: "RESOURCE_EXHAUSTED",
    500: "INTERNAL",
    503: "UNAVAILABLE",
    504: "DEADLINE_EXCEEDED",
}


class VertexError(Exception):
    """What a request is answered with when it is not done."""

    def __init__(self, code: int, message: str, status: str | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.status = status or STATUSES.get(code, "UNKNOWN")

    def response(self) -> Response:
        told = {"code": self.code, "message": self.message, "status": self.status}
        return JSONResponse({"error": told}, self.code)


def answer_error(_request: Request, error: Exception) -> Response:
    """Starlette's handler of Refusal."""
    if not isinstance(error, VertexError):  # Starlette gives the handler no others
        raise error
    return error.response()
