"""A WSGI layer between the server and every function: bounded bodies, and errors as problem+json.

The body is read within a bound, and an error that the server finds in it becomes one of ours. What
functions-framework answers in HTML (an address of its own, a method that no function has, a crash) becomes
problem+json too.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from io import BytesIO
from typing import Any

from flask import Flask

from ..contract.errors import InvalidRequest, PlantainError
from ..contract.validation.json_bounds import check_bounds
from .body_budget import BoundedBody
from .problem import problem_for_status, problem_response

MAX_EVENT = 16 * 2**20  # bytes: a message of Pub/Sub has ten million, a third more in base64

Environ = dict[str, Any]
Start = Callable[..., Any]
Application = Callable[[Any, Any], Iterable[bytes]]


class HttpEdge:
    """A WSGI application around a function's own.

    The API opens a body when it has memory for it. An event's body is read here: it must be a JSON object.
    """

    def __init__(self, application: Application, *, takes_events: bool) -> None:
        self._application = application
        self._takes_events = takes_events

    def __call__(self, environ: Environ, start: Start) -> Iterable[bytes]:
        # Flask's route for all paths takes no line break. Nothing here has one in its name.
        environ["PATH_INFO"] = environ.get("PATH_INFO", "").replace("\n", "%0A")
        body = environ["wsgi.input"] = BoundedBody(environ)
        environ["wsgi.input_terminated"] = True  # it ends by itself: werkzeug need not count
        if self._takes_events:
            try:
                environ["wsgi.input"] = _event_body(body)
            except PlantainError as error:
                return _closing_problem(error)(environ, start)
        answer = _BufferedStart()
        parts = self._application(environ, answer.begin)
        if body.error is None and not answer.is_an_error_in_html:
            start(answer.status, answer.headers)
            return parts
        if body.error is not None and answer.code >= 400 and not answer.is_an_error_in_html:
            start(answer.status, [*answer.headers, ("Connection", "close")])
            return parts
        _close_parts(parts)
        if body.error is not None:
            return _closing_problem(body.error)(environ, start)
        return problem_for_status(answer.code, answer.header("Allow"))(environ, start)


class _BufferedStart:
    """The beginning of the application's answer, held back until it is checked."""

    status = ""
    headers: list[tuple[str, str]]

    def begin(self, status: str, headers: list[tuple[str, str]], _exception: object = None) -> None:
        self.status, self.headers = status, headers

    @property
    def code(self) -> int:
        return int(self.status.partition(" ")[0])

    @property
    def is_an_error_in_html(self) -> bool:
        return self.code >= 400 and (self.header("Content-Type") or "").startswith("text/html")

    def header(self, name: str) -> str | None:
        return next((value for key, value in self.headers if key.lower() == name.lower()), None)


def _event_body(body: BoundedBody) -> BytesIO:
    """Reads an event's body. Raises InvalidRequest, RequestTooLarge and RequestTimeout.

    Only what no event can be is refused. The rules for a caller's JSON do not apply: an event describes
    objects that others wrote, may have thousands of fields of metadata, and would come again after every
    refusal.
    """
    body.open(MAX_EVENT)
    data = body.read()
    if data and not _is_object(data):
        raise InvalidRequest("The body must be a JSON object.")
    return BytesIO(data)


def _is_object(data: bytes) -> bool:
    """Returns True for a JSON object. Raises InvalidRequest for a text with more values than any event."""
    check_bounds(data)
    try:
        return isinstance(json.loads(data), dict)
    except (ValueError, RecursionError):
        return False


def _closing_problem(error: PlantainError) -> Any:
    """Returns the problem and closes the connection: the rest of the body must not be read as a request."""
    response = problem_response(error)
    response.headers["Connection"] = "close"
    return response


def _close_parts(parts: Iterable[bytes]) -> None:
    close = getattr(parts, "close", None)
    if close is not None:
        close()


def install_edge(application: Flask) -> None:
    """Puts the edge between the server and functions-framework's application for one function."""
    takes_events = application.name not in ("api", "sweep")
    edge: Any = HttpEdge(application.wsgi_app, takes_events=takes_events)
    application.wsgi_app = edge
