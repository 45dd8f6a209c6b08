"""Errors as the WebUI writes them: ``{"error", "detail", "body", "errors"}``."""

from __future__ import annotations

from typing import Any

from flask import Response

from ...contract.errors import PlantainError
from ...http_edge.json_response import json_response
from ...waiting.synchronous_job import JOB_HEADER

_RETRY_SECONDS = 2
_FIELDS = {
    "count": "batch_size",
    "guidance": "cfg_scale",
    "strength": "denoising_strength",
    "images": "init_images",
    "model": "override_settings.sd_model_checkpoint",
}
"""The fields of a job, as the WebUI names them. All others have the same name."""


def error_response(error: PlantainError) -> Response:
    """Returns the answer for the error: status, body and headers."""
    response = json_response(_error_body(error), error.status)
    if error.status == 401:
        response.headers["WWW-Authenticate"] = 'Basic realm="plantain"'
    if error.status in (429, 503) and error.retryable:
        response.headers["Retry-After"] = str(error.retry_after or _RETRY_SECONDS)
    if error.job_id:
        response.headers[JOB_HEADER] = error.job_id
    return response


def _error_body(error: PlantainError) -> dict[str, Any]:
    message = error.message.encode("utf-8", "replace").decode()  # strict readers refuse lone surrogates
    root, dot, rest = (error.field or "").partition(".")
    name, bracket, index = root.partition("[")
    field = "".join((_FIELDS.get(name, name), bracket, index, dot, rest))
    said = f"{field}: {message}" if field and not message.startswith(field) else message
    return {"error": error.code, "detail": said, "body": "", "errors": said}
