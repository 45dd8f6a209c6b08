"""Cancels a batch: no further line is read, and all of its jobs that have not ended are canceled."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from functools import partial
from itertools import islice
from time import monotonic

from ..contract import ids
from ..contract.batch import BatchItem, BatchRecord, BatchState
from ..contract.document import now
from ..contract.errors import UNREADABLE, Canceled, Deleted, IllegalTransition, NotFound
from ..contract.states import State
from ..contract.storage.batch_items import BatchItems
from ..contract.storage.batch_store import LONGEST_PART
from ..lifecycle.cancellation import cancel_job
from ..services import Services
from . import vertex_prediction

_CHUNK = 64
_HANDS = 8


def request_cancel(services: Services, batch_id: str) -> BatchRecord:
    """Returns the batch, now ``canceling``. The write of its record triggers the rest: see ``state_machine``.

    Canceling twice has the effect of once. Raises NotFound, and IllegalTransition for a batch that ended
    otherwise.
    """

    def asked(record: BatchRecord) -> BatchRecord | None:
        open_still = record.state in (BatchState.READING, BatchState.RUNNING)
        return record.changed(state=BatchState.CANCELING, canceled=now()) if open_still else None

    record = services.batch_store.change(batch_id, asked).record
    if record.state in (BatchState.COMPLETED, BatchState.FAILED):
        raise IllegalTransition(f"The batch has ended already: it {_describe_end(record.state)}.")
    return record


def _describe_end(state: BatchState) -> str:
    return "was completed" if state is BatchState.COMPLETED else "failed"


def cancel_open_jobs(services: Services, record: BatchRecord, seconds: float) -> bool:
    """Cancels open jobs for ``seconds``. Returns True if it reached all of them. Raises Transient.

    A leased job becomes ``canceling``, and its end is noted like any other's. A job that is older than the
    batch is not canceled: its line ends, and the job goes on.
    """
    if record.prediction is not None:
        vertex_prediction.cancel_prediction(services, record.prediction)
    ends, items = monotonic() + seconds, BatchItems(services.jobs, record.id)
    opened = items.open()
    with ThreadPoolExecutor(_HANDS, "cancel") as hands:
        while chunk := list(islice(opened, _CHUNK)):
            list(hands.map(partial(_cancel_item, services, items, record.canceled or now()), chunk))
            if monotonic() > ends:
                return next(opened, None) is None
    return True


def _cancel_item(services: Services, items: BatchItems, asked: datetime, item: BatchItem) -> None:
    canceled = item.ended(State.CANCELED, error=Canceled("The batch was canceled.").facts())
    try:
        if item.shared or _was_there_before(services, items.batch_id, item):
            items.end(canceled)
            return
        job = cancel_job(services, item.job_id or "")
    except IllegalTransition:  # it has ended: its manifest decides
        return
    except (Deleted, *UNREADABLE):
        items.end(canceled)
        return
    except (
        NotFound
    ):  # not admitted yet: its reader comes back to it after the cancel, unless that process died
        if now() - asked > LONGEST_PART:
            items.end(canceled)
        return
    if job.state.is_terminal:
        items.end(item.ended(job.state, job.images, job.error))


def _was_there_before(services: Services, batch_id: str, item: BatchItem) -> bool:
    """Returns True if the job names another source. The item may not say so yet if its reader died."""
    job = services.store.read(item.job_id or "").record
    return job.source != ids.batch_source(batch_id, item.line)
