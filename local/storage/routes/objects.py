"""Objects' metadata, their listing and their deletion."""

from __future__ import annotations

from collections.abc import Callable

from starlette.responses import Response

from local.storage import listing as listings
from local.storage import object_properties, unsupported_features
from local.storage.etags import check_etags
from local.storage.object_properties import Json
from local.storage.preconditions import Preconditions, parse_number
from local.storage.request_context import RequestContext, json_response
from local.storage.routes import downloads
from local.storage.stored_object import StoredObject


async def list_objects(context: RequestContext) -> Response:
    bucket = context.services.buckets.read(context.path_names[0])
    query = listings.ListingQuery.parse(context.request.query_params)
    page = listings.list_page(context.services.objects, bucket.name, query)
    content: Json = {
        "kind": "storage#objects",
        "items": [context.object_resource(each) for each in page.items],
        "prefixes": page.prefixes,
        "nextPageToken": page.next_token,
    }
    # Like the real service: a key with nothing to say is left out.
    return json_response({key: value for key, value in content.items() if value})


async def get_object(context: RequestContext) -> Response:
    """Answers with the resource, or with the bytes for ``alt=media``."""
    stored = find_object(context)
    Preconditions.parse(context.request.query_params).check_read(stored)
    check_etags(context.request.headers, stored.etag)
    if context.request.query_params.get("alt") == "media":
        return downloads.download_object(context, stored)
    return json_response(context.object_resource(stored))


async def patch_object(context: RequestContext) -> Response:
    return await _change_properties(context, object_properties.patch_properties)


async def update_object(context: RequestContext) -> Response:
    return await _change_properties(context, object_properties.replace_properties)


async def delete_object(context: RequestContext) -> Response:
    named = "generation" in context.request.query_params
    change = context.services.objects.delete(_object_to_change(context), for_good=named)
    await context.finish_change(change)
    return Response(status_code=204)


def find_object(context: RequestContext) -> StoredObject:
    """Returns the object that the path names, in the generation that the query names."""
    generation = parse_number(context.request.query_params, "generation")
    return context.services.objects.read(context.path_names[0], context.path_names[1], generation)


async def _change_properties(context: RequestContext, change: Callable[[Json, Json], Json]) -> Response:
    wanted = await context.read_json()
    unsupported_features.check_object_properties(wanted)
    stored = _object_to_change(context)
    changed = context.services.objects.change_properties(stored, change(stored.read_properties(), wanted))
    await context.finish_change(changed)
    return json_response(context.object_resource(changed.stored))


def _object_to_change(context: RequestContext) -> StoredObject:
    """Returns the object once its preconditions hold. Await nothing between this check and the change."""
    stored = find_object(context)
    Preconditions.parse(context.request.query_params).check_write(stored)
    return stored
