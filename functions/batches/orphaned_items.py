"""Ends items that no job's end closes: the job is older than the batch, or its end was noted too late."""

from __future__ import annotations

from ..contract.batch import BatchItem
from ..contract.errors import UNREADABLE, Deleted
from ..contract.states import State
from ..contract.storage.batch_items import BatchItems
from ..services import Services


def end_orphaned_items(services: Services, batch_id: str) -> None:
    """Ends the open items of jobs that have ended, and removes open items whose end is noted already."""
    items = BatchItems(services.jobs, batch_id)
    known = {item.line for item in items.ended()}
    for item in items.open():
        if item.line in known:
            items.withdraw(item.line)
        elif item.shared and (ended := _as_ended(services, item)):
            items.end(ended)


def _as_ended(services: Services, item: BatchItem) -> BatchItem | None:
    job_id = item.job_id or ""
    try:
        manifest = services.committer.read_manifest(job_id)
    except Deleted:
        return item.ended(services.store.read_tombstone(job_id)[0].state)
    except UNREADABLE as error:  # the job has ended, and its manifest does not say how
        return item.ended(State.FAILED, error=type(error)("How the job ended cannot be read.").facts())
    return item.ended_as(manifest) if manifest else None
