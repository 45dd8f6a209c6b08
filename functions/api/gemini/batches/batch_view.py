"""A batch as a long-running operation of Google's.

| ours        | Google's                                                       |
|-------------|----------------------------------------------------------------|
| `reading`   | `PENDING` until the first lines are jobs, then `RUNNING`       |
| `running`   | `RUNNING`                                                      |
| `canceling` | `RUNNING`                                                      |
| `completed` | `SUCCEEDED`; `EXPIRED` if no line was drawn in time            |
| `failed`    | `FAILED`: the file cannot be read                              |
| `canceled`  | `CANCELLED`                                                    |
"""

from __future__ import annotations

from typing import Any

from ....contract.batch import BatchRecord, BatchState
from ....contract.errors import error_from_facts
from ....contract.states import State
from ....contract.timestamps import format_time
from ....services import Services
from ...batch_access import item_counts
from ..errors import status_of_error
from .batch_lines import facts_of_batch

_TYPE = "type.googleapis.com/google.ai.generativelanguage.v1beta."
_FAILED = ("refused", State.FAILED, State.BLOCKED, State.EXPIRED, State.CANCELED)


def batch_operation(
    services: Services, record: BatchRecord, output: dict[str, Any] | None = None
) -> dict[str, Any]:
    """Returns the operation. The lines of an open batch are counted anew. Raises Transient."""
    facts, counts = facts_of_batch(record), item_counts(services, record)
    name = f"batches/{record.id}"
    metadata: dict[str, Any] = {
        "@type": f"{_TYPE}GenerateContentBatch",
        "name": name,
        "model": f"models/{facts.model}",
        "displayName": facts.display_name,
        "state": f"BATCH_STATE_{name_of_state(record, counts)}",
        "createTime": format_time(record.created),
        "updateTime": format_time(record.updated),
        "batchStats": _stats(counts),
    }
    if record.ended is not None:
        metadata["endTime"] = format_time(record.ended)
    if output is not None:
        metadata["output"] = output
    operation: dict[str, Any] = {"name": name, "metadata": metadata}
    if not record.state.is_terminal:
        return operation
    operation["done"] = True
    if record.state is BatchState.FAILED and record.error is not None:
        operation["error"] = status_of_error(error_from_facts(record.error))
    elif output is not None:
        operation["response"] = {"@type": f"{_TYPE}GenerateContentBatch.Output", **output}
    return operation


def name_of_state(record: BatchRecord, counts: dict[str, int]) -> str:
    """Returns Google's name of the batch's state, without what it begins with."""
    if record.state is BatchState.READING and not counts:
        return "PENDING"
    if record.state is BatchState.COMPLETED:
        is_late = counts.get(State.EXPIRED) and not counts.get(State.SUCCEEDED)
        return "EXPIRED" if is_late else "SUCCEEDED"
    names = {BatchState.FAILED: "FAILED", BatchState.CANCELED: "CANCELLED"}
    return names.get(record.state, "RUNNING")


def _stats(counts: dict[str, int]) -> dict[str, str]:
    """Returns how many requests there are, as texts: so Google's JSON writes its long numbers."""
    drawn, failed, pending = count_ends(counts)
    found = {
        "requestCount": drawn + failed + pending,
        "successfulRequestCount": drawn,
        "failedRequestCount": failed,
        "pendingRequestCount": pending,
    }
    return {name: str(number) for name, number in found.items()}


def count_ends(counts: dict[str, int]) -> tuple[int, int, int]:
    """Returns how many requests have a picture, how many will never have one, and how many are open."""
    drawn = counts.get(State.SUCCEEDED, 0)
    failed = sum(counts.get(state, 0) for state in _FAILED)
    return drawn, failed, sum(counts.values()) - drawn - failed
