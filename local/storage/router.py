"""From an address to its handler, and from what handlers raise to the answer."""

from __future__ import annotations

import asyncio
from urllib.parse import unquote_to_bytes
from xml.sax.saxutils import escape

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from local.storage import addresses, cors, resources, unsupported
from local.storage.call import Call, Parts, answer
from local.storage.errors import Invalid, MethodNotAllowed, Refused, TooManyRequests, Torn, Unavailable
from local.storage.intake import Intake
from local.storage.routes import batch

_WRITES = frozenset({"POST", "PUT", "PATCH", "DELETE"})


class Router:
    """The ASGI application."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        intake = Intake(receive)
        try:
            response = await self._answer(Request(scope, intake))
            await intake.drain()
            await response(scope, receive, send)
        except Torn:
            scope["state"]["transport"].abort()
            await intake.drop()
        except ClientDisconnect:
            return

    async def _answer(self, request: Request) -> Response:
        """With the faults that are switched on."""
        faults = self._parts.faults
        if faults.slow:
            await asyncio.sleep(faults.slow)
        if faults.strikes("unavailable"):
            return _refusal(request, Unavailable())
        if faults.strikes("too_many"):
            return _refusal(request, TooManyRequests())
        response = await self._respond(request)
        if request.method in _WRITES and response.status_code < 400 and faults.strikes("lost_answer"):
            return _refusal(request, Unavailable())
        return response

    async def _respond(self, request: Request) -> Response:
        try:
            segments = _segments(request)
            if segments[0] == "batch" and request.method == "POST":
                return await batch.batch(request, self._respond)
            handlers, *names = addresses.resolve(segments, request.query_params)
        except Refused as refused:
            return _refusal(request, refused)
        call = Call(request, self._parts, tuple(names))
        try:
            response = await _handle(call, handlers)
        except Refused as refused:
            response = _refusal(request, refused)
        return cors.allow(call, response)


async def _handle(call: Call, handlers: addresses.Handlers) -> Response:
    """Raises Refused."""
    request = call.request
    cors.check_origin(call)
    if request.method == "OPTIONS":
        return cors.preflight(call)
    handler = handlers.get(request.method)
    if handler is None:
        raise MethodNotAllowed(request.method, list(handlers))
    unsupported.check_parameters(request.query_params, xml=not _speaks_json(request))
    unsupported.check_headers(request.headers)
    return await handler(call)


def _segments(request: Request) -> list[str]:
    """Split before it is decoded: an encoded slash belongs to a name. Raises Invalid."""
    path: bytes = request.scope["raw_path"]
    try:
        # An address that was set with a slash at its end makes paths that begin with two.
        return [unquote_to_bytes(each).decode() for each in path.lstrip(b"/").split(b"/")]
    except UnicodeDecodeError:
        raise Invalid("The address is not UTF-8.") from None


def _refusal(request: Request, refused: Refused) -> Response:
    if refused.status == 304:
        return Response(status_code=304)
    if _speaks_json(request):
        response = answer(resources.of_error(refused), refused.status)
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
