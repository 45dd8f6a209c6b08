"""``/sdapi/v1/progress`` and ``interrupt``: the caller's newest job of this interface."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime
from typing import Any

from flask import Response

from ...contract.document import now
from ...contract.errors import IllegalTransition, NotFound
from ...contract.job import JobRecord
from ...contract.states import State
from ...http_edge.json_response import json_response
from ...lifecycle.cancellation import cancel_job
from ..api_call import ApiCall
from .image_job import LABEL

_LOOKED_AT = 20  # newest jobs


def show_progress(call: ApiCall) -> Response:
    """Shows how far the caller's newest job is; nothing where none runs."""
    record = _newest_open_job(call)
    return json_response(_idle() if record is None else _progress_of(record, now()))


def interrupt(call: ApiCall) -> Response:
    """Cancels the caller's newest job of this interface, if one runs."""
    record = _newest_open_job(call)
    if record is not None:
        with suppress(IllegalTransition, NotFound):  # it has ended in the meantime
            cancel_job(call.services, record.id)
    return json_response({})


def _newest_open_job(call: ApiCall) -> JobRecord | None:
    store = call.services.store
    for entry in store.list_jobs(call.owner, labels=LABEL, limit=_LOOKED_AT).entries:
        if State(entry.state).is_terminal:
            continue
        record = store.read(entry.id).record
        if not record.state.is_terminal:
            return record
    return None


def _progress_of(record: JobRecord, at: datetime) -> dict[str, Any]:
    done = record.progress
    elapsed = (at - record.created).total_seconds()
    preview = (record.preview or "").partition(",")[2]
    return {
        "progress": done,
        "eta_relative": elapsed * (1 - done) / done if done else 0.0,
        "state": {
            **_idle()["state"],
            "interrupted": record.state is State.CANCELING,
            "job": record.id,
            "job_count": 1,
            "job_timestamp": f"{record.created:%Y%m%d%H%M%S}",
            "sampling_step": record.step or 0,
            "sampling_steps": record.steps or 0,
        },
        "current_image": preview or None,
        "textinfo": record.stage,
    }


def _idle() -> dict[str, Any]:
    state = {
        "skipped": False,
        "interrupted": False,
        "stopping_generation": False,
        "job": "",
        "job_count": 0,
        "job_timestamp": "0",
        "job_no": 0,
        "sampling_step": 0,
        "sampling_steps": 0,
    }
    return {"progress": 0.0, "eta_relative": 0.0, "state": state, "current_image": None, "textinfo": None}
