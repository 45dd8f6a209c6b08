"""Notification configurations of a bucket."""

from __future__ import annotations

from starlette.responses import Response

from local.storage import resources
from local.storage.call import Call, answer


async def listing(call: Call) -> Response:
    bucket = call.names[0]
    configs = call.parts.buckets.configs(bucket)
    items = [resources.of_config(bucket, config, call.origin) for config in configs]
    return answer({"kind": "storage#notifications", "items": items})


async def create(call: Call) -> Response:
    bucket = call.names[0]
    config = call.parts.buckets.add_config(bucket, await call.document())
    return answer(resources.of_config(bucket, config, call.origin))


async def read(call: Call) -> Response:
    bucket, config_id = call.names
    return answer(resources.of_config(bucket, call.parts.buckets.config(bucket, config_id), call.origin))


async def delete(call: Call) -> Response:
    bucket, config_id = call.names
    call.parts.buckets.delete_config(bucket, call.parts.buckets.config(bucket, config_id))
    return Response(status_code=204)
