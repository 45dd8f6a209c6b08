"""Errors as Google's clients read them: ``{"error": {"code", "message", "status", "details"}}``.

https://cloud.google.com/apis/design/errors#handling_errors
"""

from __future__ import annotations

from typing import Any

from flask import Response

from ...contract.errors import Blocked, InvalidKey, PlantainError, UnknownModel
from ...http_edge.json_response import json_response
from ...waiting.synchronous_job import JOB_HEADER

_TYPE = "type.googleapis.com/google.rpc."
_STATUS_NAMES = {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    409: "ABORTED",
    429: "RESOURCE_EXHAUSTED",
    499: "CANCELLED",
    500: "INTERNAL",
    501: "UNIMPLEMENTED",
    503: "UNAVAILABLE",
    504: "DEADLINE_EXCEEDED",
}
_RPC_CODES = {
    "CANCELLED": 1,
    "INVALID_ARGUMENT": 3,
    "DEADLINE_EXCEEDED": 4,
    "NOT_FOUND": 5,
    "PERMISSION_DENIED": 7,
    "RESOURCE_EXHAUSTED": 8,
    "ABORTED": 10,
    "UNIMPLEMENTED": 12,
    "INTERNAL": 13,
    "UNAVAILABLE": 14,
    "UNAUTHENTICATED": 16,
}
_OTHER_STATUS = {405: 404, 408: 504, 410: 404, 507: 503}  # statuses that Google's clients do not know
_RETRY_SECONDS = 2
_FIELDS = {
    "aspect_ratio": "generationConfig.imageConfig.aspectRatio",
    "size": "generationConfig.imageConfig.imageSize",
    "count": "generationConfig.candidateCount",
    "seed": "generationConfig.seed",
    "compressionQuality": "generationConfig.imageConfig.imageOutputOptions.compressionQuality",
    "prompt": "contents",
    "images": "contents",
    "model": "model",
}
"""The fields of a job, as generateContent names them."""


def error_response(error: PlantainError) -> Response:
    """Returns the answer for the error: Google's status, body and headers."""
    code = error_code(error)
    response = json_response({"error": error_body(error)}, code)
    if code in (429, 503) and error.retryable:
        response.headers["Retry-After"] = str(error.retry_after or _RETRY_SECONDS)
    if error.job_id:
        response.headers[JOB_HEADER] = error.job_id
    return response


def error_body(error: PlantainError) -> dict[str, Any]:
    """Returns what stands under ``error``, in an answer and in a line of a stream."""
    code = error_code(error)
    return {
        "code": code,
        "message": error.message.encode("utf-8", "replace").decode(),  # strict readers refuse lone surrogates
        "status": _STATUS_NAMES[code],
        "details": _details(error, code),
    }


def status_of_error(error: PlantainError) -> dict[str, Any]:
    """Returns the error as a ``google.rpc.Status``, which a batch has for a line: its number is gRPC's."""
    body = error_body(error)
    return {"code": _RPC_CODES[body["status"]], "message": body["message"]}


def error_code(error: PlantainError) -> int:
    """Returns the HTTP status of the error in this interface: one that has a name of Google's."""
    status = 404 if isinstance(error, UnknownModel) else _OTHER_STATUS.get(error.status, error.status)
    if isinstance(error, Blocked | InvalidKey) or (status not in _STATUS_NAMES and status < 500):
        return 400
    return status if status in _STATUS_NAMES else 500


def _details(error: PlantainError, code: int) -> list[dict[str, Any]]:
    details = [_error_info(error)]
    if error.field:
        violation = {"field": _FIELDS.get(error.field, error.field), "description": error.message}
        details.append({"@type": f"{_TYPE}BadRequest", "fieldViolations": [violation]})
    if code in (429, 503, 504) and error.retryable:
        details.append(
            {"@type": f"{_TYPE}RetryInfo", "retryDelay": f"{error.retry_after or _RETRY_SECONDS}s"}
        )
    return details


def _error_info(error: PlantainError) -> dict[str, Any]:
    """Returns the reason. That of a bad key has Google's own name, which clients look for."""
    reason, domain = error.code.upper(), "plantain"
    if isinstance(error, InvalidKey):
        reason, domain = "API_KEY_INVALID", "googleapis.com"
    return {"@type": f"{_TYPE}ErrorInfo", "reason": reason, "domain": domain, "metadata": {}}
