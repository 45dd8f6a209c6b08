"""From an address to its handler, and from what handlers raise to the answer."""

from __future__ import annotations

import asyncio
from urllib.parse import unquote_to_bytes
from xml.sax.saxutils import escape

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from . import resources
from .call import Call, Handler, Parts, answer
from .errors import Invalid, MethodNotAllowed, NotFound, Refused, TooManyRequests, Torn, Unavailable
from .intake import Intake
from .routes import batch, buckets, copies, notifications, objects, projects, uploads, xml

Handlers = dict[str, Handler]

BUCKETS: Handlers = {"GET": buckets.listing, "POST": buckets.create}
BUCKET: Handlers = {
    "GET": buckets.read,
    "PATCH": buckets.patch,
    "PUT": buckets.update,
    "DELETE": buckets.delete,
}
OBJECTS: Handlers = {"GET": objects.listing}
OBJECT: Handlers = {
    "GET": objects.read,
    "HEAD": objects.read,
    "PATCH": objects.patch,
    "PUT": objects.update,
    "DELETE": objects.delete,
}
UPLOAD: Handlers = {"POST": uploads.begin, "PUT": uploads.resume, "DELETE": uploads.cancel}
CONFIGS: Handlers = {"GET": notifications.listing, "POST": notifications.create}
CONFIG: Handlers = {"GET": notifications.read, "DELETE": notifications.delete}
XML: Handlers = {
    "GET": xml.read,
    "HEAD": xml.read,
    "PUT": xml.write,
    "POST": xml.begin,
    "DELETE": xml.delete,
    "OPTIONS": xml.options,
}

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
            handlers, *names = resolve(segments)
            handler = handlers.get(request.method)
            if handler is None:
                raise MethodNotAllowed(request.method, list(handlers))
            return await handler(Call(request, self._parts, tuple(names)))
        except Refused as refused:
            return _refusal(request, refused)


def resolve(segments: list[str]) -> tuple[Handlers, *tuple[str, ...]]:
    """The handlers of an address by their method, and its variable segments. Raises NotFound."""
    match segments:
        case ["storage", "v1", *rest]:
            return _json(rest)
        case ["download", "storage", "v1", *rest]:
            return _json(rest)
        case ["upload", "storage", "v1", "b", bucket, "o"]:
            return UPLOAD, bucket
        case ["resumable", "upload", "storage", "v1", "b", bucket, "o"]:
            return UPLOAD, bucket
        case [bucket, first, *rest] if first or rest:
            return XML, bucket, "/".join([first, *rest])
        case _:
            raise NotFound("There is nothing at this address.")


def _json(segments: list[str]) -> tuple[Handlers, *tuple[str, ...]]:
    match segments:
        case ["b", bucket, "o", name]:
            return OBJECT, bucket, name
        case ["b", bucket, "o"]:
            return OBJECTS, bucket
        case ["b", bucket]:
            return BUCKET, bucket
        case ["b"]:
            return (BUCKETS,)
        case ["b", bucket, "o", name, "rewriteTo", "b", to_bucket, "o", to_name]:
            return {"POST": copies.rewrite}, bucket, name, to_bucket, to_name
        case ["b", bucket, "o", name, "copyTo", "b", to_bucket, "o", to_name]:
            return {"POST": copies.copy}, bucket, name, to_bucket, to_name
        case ["b", bucket, "o", name, "compose"]:
            return {"POST": copies.compose}, bucket, name
        case ["projects", project, "serviceAccount"]:
            return {"GET": projects.service_account}, project
        case ["b", bucket, "notificationConfigs"]:
            return CONFIGS, bucket
        case ["b", bucket, "notificationConfigs", config_id]:
            return CONFIG, bucket, config_id
        case _:
            raise NotFound("There is nothing at this address.")


def _segments(request: Request) -> list[str]:
    """Split before it is decoded: an encoded slash belongs to a name. Raises Invalid."""
    path: bytes = request.scope["raw_path"]
    try:
        return [unquote_to_bytes(each).decode() for each in path.removeprefix(b"/").split(b"/")]
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
    path: bytes = request.scope["raw_path"]
    return path.startswith((b"/storage/v1/", b"/upload/", b"/download/", b"/resumable/", b"/batch"))
