"""/v1/jobs/{id}/events: the progress of a job as server-sent events.

https://html.spec.whatwg.org/multipage/server-sent-events.html
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import chain
from typing import Any

from flask import Response

from ...contract.job import JobRecord
from ...contract.states import State
from ...intake.queue_position import queue_position
from ...services import Services
from ...waiting.job_updates import follow_job
from ..api_call import ApiCall
from . import job_view

LONGEST = 600.0  # seconds of one stream: Cloud Run ends a request after 660, and the client reconnects
_RETRY_MS = 2_000  # after which a browser reconnects
_KEEP_ALIVE = b": the job goes on\n\n"
SHOWN_OF_PROGRESS = ("id", "state", "stage", "step", "steps", "progress", "preview", "attempt", "error")


def stream_events(call: ApiCall, job_id: str) -> Response:
    """Streams an event for each change of the job, and ends after its end.

    ``Last-Event-ID`` says which event the client has: that one is not sent again, and after the last one the
    answer is 204, at which a browser stops. Raises NotFound, Deleted and TooManyWaiting.
    """
    record = call.record(job_id)
    seen = call.request.headers.get("Last-Event-ID")
    if record.state.is_terminal and seen == _event_id(record):
        return Response(status=204, headers={"Cache-Control": "no-store"})
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no", "X-Content-Type-Options": "nosniff"}
    if call.request.method == "HEAD":
        return Response(mimetype="text/event-stream", headers=headers)
    updates = follow_job(call.services, record, call.arrived + LONGEST, call.is_abandoned)
    first = next(updates)  # takes the place of a waiting caller, or raises before the stream begins
    events = _events(call.services, chain((first,), updates), seen)
    return Response(events, mimetype="text/event-stream", headers=headers)


def _events(services: Services, updates: Iterator[JobRecord | None], seen: str | None) -> Iterator[bytes]:
    yield f"retry: {_RETRY_MS}\n\n".encode()
    for record in updates:
        if record is None:
            yield _KEEP_ALIVE
        elif _event_id(record) != seen:
            yield _encode_event(record, _event_view(services, record))


def _event_id(record: JobRecord) -> str:
    """Returns the id of the record's last change; the id of the end does not depend on its writer."""
    return f"{record.state}" if record.state.is_terminal else record.nonce


def _event_view(services: Services, record: JobRecord) -> dict[str, Any]:
    """Returns what an event says. The place in the queue is looked up while the job is queued only."""
    fields = record.model_dump(mode="json", include=set(SHOWN_OF_PROGRESS))
    queued = queue_position(services, record) if record.state is State.QUEUED else None
    return {**fields, "queue": queued, "url": job_view.job_url(record.id)}


def _encode_event(record: JobRecord, view: dict[str, Any]) -> bytes:
    name = "end" if record.state.is_terminal else "progress"
    return f"event: {name}\nid: {_event_id(record)}\ndata: {json.dumps(view)}\n\n".encode()
