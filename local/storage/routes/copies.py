"""Rewrite, copy and compose: objects made of objects."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import ExitStack
from typing import Any

from starlette.responses import Response

from local.storage import name_rules, object_properties, unsupported_features
from local.storage.errors import InvalidValue, MissingValue
from local.storage.object_properties import Json
from local.storage.object_store import ObjectChange
from local.storage.preconditions import Preconditions, parse_number
from local.storage.request_context import RequestContext, json_response
from local.storage.stored_object import StoredObject

MAX_SOURCES = 32
"""Objects that one compose takes."""


async def rewrite_object(context: RequestContext) -> Response:
    """Copies an object, always in one step: bodies are shared, not moved."""
    change = await _make_copy(context)
    size = str(change.stored.size)
    content = {
        "kind": "storage#rewriteResponse",
        "totalBytesRewritten": size,
        "objectSize": size,
        "done": True,
        "resource": context.object_resource(change.stored),
    }
    return json_response(content)


async def copy_object(context: RequestContext) -> Response:
    change = await _make_copy(context)
    return json_response(context.object_resource(change.stored))


async def move_object(context: RequestContext) -> Response:
    """Renames an object in its bucket, in one step."""
    bucket, from_name, to_name = context.path_names
    query = context.request.query_params
    source = context.services.objects.read(bucket, from_name)
    Preconditions.parse(query, "ifSource").check_write(source)
    change = context.services.objects.move(
        source, name_rules.check_object_name(to_name), source.read_properties(), Preconditions.parse(query)
    )
    await context.finish_change(change)
    return json_response(context.object_resource(change.stored))


async def compose_objects(context: RequestContext) -> Response:
    document = await context.read_json()
    bucket, name = context.path_names[0], name_rules.check_object_name(context.path_names[1])
    unsupported_features.check_compose_request(document)
    destination = _optional_object(document.get("destination"))
    unsupported_features.check_object_properties(destination)
    preconditions = Preconditions.parse(context.request.query_params)
    sources = _find_sources(context, document.get("sourceObjects"))
    # What is composed is of the first source's type, unless the request names one.
    wanted = object_properties.new_properties(destination, sources[0].read_properties().get("contentType"))
    preconditions.check_write(context.services.objects.find_live(bucket, name))
    with context.services.files.new_incoming() as incoming:
        async for chunk in _join_bodies(context, sources):
            await incoming.write(chunk)
        body = await incoming.finish(components=sum(source.components or 1 for source in sources))
        change = context.services.objects.insert(bucket, name, body, wanted, preconditions)
    await context.finish_change(change)
    return json_response(context.object_resource(change.stored))


async def _make_copy(context: RequestContext) -> ObjectChange:
    from_bucket, from_name, to_bucket, to_name = context.path_names
    wanted = await context.read_json()
    unsupported_features.check_object_properties(wanted)
    query = context.request.query_params
    source = context.services.objects.read(from_bucket, from_name, parse_number(query, "sourceGeneration"))
    Preconditions.parse(query, "ifSource").check_write(source)
    change = context.services.objects.copy(
        source,
        to_bucket,
        name_rules.check_object_name(to_name),
        object_properties.copy_properties(source.read_properties(), wanted),
        Preconditions.parse(query),
    )
    await context.finish_change(change)
    return change


def _find_sources(context: RequestContext, listed: Any) -> list[StoredObject]:
    if not listed or not isinstance(listed, list):
        raise MissingValue("You must provide at least one source component.")
    if len(listed) > MAX_SOURCES:
        raise InvalidValue(f"The number of source components provided exceeds {MAX_SOURCES}.")
    return [_find_source(context, _optional_object(each)) for each in listed]


def _find_source(context: RequestContext, listed: Json) -> StoredObject:
    name = name_rules.check_object_name(listed.get("name"))
    found = context.services.objects.read(context.path_names[0], name, parse_number(listed, "generation"))
    Preconditions.parse(_optional_object(listed.get("objectPreconditions"))).check_write(found)
    return found


def _optional_object(value: Any) -> Json:
    """Returns an optional part of the document. Raises InvalidValue."""
    if value is not None and not isinstance(value, dict):
        raise InvalidValue("The body does not have the shape of a compose request.")
    return value or {}


async def _join_bodies(context: RequestContext, sources: list[StoredObject]) -> AsyncIterator[bytes]:
    # All are opened before the first is read: an object that is deleted now can still be read.
    with ExitStack() as stack:
        bodies = [context.services.objects.open(source) for source in sources]
        for file in bodies:
            if not isinstance(file, bytes):
                stack.enter_context(file)
        for source, body in zip(sources, bodies, strict=True):
            if isinstance(body, bytes):
                yield body
                continue
            async for chunk in context.services.files.read_chunks(body, 0, source.size):
                yield chunk
