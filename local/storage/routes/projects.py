"""Projects: of them only the account that Cloud Storage publishes as."""

from __future__ import annotations

from starlette.responses import Response

from local.storage.call import Call, answer


async def service_account(call: Call) -> Response:
    address = f"service-{call.names[0]}@gs-project-accounts.iam.gserviceaccount.com"
    return answer({"kind": "storage#serviceAccount", "email_address": address})
