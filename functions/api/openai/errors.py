"""Errors as OpenAI's clients read them: `{"error": {"message", "type", "param", "code"}}`.

https://platform.openai.com/docs/guides/error-codes and #content-moderation of the guide to image generation
"""

from __future__ import annotations

import re
import secrets
from typing import Any

from flask import Response

from ...contract.errors import (
    Blocked,
    InvalidRequest,
    PlantainError,
    PromptBlocked,
    Unauthenticated,
    UnknownModel,
)
from ...contract.validation.messages import shown_name
from ...http_edge.json_response import json_response
from ...waiting.synchronous_job import JOB_HEADER
from ..quota_headers import quota_headers

REQUEST_ID = "x-request-id"
_UNKNOWN = "Unknown parameter: '{}'."
_STATUS: dict[type[PlantainError], int] = {UnknownModel: 404, Blocked: 400}  # where it differs from ours
_CODES: dict[type[PlantainError], str] = {
    UnknownModel: "model_not_found",
    Unauthenticated: "invalid_api_key",
    Blocked: "moderation_blocked",
}
_PARAMS = {
    "count": "n",
    "format": "output_format",
    "aspect_ratio": "size",
    "width": "size",
    "height": "size",
    "images": "image",
}
"""The fields of a job, as OpenAI's images name them. All others have the same name."""

_ROOT = re.compile(r"[^.\[]+")
_BEFORE_DRAWING = (None, "screen", "screen_input")  # stages; None is at admission
_RETRIED_ALWAYS = (408, 409, 429)  # and everything from 500: by the clients, unless the answer forbids it
_RETRY_AFTER = 2  # seconds
_LONGEST_PAUSE = 120  # seconds that the clients wait before they try again


def unknown_parameter(name: str) -> InvalidRequest:
    """Returns the error for a field that this address does not take."""
    return InvalidRequest(_UNKNOWN.format(shown_name(name)), field=shown_name(name))


def wrong_kind_of_part(name: str, *, is_file: bool) -> InvalidRequest:
    """Returns the error for a field of a form that came as a file and is a text, or the other way round."""
    wanted = "as a text, without a file name" if is_file else "as a file, with a file name"
    return InvalidRequest(f"Send {shown_name(name)} {wanted}.", field=shown_name(name))


def error_response(error: PlantainError) -> Response:
    """Returns the answer for the error: OpenAI's status, body and headers."""
    status = error_status(error)
    response = json_response({"error": error_body(error)}, status, {REQUEST_ID: new_request_id()})
    if status in _RETRIED_ALWAYS or status >= 500:
        is_soon = (error.retry_after or 0) <= _LONGEST_PAUSE
        response.headers["x-should-retry"] = "true" if error.retryable and is_soon else "false"
    if status in (429, 503) and error.retryable:
        response.headers["Retry-After"] = str(error.retry_after or _RETRY_AFTER)
    response.headers.update(quota_headers(error.quota))
    if status == 401:
        response.headers["WWW-Authenticate"] = 'Bearer realm="plantain"'
    if error.job_id:
        response.headers[JOB_HEADER] = error.job_id
    return response


def error_body(error: PlantainError) -> dict[str, Any]:
    """Returns what stands under `error`, in an answer and in an event of a stream."""
    body: dict[str, Any] = {
        "message": error.message.encode("utf-8", "replace").decode(),  # strict readers refuse lone surrogates
        "type": _kind(error),
        "param": _param(error),
        "code": _code(error),
    }
    if isinstance(error, Blocked):
        body["moderation_details"] = {
            "moderation_stage": "output" if _is_of_output(error) else "input",
            "categories": list(error.block.categories) if error.block else [],
        }
    return body


def error_status(error: PlantainError) -> int:
    """Returns the HTTP status of the error in this interface."""
    return next((status for kind, status in _STATUS.items() if isinstance(error, kind)), error.status)


def new_request_id() -> str:
    """Returns an id for `x-request-id`, which the clients show with an error."""
    return f"req_{secrets.token_hex(16)}"


def _is_of_output(error: Blocked) -> bool:
    """Returns True for a picture that was drawn, and is withheld."""
    return not isinstance(error, PromptBlocked) and error.stage not in _BEFORE_DRAWING


def _kind(error: PlantainError) -> str:
    if isinstance(error, Blocked):
        return "image_generation_user_error"
    if error_status(error) == 429:
        return "requests"
    return "server_error" if error_status(error) >= 500 else "invalid_request_error"


def _code(error: PlantainError) -> str:
    for kind, code in _CODES.items():
        if isinstance(error, kind):
            return code
    if error_status(error) == 429:
        return "rate_limit_exceeded"
    if error.field and error.message == _UNKNOWN.format(error.field):
        return "unknown_parameter"
    return "invalid_value" if isinstance(error, InvalidRequest) and error.field else error.code


def _param(error: PlantainError) -> str | None:
    if isinstance(error, Blocked):
        if _is_of_output(error):
            return None
        return "prompt" if isinstance(error, PromptBlocked) else "image"
    root = _ROOT.match(error.field or "")
    return _PARAMS.get(root[0], root[0]) if root else None
