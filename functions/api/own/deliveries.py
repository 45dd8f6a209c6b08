"""/v1/jobs/{id}/deliveries: what was sent to the job's webhook, and sending it once more."""

from __future__ import annotations

from typing import Any

from flask import Response

from ...contract.errors import NotFound
from ...notifications.deliveries import Delivery, read
from ...notifications.redelivery import replay as deliver_again
from ..call import Call
from ..json_response import answer


def index(call: Call, job_id: str) -> Response:
    record = call.record(job_id)
    try:
        found = [_shown(read(call.services, record.id).delivery)]
    except NotFound:  # no webhook, or nothing to tell of yet
        found = []
    return answer({"deliveries": found})


def replay(call: Call, job_id: str) -> Response:
    return answer(_shown(deliver_again(call.services, call.record(job_id).id)))


def _shown(delivery: Delivery) -> dict[str, Any]:
    return delivery.model_dump(mode="json", exclude={"version", "tried"})
