"""Buckets."""

from __future__ import annotations

from starlette.responses import Response

from local.storage import json_resources
from local.storage.bucket_store import StorageBucket
from local.storage.errors import MissingValue
from local.storage.listing import page_limit
from local.storage.preconditions import Preconditions
from local.storage.request_context import RequestContext, json_response


async def list_buckets(context: RequestContext) -> Response:
    query = context.request.query_params
    prefix, after = query.get("prefix", ""), query.get("pageToken", "")
    found = [
        each
        for each in context.services.buckets.list_buckets()
        if each.name.startswith(prefix) and each.name > after
    ]
    page = found[: page_limit(query)]
    content = {
        "kind": "storage#buckets",
        "items": [json_resources.bucket_resource(each, context.origin) for each in page],
    }
    # A bucket's name is a good token: the next page begins behind it.
    return json_response({**content, "nextPageToken": page[-1].name} if len(page) < len(found) else content)


async def create_bucket(context: RequestContext) -> Response:
    return _bucket_response(context, context.services.buckets.create(await context.read_json()))


async def get_bucket(context: RequestContext) -> Response:
    bucket = context.services.buckets.read(context.path_names[0])
    Preconditions.parse(context.request.query_params).check_read(bucket)
    return _bucket_response(context, bucket)


async def patch_bucket(context: RequestContext) -> Response:
    changes = await context.read_json()
    return _bucket_response(context, context.services.buckets.patch(_bucket_to_change(context), changes))


async def update_bucket(context: RequestContext) -> Response:
    resource = await context.read_json()
    return _bucket_response(context, context.services.buckets.update(_bucket_to_change(context), resource))


async def delete_bucket(context: RequestContext) -> Response:
    context.services.buckets.delete(_bucket_to_change(context))
    return Response(status_code=204)


async def get_storage_layout(context: RequestContext) -> Response:
    return json_response(
        json_resources.storage_layout_resource(context.services.buckets.read(context.path_names[0]))
    )


async def list_managed_folders(context: RequestContext) -> Response:
    """Answers with an empty list: managed folders carry access rules, and this server has none."""
    context.services.buckets.read(context.path_names[0])
    return json_response({"kind": "storage#managedFolders"})


async def lock_retention_policy(context: RequestContext) -> Response:
    if "ifMetagenerationMatch" not in context.request.query_params:
        raise MissingValue("Locking a retention policy needs ifMetagenerationMatch.")
    return _bucket_response(context, context.services.buckets.lock_retention(_bucket_to_change(context)))


def _bucket_to_change(context: RequestContext) -> StorageBucket:
    bucket = context.services.buckets.read(context.path_names[0])
    Preconditions.parse(context.request.query_params).check_write(bucket)
    return bucket


def _bucket_response(context: RequestContext, bucket: StorageBucket) -> Response:
    return json_response(json_resources.bucket_resource(bucket, context.origin))
