"""Classifies failures of Google's API: the contract's error, and whether a retry can help.

The service's messages may quote the prompt, so only its codes are logged and passed on.
https://cloud.google.com/apis/design/errors
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import httpx
from google.auth.exceptions import GoogleAuthError
from google.genai.errors import APIError

from functions.contract.errors import ModelUnavailable, PlantainError, Transient, UnsupportedTask
from worker.engines.gemini.answer import UNREADABLE, AnswerWithoutPicture

_BUSY = 429
_TIMED_OUT = frozenset({408, 499, 504})
_SETUP = frozenset({401, 403, 404})
# Reasons of a 400 that is not the request's fault.
_KEY_REASONS = frozenset({"API_KEY_INVALID", "API_KEY_EXPIRED", "API_KEY_SERVICE_BLOCKED"})
_MAX_PAUSE = 30.0  # seconds: a longer wait is better spent in the queue
_DURATION = re.compile(r"(\d{1,9}(?:\.\d{1,9})?)s")


@dataclass(frozen=True)
class GeminiFailure:
    """``error`` is raised after the last try; ``pause`` is the wait in seconds that the service asks for."""

    error: PlantainError
    can_retry: bool
    pause: float | None = None
    facts: tuple[str, ...] = ()  # for the log


def classify_failure(model: str, cause: Exception) -> GeminiFailure:
    """Classifies what a call, or the reading of its answer, has raised."""
    match cause:
        case APIError():
            error = _error_of_status(model, cause)
            return GeminiFailure(error, error.retryable, _requested_pause(cause), _loggable_facts(cause))
        case AnswerWithoutPicture(reason=reason):
            return GeminiFailure(_error_without_picture(model, reason), True, facts=(reason,))
        case GoogleAuthError(retryable=False):
            error = ModelUnavailable(f"{model} cannot be called: give a key, or the worker an identity.")
            return GeminiFailure(error, False, facts=(type(cause).__name__,))
        case TimeoutError() | httpx.ReadTimeout():
            # Our limit and the client's are the same: either may be reached first.
            return GeminiFailure(Transient(f"{model} did not answer in time."), True, facts=("timeout",))
        case _:
            named = type(cause).__name__
            return GeminiFailure(Transient(f"{model} cannot be reached ({named})."), True, facts=(named,))


def _error_of_status(model: str, error: APIError) -> PlantainError:
    if error.code == _BUSY:
        return Transient(f"{model} is asked for more than its quota allows at the moment.")
    if error.code in _TIMED_OUT:
        return Transient(f"{model} did not answer in time.")
    if error.code >= 500:
        return Transient(f"{model} does not work at the moment ({error.code}).")
    if error.code in _SETUP or _is_setup_error(error):
        return ModelUnavailable(
            f"{model} cannot be called ({error.code}): check its name, its location, and our key or role."
        )
    return UnsupportedTask(f"{model} does not take this request ({error.code}): ask for less of it.")


def _error_without_picture(model: str, reason: str) -> PlantainError:
    if reason == UNREADABLE:
        return Transient(f"{model} gave an answer that cannot be read.")
    return UnsupportedTask(
        f"{model} answered without a picture ({reason}): let the prompt say what the picture shows."
    )


def _is_setup_error(error: APIError) -> bool:
    """Returns True for a location or project that the API does not serve, and for an unknown key."""
    if error.status == "FAILED_PRECONDITION":
        return True
    return any(detail.get("reason") in _KEY_REASONS for detail in _error_details(error))


def _requested_pause(error: APIError) -> float | None:
    """Returns the seconds of google.rpc.RetryInfo, if there are any."""
    for detail in _error_details(error):
        if match := _DURATION.fullmatch(str(detail.get("retryDelay", ""))):
            return min(float(match[1]), _MAX_PAUSE)
    return None


def _loggable_facts(error: APIError) -> tuple[str, ...]:
    """Returns codes and the names of the wrong fields, but no text that could quote the prompt."""
    facts = [str(error.code), error.status or ""]
    for detail in _error_details(error):
        facts.append(str(detail.get("reason", "")))
        violations = detail.get("fieldViolations", ())
        facts += [str(each["field"]) for each in violations if isinstance(each, dict) and "field" in each]
    return tuple(word for word in facts if word)


def _error_details(error: APIError) -> list[dict[str, Any]]:
    """Returns the error's google.rpc details; an empty list if the answer has another shape."""
    body: Any = error.details
    inner = body.get("error", body) if isinstance(body, dict) else None
    found = inner.get("details") if isinstance(inner, dict) else None
    return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []
