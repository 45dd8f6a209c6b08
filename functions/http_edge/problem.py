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
_RETRY_AFTER_SECONDS = 2
_BUSY = (429, 503)


def respond_or_error(
    handle: Callable[[], Response], error_response: Callable[[PlantainError], Response] | None = None
) -> Response:
    """Returns the response of ``handle``, or ``error_response`` of the error that it raised: by default the
    problem document.
    """
    render = error_response or problem_response
    try:
        return handle()
    except PlantainError as error:
        return render(error)
    except http.HTTPException as error:
        allowed = error.valid_methods if isinstance(error, http.MethodNotAllowed) else None
        return _with_allowed_methods(render, error.code or 500, ", ".join(sorted(allowed or ())))
    except Exception as error:  # noqa: BLE001 - the one place: recorded under an id, shown without a trace
        instance = f"urn:uuid:{uuid.uuid4()}"
        log("api.internal_error", "ERROR", trace=error, instance=instance)
        internal = PlantainError(f"This is our fault, and it was recorded. Quote {instance} in a report.")
        internal.instance = instance
        return render(internal)


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
    if error.instance:
        body["instance"] = error.instance
    if isinstance(error, Blocked) and error.block:
        body["block"] = error.block.model_dump(mode="json")
    if isinstance(error, ExpiredResult):
        dates = {"ended": error.ended, "kept_until": error.kept_until}
        body |= {name: format_time(moment) for name, moment in dates.items() if moment}
    if error.field:
        body["field"] = _without_surrogates(error.field)
    response = json_response(body, error.status, media_type=PROBLEM)
    if error.status in _BUSY:
        response.headers["Retry-After"] = str(error.retry_after or _RETRY_AFTER_SECONDS)
    if error.status == 401:
        response.headers["WWW-Authenticate"] = 'Bearer realm="plantain"'
    return response


def _without_surrogates(text: str) -> str:
    """Replaces lone surrogates, which a strict reader of our JSON would refuse."""
    return text.encode("utf-8", "replace").decode()


def problem_for_status(status: int, allowed: str | None = None) -> Response:
    """Returns the problem for a framework's own refusal. ``allowed`` lists the methods after a 405."""
    return _with_allowed_methods(problem_response, status, allowed)


def _with_allowed_methods(
    render: Callable[[PlantainError], Response], status: int, allowed: str | None
) -> Response:
    response = render(_error_for_status(status, allowed))
    if status == 405:
        response.headers["Allow"] = allowed or ""
    return response


def _error_for_status(status: int, allowed: str | None) -> PlantainError:
    """Returns the error for a status of Werkzeug's or the framework's: of routing, or of a body."""
    if status == 405:
        return MethodNotAllowed(f"This address takes {allowed or 'other methods'}.")
    if status >= 500:
        return PlantainError("This is our fault, and it was recorded.")
    return _BY_STATUS.get(status, InvalidRequest("The request cannot be read."))


_BY_STATUS: dict[int, PlantainError] = {
    404: NotFound("There is nothing at this address: docs/api.md lists what there is."),
    408: RequestTimeout("The body did not arrive in time."),
    413: RequestTooLarge("The body is too large: use POST /v1/uploads for large images."),
    414: UriTooLong("The address is too long: send less in the query string."),
    415: UnsupportedMediaType("Send the body as Content-Type: application/json."),
    431: HeadersTooLarge("The headers are too long, or too many."),
}
