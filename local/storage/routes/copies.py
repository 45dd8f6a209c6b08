"""Rewrite, copy and compose: objects made of objects."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import ExitStack
from typing import Any

from starlette.responses import Response

from local.storage import names, properties, unsupported
from local.storage.call import Call, answer
from local.storage.errors import Invalid, Required
from local.storage.objects import Change
from local.storage.preconditions import Preconditions, number
from local.storage.properties import Json
from local.storage.stored import StoredObject

MAX_SOURCES = 32
"""Objects that one compose takes."""


async def rewrite(call: Call) -> Response:
    """Always done in one step: bodies are shared, not moved."""
    change = await _copy(call)
    size = str(change.stored.size)
    content = {
        "kind": "storage#rewriteResponse",
        "totalBytesRewritten": size,
        "objectSize": size,
        "done": True,
        "resource": call.resource(change.stored),
    }
    return answer(content)


async def copy(call: Call) -> Response:
    change = await _copy(call)
    return answer(call.resource(change.stored))


async def move(call: Call) -> Response:
    """Another name in the same bucket, in one step."""
    bucket, from_name, to_name = call.names
    query = call.request.query_params
    source = call.parts.objects.read(bucket, from_name)
    Preconditions.of(query, "ifSource").check_write(source)
    change = call.parts.objects.move(
        source, names.check_object(to_name), source.said(), Preconditions.of(query)
    )
    await call.tell(change)
    return answer(call.resource(change.stored))


async def compose(call: Call) -> Response:
    document = await call.document()
    bucket, name = call.names[0], names.check_object(call.names[1])
    unsupported.check_compose(document)
    destination = _object(document.get("destination"))
    unsupported.check_object(destination)
    preconditions = Preconditions.of(call.request.query_params)
    sources = _sources(call, document.get("sourceObjects"))
    # What is composed is of the first source's type, unless the request names one.
    wanted = properties.created(destination, sources[0].said().get("contentType"))
    preconditions.check_write(call.parts.objects.find(bucket, name))
    with call.parts.files.incoming() as incoming:
        async for chunk in _joined(call, sources):
            await incoming.write(chunk)
        body = await incoming.finish(components=sum(source.components or 1 for source in sources))
        change = call.parts.objects.insert(bucket, name, body, wanted, preconditions)
    await call.tell(change)
    return answer(call.resource(change.stored))


async def _copy(call: Call) -> Change:
    from_bucket, from_name, to_bucket, to_name = call.names
    wanted = await call.document()
    unsupported.check_object(wanted)
    query = call.request.query_params
    source = call.parts.objects.read(from_bucket, from_name, number(query, "sourceGeneration"))
    Preconditions.of(query, "ifSource").check_write(source)
    change = call.parts.objects.copy(
        source,
        to_bucket,
        names.check_object(to_name),
        properties.copied(source.said(), wanted),
        Preconditions.of(query),
    )
    await call.tell(change)
    return change


def _sources(call: Call, listed: Any) -> list[StoredObject]:
    if not listed or not isinstance(listed, list):
        raise Required("You must provide at least one source component.")
    if len(listed) > MAX_SOURCES:
        raise Invalid(f"The number of source components provided exceeds {MAX_SOURCES}.")
    return [_source(call, _object(each)) for each in listed]


def _source(call: Call, listed: Json) -> StoredObject:
    name = names.check_object(listed.get("name"))
    found = call.parts.objects.read(call.names[0], name, number(listed, "generation"))
    Preconditions.of(_object(listed.get("objectPreconditions"))).check_write(found)
    return found


def _object(value: Any) -> Json:
    """A part of the document that may be left out. Raises Invalid."""
    if value is not None and not isinstance(value, dict):
        raise Invalid("The body does not have the shape of a compose request.")
    return value or {}


async def _joined(call: Call, sources: list[StoredObject]) -> AsyncIterator[bytes]:
    # All are opened before the first is read: what is deleted meanwhile can still be read.
    with ExitStack() as stack:
        bodies = [call.parts.objects.open(source) for source in sources]
        for file in bodies:
            if not isinstance(file, bytes):
                stack.enter_context(file)
        for source, body in zip(sources, bodies, strict=True):
            if isinstance(body, bytes):
                yield body
                continue
            async for chunk in call.parts.files.chunks(body, 0, source.size):
                yield chunk
