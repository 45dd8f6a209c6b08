"""Buckets."""

from __future__ import annotations

from starlette.responses import Response

from local.storage import resources
from local.storage.buckets import Bucket
from local.storage.call import Call, answer
from local.storage.errors import Required
from local.storage.listing import limit
from local.storage.preconditions import Preconditions


async def listing(call: Call) -> Response:
    query = call.request.query_params
    prefix, after = query.get("prefix", ""), query.get("pageToken", "")
    found = [each for each in call.parts.buckets.all() if each.name.startswith(prefix) and each.name > after]
    page = found[: limit(query)]
    content = {"kind": "storage#buckets", "items": [resources.of_bucket(each, call.origin) for each in page]}
    # A bucket's name is a good token: the next page begins behind it.
    return answer({**content, "nextPageToken": page[-1].name} if len(page) < len(found) else content)


async def create(call: Call) -> Response:
    return _answer(call, call.parts.buckets.create(await call.document()))


async def read(call: Call) -> Response:
    bucket = call.parts.buckets.read(call.names[0])
    Preconditions.of(call.request.query_params).check_read(bucket)
    return _answer(call, bucket)


async def patch(call: Call) -> Response:
    changes = await call.document()
    return _answer(call, call.parts.buckets.patch(_to_change(call), changes))


async def update(call: Call) -> Response:
    resource = await call.document()
    return _answer(call, call.parts.buckets.update(_to_change(call), resource))


async def delete(call: Call) -> Response:
    call.parts.buckets.delete(_to_change(call))
    return Response(status_code=204)


async def storage_layout(call: Call) -> Response:
    return answer(resources.of_storage_layout(call.parts.buckets.read(call.names[0])))


async def managed_folders(call: Call) -> Response:
    """There are none: they carry access rules, and this server has no access rules."""
    call.parts.buckets.read(call.names[0])
    return answer({"kind": "storage#managedFolders"})


async def lock_retention(call: Call) -> Response:
    if "ifMetagenerationMatch" not in call.request.query_params:
        raise Required("Locking a retention policy needs ifMetagenerationMatch.")
    return _answer(call, call.parts.buckets.lock_retention(_to_change(call)))


def _to_change(call: Call) -> Bucket:
    bucket = call.parts.buckets.read(call.names[0])
    Preconditions.of(call.request.query_params).check_write(bucket)
    return bucket


def _answer(call: Call, bucket: Bucket) -> Response:
    return answer(resources.of_bucket(bucket, call.origin))
