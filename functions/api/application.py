"""One request: who calls, what for, and the answer."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from flask import Request, Response
from werkzeug.exceptions import NotFound

from ..contract.telemetry import note
from ..services import Services
from ..tracing import served
from . import health
from .auth import owner_of
from .call import Call
from .problem import guarded
from .routes import HANDLERS, HEALTH, READY, ROUTES


def respond(request: Request, services: Callable[[], Services]) -> Response:
    """Answers ``request``. ``services`` is called when something outside is needed, and not before."""
    return guarded(lambda: _route(request, services))


def _route(request: Request, services: Callable[[], Services]) -> Response:
    address = ROUTES.bind_to_environ(request.environ)
    if request.method == "OPTIONS":
        return _options(address.allowed_methods())
    endpoint, arguments = address.match()
    if endpoint == HEALTH:
        return health.show()
    if endpoint == READY:
        return health.ready(services)
    ready = services()
    with served(request, endpoint) as span:
        call = Call(request, ready, owner_of(request.headers, ready.settings))
        response = HANDLERS[endpoint](call, **arguments)
        note(span, {"http.response.status_code": response.status_code})
        return response


def _options(methods: Iterable[str]) -> Response:
    allowed = sorted(methods)
    if not allowed:
        raise NotFound
    return Response(status=204, headers={"Allow": ", ".join(allowed)})
