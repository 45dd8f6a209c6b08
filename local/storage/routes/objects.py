"""Objects' metadata, their listing and their deletion."""

from __future__ import annotations

from collections.abc import Callable

from starlette.responses import Response

from local.storage import listing as listings
from local.storage import properties, unsupported
from local.storage.call import Call, answer
from local.storage.etags import check_etags
from local.storage.preconditions import Preconditions, number
from local.storage.properties import Json
from local.storage.routes import downloads
from local.storage.stored import StoredObject


async def listing(call: Call) -> Response:
    bucket = call.parts.buckets.read(call.names[0])
    query = listings.Query.of(call.request.query_params)
    page = listings.page(call.parts.objects, bucket.name, query)
    content: Json = {
        "kind": "storage#objects",
        "items": [call.resource(each) for each in page.items],
        "prefixes": page.prefixes,
        "nextPageToken": page.next_token,
    }
    # Like the real service: a key with nothing to say is left out.
    return answer({key: value for key, value in content.items() if value})


async def read(call: Call) -> Response:
    """The resource, or the bytes with ``alt=media``."""
    stored = find(call)
    Preconditions.of(call.request.query_params).check_read(stored)
    check_etags(call.request.headers, stored.etag)
    if call.request.query_params.get("alt") == "media":
        return downloads.download(call, stored)
    return answer(call.resource(stored))


async def patch(call: Call) -> Response:
    return await _change(call, properties.patched)


async def update(call: Call) -> Response:
    return await _change(call, properties.replaced)


async def delete(call: Call) -> Response:
    named = "generation" in call.request.query_params
    change = call.parts.objects.delete(_to_change(call), for_good=named)
    await call.tell(change)
    return Response(status_code=204)


def find(call: Call) -> StoredObject:
    """The object that the path names, in the generation that the query names."""
    generation = number(call.request.query_params, "generation")
    return call.parts.objects.read(call.names[0], call.names[1], generation)


async def _change(call: Call, change: Callable[[Json, Json], Json]) -> Response:
    wanted = await call.document()
    unsupported.check_object(wanted)
    stored = _to_change(call)
    changed = call.parts.objects.change(stored, change(stored.said(), wanted))
    await call.tell(changed)
    return answer(call.resource(changed.stored))


def _to_change(call: Call) -> StoredObject:
    """Nothing may be awaited between this check and the change."""
    stored = find(call)
    Preconditions.of(call.request.query_params).check_write(stored)
    return stored
