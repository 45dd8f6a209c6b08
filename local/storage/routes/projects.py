"""The one property of projects that this server has: the account that Cloud Storage publishes as."""

from __future__ import annotations

from starlette.responses import Response

from local.storage.request_context import RequestContext, json_response


async def get_service_account(context: RequestContext) -> Response:
    address = f"service-{context.path_names[0]}@gs-project-accounts.iam.gserviceaccount.com"
    return json_response({"kind": "storage#serviceAccount", "email_address": address})
