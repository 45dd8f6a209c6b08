"""Answers one request: finds the caller and the handler, and calls it."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from flask import Request, Response
from werkzeug.exceptions import NotFound

from ..contract.telemetry import set_attributes
from ..http_edge.problem import respond_or_problem
from ..services import Services
from ..tracing import traced_request
from . import health
from .api_call import ApiCall
from .auth import owner_of
from .routes import HANDLERS, HEALTH, READY, ROUTES


def answer_request(request: Request, services: Callable[[], Services]) -> Response:
    """Answers ``request``. ``services`` is called only when something outside is needed."""
    return respond_or_problem(lambda: _dispatch_route(request, services))


def _dispatch_route(request: Request, services: Callable[[], Services]) -> Response:
    address = ROUTES.bind_to_environ(request.environ)
    if request.method == "OPTIONS":
        return _answer_options(address.allowed_methods())
    endpoint, arguments = address.match()
    if endpoint == HEALTH:
        return health.show_health()
    if endpoint == READY:
        return health.show_readiness(services)
    ready = services()
    with traced_request(request, endpoint) as span:
        call = ApiCall(request, ready, owner_of(request.headers, ready.settings))
        response = HANDLERS[endpoint](call, **arguments)
        set_attributes(span, {"http.response.status_code": response.status_code})
        return response


def _answer_options(methods: Iterable[str]) -> Response:
    allowed = sorted(methods)
    if not allowed:
        raise NotFound
    return Response(status=204, headers={"Allow": ", ".join(allowed)})
