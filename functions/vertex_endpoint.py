"""The Vertex AI endpoint that runs the jobs of remote models.

Its container runs ``python -m worker.vertex_container``.

The call is ``rawPredict``, which passes the container's answer on as it is; ``predict`` wraps it.
https://cloud.google.com/vertex-ai/docs/predictions/custom-container-requirements
"""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from .contract.errors import ModelUnavailable, Transient, UnreadableMessage
from .contract.settings import Settings

if TYPE_CHECKING:
    from google.cloud.aiplatform import Endpoint

RunOnEndpoint = Callable[[Settings, bytes], None]

_BUSY = (408, 409, 425, 429, 499)  # like 5xx: a later call may succeed
# Codes by which our worker refuses a message or a record that a newer version wrote.
_NOT_UNDERSTOOD = frozenset({"invalid_request", "unsupported_version", "damaged_document"})
_CODE = re.compile(r"[a-z_]{1,40}")
_SETTING_UP = threading.Lock()
_kept = threading.local()  # an endpoint for each thread: the client changes its session with every call


def run_on_endpoint(settings: Settings, message: bytes) -> None:
    """Has the endpoint run the job that ``message`` names; returns when the job has ended, with any result.

    Raises:
        Transient: it has not ended, and may when the call is repeated.
        UnreadableMessage: the endpoint's worker does not understand the message.
        ModelUnavailable: the endpoint refuses our calls, or does not run Plantain's worker.
    """
    body = b'{"instances": [' + message + b"]}"
    try:
        status, text = _call_endpoint(settings, body)
    except (Transient, ModelUnavailable):
        _kept.__dict__.clear()  # what is known of the endpoint may be why: it is read anew
        raise
    if status != 200:
        _kept.__dict__.clear()
        _raise_for(status, text)
    _check_answer(text)


def _call_endpoint(settings: Settings, body: bytes) -> tuple[int, bytes]:
    from google.api_core import exceptions as google
    from google.auth.exceptions import GoogleAuthError, TransportError
    from requests.exceptions import RequestException

    try:
        answer = _thread_endpoint(settings).raw_predict(
            body, {"Content-Type": "application/json"}, timeout=settings.vertex_seconds
        )
        return answer.status_code, answer.content
    except (google.Unauthorized, google.Forbidden, google.NotFound, google.BadRequest) as error:
        raise _unavailable(f"{error.code} {type(error).__name__}") from error
    except (google.GoogleAPIError, RequestException, TransportError, ConnectionError) as error:
        raise Transient(f"Vertex AI did not answer: {type(error).__name__}.") from error
    except GoogleAuthError as error:
        raise _unavailable(type(error).__name__) from error
    except (
        ValueError
    ) as error:  # the client's own, of a dedicated endpoint that no model was ever deployed to
        raise _unavailable("it has no address yet") from error


def _thread_endpoint(settings: Settings) -> Endpoint:
    """Returns this thread's endpoint. Making one takes a call, and the process's first one an import
    of seconds.
    """
    name = settings.vertex_endpoint
    if getattr(_kept, "name", None) != (name, settings.vertex_url):
        with _SETTING_UP:
            _kept.endpoint = _connect(settings)
            _kept.name = (name, settings.vertex_url)
    return _kept.endpoint


def _connect(settings: Settings) -> Endpoint:
    from google.auth.credentials import AnonymousCredentials
    from google.cloud import aiplatform

    name = settings.vertex_endpoint or ""
    _, project, _, location, *_ = name.split("/")
    emulated = settings.is_local and settings.vertex_url
    aiplatform.init(
        project=project,
        location=location,
        credentials=AnonymousCredentials() if emulated else None,
        api_endpoint=settings.vertex_url,
        api_transport="rest",
    )
    return aiplatform.Endpoint(name)


def _raise_for(status: int, text: bytes) -> None:
    code = _worker_code(
        _parse_fields(text)
    )  # the worker's own errors have one at the top, Google's have none
    if code in _NOT_UNDERSTOOD or (status == 400 and code):
        raise UnreadableMessage(f"The endpoint's worker does not understand the message ({code}).")
    if status in _BUSY or status >= 500:
        raise Transient(f"The endpoint answered {status}{f' ({code})' if code else ''}.")
    raise _unavailable(str(status))


def _check_answer(text: bytes) -> None:
    """Raises ModelUnavailable unless the answer is our worker's, for one job that has ended."""
    match _parse_fields(text).get("predictions"):
        case [{"error": dict() as error}]:
            raise ModelUnavailable(
                f"The endpoint's worker has no such job ({_worker_code(error)}): are its buckets these ones?"
            )
        case [{"state": str()}]:
            return
        case _:
            raise ModelUnavailable("The endpoint does not answer as Plantain's worker: which model is on it?")


def _unavailable(why: str) -> ModelUnavailable:
    return ModelUnavailable(
        f"The endpoint does not take our calls ({why}): deploy a model to it, and let dispatch call it."
    )


def _worker_code(error: dict[str, Any]) -> str:
    """Returns the error's code if it can be one of ours. Other fields of the answer may be private."""
    code = error.get("code")
    return code if isinstance(code, str) and _CODE.fullmatch(code) else ""


def _parse_fields(text: bytes) -> dict[str, Any]:
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return document if isinstance(document, dict) else {}
