"""Answers one request: finds its dialect, the caller and the handler, and calls it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from flask import Request, Response
from werkzeug.exceptions import NotFound
from werkzeug.routing import Map

from ..contract.telemetry import set_attributes
from ..http_edge.client_connection import connection_watch
from ..http_edge.problem import respond_or_error
from ..services import Services
from ..tracing import traced_request
from . import health
from .api_call import ApiCall
from .auth import find_caller, unnamed_caller
from .dialects import Dialect
from .matched_rule import MatchedRule
from .open_pages import OPEN_PAGES, is_open_page, page_handler
from .query_key import take_query_keys
from .routes import find_dialect
from .scopes import scope_of

_HEALTH, _READY = "health", "ready"
_PROBES = Map(
    [
        MatchedRule("/healthz", endpoint=_HEALTH, methods=["GET"]),
        MatchedRule("/readyz", endpoint=_READY, methods=["GET"]),
    ],
    strict_slashes=False,
)
_PROBE_PATHS = ("/healthz", "/readyz")


def answer_request(request: Request, services: Callable[[], Services]) -> Response:
    """Answers ``request``, errors too in the words of its dialect. ``services`` is called only when something
    outside is needed.
    """
    query_keys = take_query_keys(request)
    dialect = find_dialect(request.path, request.headers)
    if request.path.rstrip("/") in _PROBE_PATHS:
        return respond_or_error(lambda: _answer_probe(request, services), dialect.error_response)
    if is_open_page(request.path):
        return respond_or_error(lambda: _answer_page(request, services), dialect.error_response)
    return respond_or_error(
        lambda: _dispatch_route(request, services, dialect, query_keys), dialect.error_response
    )


def _answer_probe(request: Request, services: Callable[[], Services]) -> Response:
    address = _PROBES.bind_to_environ(request.environ)
    if request.method == "OPTIONS":
        return _answer_options(address.allowed_methods())
    endpoint, _ = address.match()
    return health.show_health() if endpoint == _HEALTH else health.show_readiness(services)


def _answer_page(request: Request, services: Callable[[], Services]) -> Response:
    address = OPEN_PAGES.bind_to_environ(request.environ)
    if request.method == "OPTIONS":
        return _answer_options(address.allowed_methods())
    endpoint, arguments = address.match()
    return page_handler(endpoint)(request, services().settings, **arguments)


def _dispatch_route(
    request: Request, services: Callable[[], Services], dialect: Dialect, query_keys: Sequence[str]
) -> Response:
    address = dialect.routes.bind_to_environ(request.environ)
    if request.method == "OPTIONS":
        return _answer_options(address.allowed_methods())
    endpoint, arguments = address.match()
    ready = services()
    with traced_request(request, endpoint) as span:
        if endpoint in dialect.secret_addresses:
            caller = unnamed_caller(request.headers, ready.settings)
        else:
            caller = find_caller(request.headers, ready.settings, query_keys)
        set_attributes(span, {"plantain.key_id": caller.key_id})
        caller.check_scope(scope_of(endpoint))
        watch = connection_watch(request.environ)
        call = ApiCall(request, ready, caller, dialect=dialect.name, is_abandoned=watch)
        response = dialect.handlers[endpoint](call, **arguments)
        set_attributes(span, {"http.response.status_code": response.status_code})
        return response


def _answer_options(methods: Iterable[str]) -> Response:
    allowed = sorted(methods)
    if not allowed:
        raise NotFound
    return Response(status=204, headers={"Allow": ", ".join(allowed)})
