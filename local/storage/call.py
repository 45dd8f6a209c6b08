"""A request on its way to a handler, with the parts of the server that handlers work on."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from local.storage import resources
from local.storage.announcer import Announcer
from local.storage.buckets import Buckets
from local.storage.errors import BodyTooLarge, Torn, Unreadable
from local.storage.events import StorageEvent
from local.storage.faults import Faults
from local.storage.files import Files
from local.storage.objects import Change, ObjectStore
from local.storage.parts import UploadParts
from local.storage.properties import Json
from local.storage.stored import StoredObject
from local.storage.uploads import Uploads

MAX_JSON = 1024 * 1024
"""Bytes of a JSON document."""


@dataclass(slots=True)
class Parts:
    """What a server is made of."""

    buckets: Buckets
    objects: ObjectStore
    files: Files
    uploads: Uploads
    parts: UploadParts
    announcer: Announcer
    faults: Faults


@dataclass(frozen=True, slots=True)
class Call:
    """Attributes: names: the variable segments of the path, decoded."""

    request: Request
    parts: Parts
    names: tuple[str, ...]

    @property
    def origin(self) -> str:
        """The server's address as the caller wrote it: links in answers must lead back the same way."""
        return f"{self.request.scope['scheme']}://{self.request.headers.get('host', 'localhost')}"

    async def stream(self) -> AsyncGenerator[bytes]:
        """The body of an upload. Raises Torn when that fault strikes."""
        torn = self.parts.faults.strikes("torn_upload")
        half = int(self.request.headers.get("content-length") or 0) / 2
        size = 0
        async for chunk in self.request.stream():
            size += len(chunk)
            if torn and size >= half:
                raise Torn
            if chunk:
                yield chunk

    async def document(self) -> Json:
        """The body as a JSON object; empty when there is none. Raises Unreadable or BodyTooLarge."""
        body = bytearray()
        async for chunk in self.request.stream():
            body += chunk
            if len(body) > MAX_JSON:
                raise BodyTooLarge(f"A JSON document is at most {MAX_JSON} bytes.")
        return read_json(bytes(body))

    async def tell(self, change: Change) -> None:
        """Tells of a change, and lets go of the files that it left without an object."""
        await self.announce(change.events)
        for generation in change.abandoned:
            await self.parts.files.remove(generation)

    def resource(self, stored: StoredObject) -> Json:
        """The object's JSON resource, with links that lead back the caller's way."""
        return resources.of_object(stored, self.origin, self.parts.buckets.read(stored.bucket))

    async def announce(self, events: Iterable[StorageEvent]) -> None:
        await self.parts.announcer.announce(events)


Handler = Callable[[Call], Awaitable[Response]]


def read_json(body: bytes) -> Json:
    """Raises Unreadable."""
    if not body.strip():
        return {}
    try:
        document: Any = json.loads(body, parse_constant=_refuse)
    except (ValueError, RecursionError):
        raise Unreadable("Parse Error: the body is not JSON.") from None
    if not isinstance(document, dict):
        raise Unreadable("Parse Error: the body is not a JSON object.")
    return document


def _refuse(constant: str) -> None:
    """NaN and the infinities, which JSON does not have."""
    raise ValueError(constant)


def answer(content: Json, status: int = 200) -> Response:
    return Response(json.dumps(content), status, media_type="application/json")
