"""How a batch ends: its items end as their jobs do, and whoever sees the last one writes the summary."""

from __future__ import annotations

from contextlib import suppress

from ..contract.batch import BatchItem, BatchManifest, BatchRecord, BatchState
from ..contract.errors import Deleted, ErrorFacts, NotFound, Overtaken
from ..contract.manifest import Manifest
from ..contract.states import State
from ..contract.storage import paths
from ..contract.storage.batch_store import BatchStore
from ..contract.storage.bucket import NEW
from ..contract.telemetry.log import log
from ..lifecycle.unreadable_records import UNREADABLE
from ..services import Services
from .items import BatchItems

_ENDINGS = {BatchState.RUNNING: BatchState.COMPLETED, BatchState.CANCELING: BatchState.CANCELED}


def note_end(services: Services, manifest: Manifest) -> None:
    """Notes the end of a batch's job with its line; of another job, nothing.

    It costs the same for every job, however large the batch is. Safe to repeat. Raises Transient.
    """
    found = paths.batch_of_source(manifest.origin.source)
    if found is None:
        return
    batch_id, line = found
    items = BatchItems(services.jobs, batch_id)
    item = items.find_open(line)
    if item is not None:  # else it was noted before, and perhaps not what follows from it
        items.end(item.ended(manifest.state, tuple(image.name for image in manifest.images), manifest.error))
    with suppress(*UNREADABLE):  # ``sweep`` reports the batch; its jobs end all the same
        close_if_all_ended(services, batch_id)


def close_if_all_ended(services: Services, batch_id: str) -> bool:
    """Writes the summary if every line was read and has ended. Raises Transient."""
    if not BatchItems(services.jobs, batch_id).is_all_ended():
        return False
    try:
        record = BatchStore(services.jobs).read(batch_id).record
    except NotFound:  # deleted, or too old: nobody asks for it any more
        return False
    if record.state not in _ENDINGS:
        return record.state.is_terminal
    if record.state is BatchState.CANCELING and not _is_read_and_ended(services, batch_id):
        return False
    end(services, record, _ENDINGS[record.state])
    return True


def _is_read_and_ended(services: Services, batch_id: str) -> bool:
    """True if nobody reads a canceled batch's file any more, and every line that was read has ended.

    In this order: a reader puts its last items before it leaves, and comes back to them. After the cancel no
    other reads on.
    """
    if BatchStore(services.jobs).is_being_read(batch_id):
        return False
    return BatchItems(services.jobs, batch_id).is_all_ended()


def end(
    services: Services, record: BatchRecord, state: BatchState, error: ErrorFacts | None = None
) -> BatchManifest:
    """Commits the summary, then brings the record into line with the one that stands, whoever wrote it."""
    items = tuple(BatchItems(services.jobs, record.id).ended())
    record = record.model_copy(update={"error": error or record.error})
    manifest = _commit(services, BatchManifest.of(record, state, items))
    settle(services, manifest)
    return manifest


def summary(services: Services, batch_id: str) -> BatchManifest | None:
    """The summary that stands, if the batch has ended. Raises UnsupportedVersion and Transient."""
    try:
        return BatchManifest.parse(services.results.get(paths.batch_manifest(batch_id)).data)
    except NotFound:
        return None


def _commit(services: Services, manifest: BatchManifest) -> BatchManifest:
    name = paths.batch_manifest(manifest.batch_id)
    try:
        metadata = {"state": str(manifest.state)}
        services.results.put(name, manifest.encode(), if_generation=NEW, metadata=metadata)
    except Overtaken:
        return BatchManifest.parse(services.results.get(name).data)
    seconds = round((manifest.ended - manifest.created).total_seconds(), 3)
    log(
        "batch.ended",
        batch_id=manifest.batch_id,
        state=str(manifest.state),
        items=len(manifest.items),
        counts=manifest.counts,
        seconds=seconds,
    )
    return manifest


def settle(services: Services, manifest: BatchManifest) -> None:
    """Brings the record and its index entry into line with the summary."""
    store = BatchStore(services.jobs)

    def follow(record: BatchRecord) -> BatchRecord | None:
        if record.state.is_terminal:
            return None
        return record.changed(
            state=manifest.state, ended=manifest.ended, counts=manifest.counts, error=manifest.error
        )

    with suppress(NotFound):
        store.index(store.change(manifest.batch_id, follow).record)


def adopt(services: Services, batch_id: str) -> None:
    """Ends the open items that no job's end does: of jobs that are older than the batch, or noted late."""
    items = BatchItems(services.jobs, batch_id)
    known = {item.line for item in items.ended()}
    for item in items.open():
        if item.line in known:
            items.withdraw(item.line)
        elif item.shared and (ended := _ended(services, item)):
            items.end(ended)


def _ended(services: Services, item: BatchItem) -> BatchItem | None:
    try:
        manifest = services.endings.manifest(item.job_id or "")
    except Deleted:
        return item.ended(services.store.buried(item.job_id or "")[0].state)
    except UNREADABLE as error:  # it has ended, and nobody can tell how
        return item.ended(State.FAILED, error=type(error)("How the job ended cannot be read.").facts())
    if manifest is None:
        return None
    return item.ended(manifest.state, tuple(image.name for image in manifest.images), manifest.error)
