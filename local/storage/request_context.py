"""A request on its way to a handler, with the parts of the server that handlers work on."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from local.storage import json_resources
from local.storage.body_files import BodyFiles
from local.storage.bucket_store import BucketStore
from local.storage.errors import BodyTooLarge, ConnectionDropped, UnreadableBody
from local.storage.event_notifier import EventNotifier
from local.storage.events import StorageEvent
from local.storage.faults import StorageFaults
from local.storage.object_properties import Json
from local.storage.object_store import ObjectChange, ObjectStore
from local.storage.resumable_uploads import ResumableUploads
from local.storage.stored_object import StoredObject
from local.storage.upload_parts import UploadParts

MAX_JSON = 1024 * 1024
"""Bytes of a JSON document."""


@dataclass(slots=True)
class StorageServices:
    """The parts of a server that handlers use."""

    buckets: BucketStore
    objects: ObjectStore
    files: BodyFiles
    uploads: ResumableUploads
    upload_parts: UploadParts
    notifier: EventNotifier
    faults: StorageFaults
    operations: Counter[str] = field(default_factory=Counter[str])  # those that took effect, by their names


@dataclass(frozen=True, slots=True)
class RequestContext:
    """Attributes: names: the variable segments of the path, decoded."""

    request: Request
    services: StorageServices
    path_names: tuple[str, ...]

    @property
    def origin(self) -> str:
        """Returns the server's address as the caller wrote it, for links in answers."""
        return f"{self.request.scope['scheme']}://{self.request.headers.get('host', 'localhost')}"

    async def stream_body(self) -> AsyncGenerator[bytes]:
        """Yields the body of an upload. Raises ConnectionDropped when that fault strikes."""
        torn = self.services.faults.strikes("torn_upload")
        half = int(self.request.headers.get("content-length") or 0) / 2
        size = 0
        async for chunk in self.request.stream():
            size += len(chunk)
            if torn and size >= half:
                raise ConnectionDropped
            if chunk:
                yield chunk

    async def read_json(self) -> Json:
        """Returns the body as a JSON object; empty when there is none.

        Raises UnreadableBody or BodyTooLarge.
        """
        body = bytearray()
        async for chunk in self.request.stream():
            body += chunk
            if len(body) > MAX_JSON:
                raise BodyTooLarge(f"A JSON document is at most {MAX_JSON} bytes.")
        return parse_json_object(bytes(body))

    async def finish_change(self, change: ObjectChange) -> None:
        """Sends the events of a change and deletes the files that it left without an object."""
        await self.notify(change.events)
        for generation in change.abandoned:
            await self.services.files.remove(generation)

    def object_resource(self, stored: StoredObject) -> Json:
        """Returns the object's JSON resource, with links that the caller can follow."""
        return json_resources.object_resource(stored, self.origin, self.services.buckets.read(stored.bucket))

    async def notify(self, events: Iterable[StorageEvent]) -> None:
        await self.services.notifier.notify(events)


RouteHandler = Callable[[RequestContext], Awaitable[Response]]


def parse_json_object(body: bytes) -> Json:
    """Raises UnreadableBody."""
    if not body.strip():
        return {}
    try:
        document: Any = json.loads(body, parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        raise UnreadableBody("Parse Error: the body is not JSON.") from None
    if not isinstance(document, dict):
        raise UnreadableBody("Parse Error: the body is not a JSON object.")
    return document


def _refuse_constant(constant: str) -> None:
    """Refuses NaN and the infinities, which JSON does not have."""
    raise ValueError(constant)


def json_response(content: Json, status: int = 200) -> Response:
    return Response(json.dumps(content), status, media_type="application/json")
