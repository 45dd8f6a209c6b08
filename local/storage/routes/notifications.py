"""Notification configurations of a bucket."""

from __future__ import annotations

from starlette.responses import Response

from local.storage import json_resources
from local.storage.request_context import RequestContext, json_response


async def list_configs(context: RequestContext) -> Response:
    bucket = context.path_names[0]
    configs = context.services.buckets.list_configs(bucket)
    items = [json_resources.config_resource(bucket, config, context.origin) for config in configs]
    return json_response({"kind": "storage#notifications", "items": items})


async def create_config(context: RequestContext) -> Response:
    bucket = context.path_names[0]
    config = context.services.buckets.add_config(bucket, await context.read_json())
    return json_response(json_resources.config_resource(bucket, config, context.origin))


async def get_config(context: RequestContext) -> Response:
    bucket, config_id = context.path_names
    return json_response(
        json_resources.config_resource(
            bucket, context.services.buckets.read_config(bucket, config_id), context.origin
        )
    )


async def delete_config(context: RequestContext) -> Response:
    bucket, config_id = context.path_names
    context.services.buckets.delete_config(bucket, context.services.buckets.read_config(bucket, config_id))
    return Response(status_code=204)
