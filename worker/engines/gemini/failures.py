"""What goes wrong between us and Google, as one of our errors, and whether to ask once more.

What the service says in words is neither logged nor passed on, since it may quote the prompt: its codes are.
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
from worker.engines.gemini.answer import UNREADABLE, NoPicture

_BUSY = 429
_TIMED_OUT = frozenset({408, 499, 504})
_SETUP = frozenset({401, 403, 404})
# Reasons of a 400 that are not the request's fault.
_OF_THE_KEY = frozenset({"API_KEY_INVALID", "API_KEY_EXPIRED", "API_KEY_SERVICE_BLOCKED"})
_MOST_PAUSE = 30.0  # seconds: the job's message waits better than we do
_DURATION = re.compile(r"(\d{1,9}(?:\.\d{1,9})?)s")


@dataclass(frozen=True)
class Failure:
    """``error`` is what it comes to in the end; ``pause`` the seconds that the service asks for, if any."""

    error: PlantainError
    again: bool
    pause: float | None = None
    facts: tuple[str, ...] = ()  # for the log


def failure(model: str, cause: Exception) -> Failure:
    """For whatever a call, or the reading of its answer, has raised."""
    match cause:
        case APIError():
            error = _of_status(model, cause)
            return Failure(error, error.retryable, _asked_pause(cause), _facts(cause))
        case NoPicture(reason=reason):
            return Failure(_without_picture(model, reason), True, facts=(reason,))
        case GoogleAuthError(retryable=False):
            error = ModelUnavailable(f"{model} cannot be called: give a key, or the worker an identity.")
            return Failure(error, False, facts=(type(cause).__name__,))
        case TimeoutError() | httpx.ReadTimeout():
            # Our limit and the client's are the same: on a busy machine either is met first.
            return Failure(Transient(f"{model} did not answer in time."), True, facts=("timeout",))
        case _:
            named = type(cause).__name__
            return Failure(Transient(f"{model} cannot be reached ({named})."), True, facts=(named,))


def _of_status(model: str, error: APIError) -> PlantainError:
    if error.code == _BUSY:
        return Transient(f"{model} is asked for more than its quota allows at the moment.")
    if error.code in _TIMED_OUT:
        return Transient(f"{model} did not answer in time.")
    if error.code >= 500:
        return Transient(f"{model} does not work at the moment ({error.code}).")
    if error.code in _SETUP or _is_of_the_setup(error):
        return ModelUnavailable(
            f"{model} cannot be called ({error.code}): check its name, its location, and our key or role."
        )
    return UnsupportedTask(f"{model} does not take this request ({error.code}): ask for less of it.")


def _without_picture(model: str, reason: str) -> PlantainError:
    if reason == UNREADABLE:
        return Transient(f"{model} gave an answer that cannot be read.")
    return UnsupportedTask(
        f"{model} answered without a picture ({reason}): let the prompt say what the picture shows."
    )


def _is_of_the_setup(error: APIError) -> bool:
    """A place or a project that the API does not serve, or a key that it does not know."""
    if error.status == "FAILED_PRECONDITION":
        return True
    return any(detail.get("reason") in _OF_THE_KEY for detail in _details(error))


def _asked_pause(error: APIError) -> float | None:
    """google.rpc.RetryInfo's."""
    for detail in _details(error):
        if match := _DURATION.fullmatch(str(detail.get("retryDelay", ""))):
            return min(float(match[1]), _MOST_PAUSE)
    return None


def _facts(error: APIError) -> tuple[str, ...]:
    """Codes, and the names of the fields that are at fault: nothing that anybody wrote."""
    said = [str(error.code), error.status or ""]
    for detail in _details(error):
        said.append(str(detail.get("reason", "")))
        violations = detail.get("fieldViolations", ())
        said += [str(each["field"]) for each in violations if isinstance(each, dict) and "field" in each]
    return tuple(word for word in said if word)


def _details(error: APIError) -> list[dict[str, Any]]:
    """The error's google.rpc details; nothing where the answer has another shape."""
    body: Any = error.details
    inner = body.get("error", body) if isinstance(body, dict) else None
    found = inner.get("details") if isinstance(inner, dict) else None
    return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []
