"""/v1/overview: what happens in the deployment, for operators. It shows ids and states, never a prompt."""

from __future__ import annotations

from typing import Any

from flask import Response

from ...contract import ids
from ...contract.job import JobRecord
from ...contract.timestamps import format_time
from ...http_edge.json_response import json_response
from ...notifications.deliveries import WebhookDelivery
from ...notifications.failure_notes import FailureNote
from ...notifications.redelivery import replay_delivery
from ...operations.overview import QueueState, WorkerState, read_overview
from ..api_call import ApiCall
from .deliveries import HIDDEN_OF_DELIVERY

HIDDEN_OF_LATE_DELIVERY = HIDDEN_OF_DELIVERY | {"url", "receiver"}
"""An operator sees what came of another owner's webhook, and not its address, which may hold a secret."""
SHOWN_OF_RUNNING = ("id", "owner", "model", "state", "stage", "progress", "attempt", "created", "deadline")


def show_overview(call: ApiCall) -> Response:
    """Shows the queue, the workers, and what failed lately, of all owners."""
    found = read_overview(call.services)
    return json_response(
        {
            "queues": [_queue_view(each) for each in found.queues],
            "running": [_running_view(each) for each in found.running],
            "workers": [_worker_view(each) for each in found.workers],
            "deliveries": [_delivery_view(each) for each in found.deliveries],
            "failures": [_failure_view(each) for each in found.failures],
            "set_aside": found.set_aside,
            "complete": found.is_complete,
        }
    )


def replay_any_delivery(call: ApiCall, job_id: str) -> Response:
    """Delivers the end of a job of any owner once more and shows the delivery."""
    return json_response(_delivery_view(replay_delivery(call.services, ids.check_job_id(job_id))))


def _queue_view(queue: QueueState) -> dict[str, Any]:
    return {
        "lane": queue.lane,
        "priority": queue.priority,
        "open": queue.open,
        "oldest": format_time(queue.oldest),
    }


def _running_view(record: JobRecord) -> dict[str, Any]:
    shown = record.model_dump(mode="json", include=set(SHOWN_OF_RUNNING))
    return {**shown, "task": record.request.task, "worker": record.lease.holder if record.lease else None}


def _worker_view(worker: WorkerState) -> dict[str, Any]:
    return {"name": worker.name, "jobs": worker.jobs}


def _delivery_view(delivery: WebhookDelivery) -> dict[str, Any]:
    return delivery.model_dump(mode="json", exclude=set(HIDDEN_OF_LATE_DELIVERY))


def _failure_view(note: FailureNote) -> dict[str, Any]:
    return {
        "id": note.job_id,
        "state": note.state,
        "code": note.code,
        "stage": note.stage or None,
        "model": note.model,
        "ended": format_time(note.ended),
    }
