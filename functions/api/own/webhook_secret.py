"""/v1/webhook-secret: the secrets with which the caller's receivers check signatures."""

from __future__ import annotations

from flask import Response

from ...contract.errors import NotFound
from ...http_edge.json_response import json_response
from ...notifications.webhook_secrets import webhook_secrets_of
from ..api_call import ApiCall


def show_secrets(call: ApiCall) -> Response:
    """Shows the caller's secrets, the newest first; while one is replaced there are two, and each call has
    both.

    Raises NotFound where the deployment has no secret and takes no webhooks.
    """
    secrets = webhook_secrets_of(call.services.settings, call.owner)
    if not secrets:
        raise NotFound("This deployment has no webhook secret, so it calls no webhooks.")
    return json_response({"owner": call.owner, "secrets": list(secrets)})
