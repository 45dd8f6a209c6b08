"""Errors as problem+json (RFC 9457). The one place that catches every error: no caller ever sees a trace."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

from flask import Response
from werkzeug import exceptions as http

from ..contract.errors import (
    Blocked,
    ExpiredResult,
    HeadersTooLarge,
    InvalidRequest,
    MethodNotAllowed,
    NotFound,
    PlantainError,
    RequestTimeout,
    RequestTooLarge,
    UnsupportedMediaType,
    UriTooLong,
)
from ..contract.telemetry.log import log
from ..contract.timestamps import format_time
from .json_response import PROBLEM, json_response

TYPE = "urn:plantain:error:"
_RETRY_AFTER_SECONDS = "2"
_BUSY = (429, 503)


def respond_or_problem(handle: Callable[[], Response]) -> Response:
    """Returns the response of ``handle``, or the problem for the error that it raised."""
    try:
        return handle()
    except PlantainError as error:
        return problem_response(error)
    except http.HTTPException as error:
        return _problem_for_http(error)
    except Exception as error:  # noqa: BLE001 - the one place: recorded under an id, shown without a trace
        instance = f"urn:uuid:{uuid.uuid4()}"
        log("api.internal_error", "ERROR", trace=error, instance=instance)
        internal = PlantainError(
            "This is our fault, and it was recorded. Quote the instance when you report it."
        )
        return problem_response(internal, instance=instance)


def problem_response(error: PlantainError, **more: Any) -> Response:
    """Returns the problem document for the error; ``more`` are further fields."""
    body: dict[str, Any] = {
        "type": TYPE + error.code,
        "title": error.title,
        "status": error.status,
        "detail": _without_surrogates(error.message),
        "code": error.code,
        "retryable": error.retryable,
        **more,
    }
    if isinstance(error, Blocked) and error.block:
        body["block"] = error.block.model_dump(mode="json")
    if isinstance(error, ExpiredResult):
        dates = {"ended": error.ended, "kept_until": error.kept_until}
        body |= {name: format_time(moment) for name, moment in dates.items() if moment}
    if error.field:
        body["field"] = _without_surrogates(error.field)
    response = json_response(body, error.status, media_type=PROBLEM)
    if error.status in _BUSY:
        response.headers["Retry-After"] = _RETRY_AFTER_SECONDS
    if error.status == 401:
        response.headers["WWW-Authenticate"] = 'Bearer realm="plantain"'
    return response


def _without_surrogates(text: str) -> str:
    """Replaces lone surrogates, which a strict reader of our JSON would refuse."""
    return text.encode("utf-8", "replace").decode()


def problem_for_status(status: int, allowed: str | None = None) -> Response:
    """Returns the problem for a framework's own refusal. ``allowed`` lists the methods after a 405."""
    if status == 405:
        response = problem_response(MethodNotAllowed(f"This address takes {allowed or 'other methods'}."))
        response.headers["Allow"] = allowed or ""
        return response
    if status >= 500:
        return problem_response(PlantainError("This is our fault, and it was recorded."))
    return problem_response(_BY_STATUS.get(status, InvalidRequest("The request cannot be read.")))


_BY_STATUS: dict[int, PlantainError] = {
    404: NotFound("There is nothing at this address: docs/api.md lists what there is."),
    408: RequestTimeout("The body did not arrive in time."),
    413: RequestTooLarge("The body is too large: use POST /v1/uploads for large images."),
    414: UriTooLong("The address is too long: send less in the query string."),
    415: UnsupportedMediaType("Send the body as Content-Type: application/json."),
    431: HeadersTooLarge("The headers are too long, or too many."),
}


def _problem_for_http(error: http.HTTPException) -> Response:
    """Returns the problem for an error of Werkzeug: of routing, or of a body that cannot be read."""
    allowed = error.valid_methods if isinstance(error, http.MethodNotAllowed) else None
    return problem_for_status(error.code or 500, ", ".join(sorted(allowed or ())))
