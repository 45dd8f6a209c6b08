"""A batch as OpenAI's clients read it.

| ours        | OpenAI's                                                                          |
|-------------|-----------------------------------------------------------------------------------|
| `reading`   | `validating` until the file was looked through, then `in_progress`                |
| `running`   | `in_progress`; `finalizing` once every line has ended                             |
| `canceling` | `cancelling`                                                                      |
| `completed` | `completed`; `expired` if a line did not end within the batch's window            |
| `failed`    | `failed`: the file was refused, and `errors` says why                             |
| `canceled`  | `cancelled`                                                                       |
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from ....contract.batch import BatchRecord, BatchState
from ....contract.states import State
from ....services import Services
from ...batch_access import item_counts
from ..file_ids import OutputKind
from .batch_lines import facts_of_batch
from .batch_output import output_file

_WINDOW = timedelta(hours=24)
_OPEN = (State.QUEUED, State.RUNNING, State.CANCELING)
_FAILED = ("refused", State.FAILED, State.BLOCKED, State.EXPIRED)


def batch_view(services: Services, record: BatchRecord) -> dict[str, Any]:
    """Returns the batch. The lines of an open one are counted anew. Raises Transient."""
    facts, counts = facts_of_batch(record), item_counts(services, record)
    status = batch_status(record, counts)
    return {
        "id": record.id,
        "object": "batch",
        "endpoint": facts.endpoint,
        "errors": _errors(record),
        "input_file_id": facts.input_file_id,
        "completion_window": "24h",
        "status": status,
        "output_file_id": _file_id(record, OutputKind.OUTPUT),
        "error_file_id": _file_id(record, OutputKind.ERRORS),
        **_times(record, status),
        "request_counts": {
            "total": sum(counts.values()),
            "completed": counts.get(State.SUCCEEDED, 0),
            "failed": sum(counts.get(state, 0) for state in _FAILED),
        },
        "metadata": facts.metadata,
    }


def batch_status(record: BatchRecord, counts: dict[str, int]) -> str:
    """Returns OpenAI's word for the batch's state."""
    if record.state is BatchState.READING:
        return "validating" if record.lines is None else "in_progress"
    if record.state is BatchState.RUNNING:
        return "in_progress" if any(counts.get(state) for state in _OPEN) else "finalizing"
    if record.state is BatchState.COMPLETED:
        return "expired" if counts.get(State.EXPIRED) else "completed"
    return {
        BatchState.CANCELING: "cancelling",
        BatchState.CANCELED: "cancelled",
        BatchState.FAILED: "failed",
    }[record.state]


def _errors(record: BatchRecord) -> dict[str, Any] | None:
    """Returns why the file was refused, or could not be read to its end."""
    if record.error is None:
        return None
    data: list[dict[str, Any]] = [
        {"code": fault.code, "line": fault.line, "message": fault.message, "param": fault.field}
        for fault in record.faults
    ]
    whole = {"code": record.error.code, "line": None, "message": record.error.message, "param": None}
    return {"object": "list", "data": data or [whole]}


def _file_id(record: BatchRecord, kind: OutputKind) -> str | None:
    file = output_file(record, kind)
    return file.id if file else None


def _times(record: BatchRecord, status: str) -> dict[str, int | None]:
    ended, began = record.ended, None if status in ("validating", "failed") else record.created
    return {
        "created_at": int(record.created.timestamp()),
        "in_progress_at": _seconds(began),
        "expires_at": _seconds(record.created + _WINDOW),
        "finalizing_at": _seconds(ended if status in ("completed", "expired") else None),
        "completed_at": _seconds(ended if status == "completed" else None),
        "failed_at": _seconds(ended if status == "failed" else None),
        "expired_at": _seconds(ended if status == "expired" else None),
        "cancelling_at": _seconds(record.canceled),
        "cancelled_at": _seconds(ended if status == "cancelled" else None),
    }


def _seconds(moment: datetime | None) -> int | None:
    return None if moment is None else int(moment.timestamp())
