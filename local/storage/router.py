"""Finds the handler of an address and turns the errors that handlers raise into answers."""

from __future__ import annotations

import asyncio
from urllib.parse import unquote_to_bytes
from xml.sax.saxutils import escape

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from local.storage import cors, json_resources, route_table, unsupported_features
from local.storage.errors import (
    BackendError,
    ConnectionDropped,
    InvalidValue,
    StorageError,
    TooManyRequests,
    WrongMethod,
)
from local.storage.operations import operation_name
from local.storage.request_body import RequestBody
from local.storage.request_context import RequestContext, StorageServices, json_response
from local.storage.routes import batch

_WRITES = frozenset({"POST", "PUT", "PATCH", "DELETE"})


class StorageRouter:
    """The ASGI application."""

    def __init__(self, services: StorageServices) -> None:
        self._services = services

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        intake = RequestBody(receive)
        try:
            response = await self._answer_with_faults(Request(scope, intake))
            await intake.drain()
            await response(scope, receive, send)
        except ConnectionDropped:
            scope["state"]["transport"].abort()
            await intake.drop()
        except ClientDisconnect:
            return

    async def _answer_with_faults(self, request: Request) -> Response:
        """Answers a request with the faults that are switched on."""
        faults = self._services.faults
        if faults.slow:
            await asyncio.sleep(faults.slow)
        if faults.strikes("unavailable"):
            return _error_response(request, BackendError())
        if faults.strikes("too_many"):
            return _error_response(request, TooManyRequests())
        response = await self._answer_request(request)
        if request.method in _WRITES and response.status_code < 400 and faults.strikes("lost_answer"):
            return _error_response(request, BackendError())
        return response

    async def _answer_request(self, request: Request) -> Response:
        try:
            segments = _split_path(request)
            if segments[0] == "batch" and request.method == "POST":
                return await batch.answer_batch(request, self._answer_request)
            handlers, *names = route_table.find_handlers(segments, request.query_params)
        except StorageError as refused:
            return _error_response(request, refused)
        context = RequestContext(request, self._services, tuple(names))
        try:
            response = await _call_handler(context, handlers)
        except StorageError as refused:
            response = _error_response(request, refused)
        return cors.allow_reading(context, response)


async def _call_handler(context: RequestContext, handlers: route_table.HandlersByMethod) -> Response:
    """Raises StorageError."""
    request = context.request
    cors.check_origin(context)
    if request.method == "OPTIONS":
        return cors.answer_preflight(context)
    handler = handlers.get(request.method)
    if handler is None:
        raise WrongMethod(request.method, list(handlers))
    unsupported_features.check_parameters(request.query_params, xml=not _speaks_json(request))
    unsupported_features.check_headers(request.headers)
    response = await handler(context)
    if response.status_code < 400:
        context.services.operations[operation_name(handler)] += 1
    return response


def _split_path(request: Request) -> list[str]:
    """Splits the path before decoding it: an encoded slash belongs to a name. Raises InvalidValue."""
    path: bytes = request.scope["raw_path"]
    try:
        # An address that was set with a slash at its end makes paths that begin with two.
        return [unquote_to_bytes(each).decode() for each in path.lstrip(b"/").split(b"/")]
    except UnicodeDecodeError:
        raise InvalidValue("The address is not UTF-8.") from None


def _error_response(request: Request, refused: StorageError) -> Response:
    if refused.status == 304:
        return Response(status_code=304)
    if _speaks_json(request):
        response = json_response(json_resources.error_resource(refused), refused.status)
    else:
        text = f"<Code>{refused.xml_code}</Code><Message>{escape(refused.message)}</Message>"
        body = f"<?xml version='1.0' encoding='UTF-8'?><Error>{text}</Error>"
        response = Response(body.encode(errors="replace"), refused.status, media_type="application/xml")
    response.headers.update(refused.headers)
    return response


def _speaks_json(request: Request) -> bool:
    path: bytes = request.scope["raw_path"].lstrip(b"/")
    return path == b"b" or path.startswith(
        (b"b/", b"storage/v1/", b"upload/", b"download/", b"resumable/", b"batch")
    )
