"""/v1/jobs/{id}/deliveries: what was sent to the job's webhook, and sending it once more."""

from __future__ import annotations

from typing import Any

from flask import Response

from ...contract.errors import NotFound
from ...http_edge.json_response import json_response
from ...notifications.deliveries import WebhookDelivery, read_delivery
from ...notifications.redelivery import replay_delivery
from ..api_call import ApiCall

HIDDEN_OF_DELIVERY = frozenset({"version", "tried"})


def list_deliveries(call: ApiCall, job_id: str) -> Response:
    """Lists the job's deliveries."""
    record = call.record(job_id)
    try:
        found = [_delivery_view(read_delivery(call.services, record.id).record)]
    except NotFound:  # no webhook, or no end yet
        found = []
    return json_response({"deliveries": found})


def replay_deliveries(call: ApiCall, job_id: str) -> Response:
    """Delivers the job's event once more and shows the delivery."""
    return json_response(_delivery_view(replay_delivery(call.services, call.record(job_id).id)))


def _delivery_view(delivery: WebhookDelivery) -> dict[str, Any]:
    return delivery.model_dump(mode="json", exclude=set(HIDDEN_OF_DELIVERY))
