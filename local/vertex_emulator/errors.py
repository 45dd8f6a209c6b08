"""Errors that the Vertex AI emulator answers with."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from local.http_servers.google_errors import error_response


class VertexError(Exception):
    """A request that is answered with an error, as the real service would.

    Args:
        code: the HTTP status.
        status: the canonical name, where it is not the usual one of the HTTP status.
    """

    def __init__(self, code: int, message: str, status: str | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.status = status


def answer_error(_request: Request, error: Exception) -> Response:
    """Handles VertexError for Starlette."""
    if not isinstance(error, VertexError):  # Starlette gives the handler no others
        raise error
    return error_response(error.code, error.message, status=error.status)
