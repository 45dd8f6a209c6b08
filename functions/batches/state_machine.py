"""What is next for a batch: called whenever its record is written; ``sweep`` writes one that was forgotten.

| state     | what is done                                                                              |
|-----------|-------------------------------------------------------------------------------------------|
| reading   | the next part of the file; the record says how far, and that write calls again            |
| running   | the prediction job is created or looked after; what nobody else ends is ended; the summary|
| canceling | open jobs are canceled; the summary                                                       |
| ended     | nothing: the summary tells of itself                                                      |

Whatever is done here may be stopped anywhere and done twice.
"""

from __future__ import annotations

from datetime import timedelta

from ..contract.batch import BatchRecord, BatchState
from ..contract.document import now
from ..contract.errors import (
    Deleted,
    InvalidRequest,
    NotFound,
    Overtaken,
    PlantainError,
    RequestTooLarge,
    Superseded,
    UnsupportedVersion,
)
from ..contract.storage.batch_store import LONGEST_PART, BatchStore, StoredBatch
from ..contract.storage.bucket import Listed
from ..contract.storage.open_markers import late_writers
from ..contract.telemetry.log import log
from ..notifications.delivery_queue import is_waiting
from ..services import Services
from .batch_ended import tell
from .cancel import cancel_open
from .deletion import DELETING, delete, remove_late
from .deletion import finish as finish_deletion
from .fan_out import PART_SECONDS, read_part
from .finalize import adopt, close_if_all_ended, end, summary
from .items import BatchItems
from .vertex_prediction import look_after

_STALE_LEAST = timedelta(seconds=2 * PART_SECONDS)


def drive(services: Services, batch_id: str, seconds: float = PART_SECONDS) -> None:
    """Does what is next, for about ``seconds``. Raises Transient: the event comes again."""
    try:
        stored = BatchStore(services.jobs).read(batch_id)
    except UnsupportedVersion as error:
        log("batch.newer_version", "ERROR", batch_id=batch_id, reason=error.message)
        return
    except NotFound:
        return
    record = stored.record
    if record.state is BatchState.READING:
        _read(services, stored, seconds)
    elif record.state is BatchState.RUNNING:
        _run(services, stored, seconds)
    elif record.state is BatchState.CANCELING:
        _cancel(services, record, seconds)


def _read(services: Services, stored: StoredBatch, seconds: float) -> None:
    record = stored.record
    if record.error is not None:
        end(services, record, BatchState.FAILED)
        return
    try:
        advanced = _as_reader(services, stored, seconds)
    except (InvalidRequest, RequestTooLarge, Superseded) as error:
        _give_up(services, stored, error)
        return
    try:
        if advanced is None:
            raise Overtaken("The batch was canceled, or read by somebody else.")
        written = BatchStore(services.jobs).write(advanced, stored.generation)
    except (Overtaken, NotFound):
        _cancel_if_asked(services, record.id, seconds)
        return
    log("batch.read", batch_id=record.id, line=advanced.line, lines=advanced.lines)
    if written.record.state is BatchState.RUNNING:
        _run(services, written, seconds)


def _as_reader(services: Services, stored: StoredBatch, seconds: float) -> BatchRecord | None:
    """Reads a part, noted on the batch's marker: until that is over, no cancel closes the batch."""
    markers, batch_id = BatchStore(services.jobs).markers, stored.record.id
    reader = markers.enter(batch_id)
    try:
        advanced = read_part(services, stored, seconds)
    except PlantainError:
        markers.leave(batch_id, reader)
        raise
    markers.leave(batch_id, reader)
    return advanced


def _give_up(services: Services, stored: StoredBatch, error: PlantainError) -> None:
    """A file that no line was read of fails; of one that is lost halfway the rest is missing.

    A part that died may have read lines without noting it.
    """
    record = stored.record
    log("batch.file_refused", "WARNING", batch_id=record.id, code=error.code, line=record.line)
    if record.line == 0 and next(BatchItems(services.jobs, record.id).all(), None) is None:
        end(services, record, BatchState.FAILED, error.facts())
        return
    changed = record.changed(state=BatchState.RUNNING, error=error.facts())
    _run(services, BatchStore(services.jobs).write(changed, stored.generation), PART_SECONDS)


def _cancel_if_asked(services: Services, batch_id: str, seconds: float) -> None:
    """Somebody may have canceled, and looked for open jobs, before this part admitted its last ones."""
    try:
        record = BatchStore(services.jobs).read(batch_id).record
    except Deleted:
        remove_late(services, batch_id)
        return
    if record.state in (BatchState.CANCELING, BatchState.CANCELED):
        _cancel(services, record, seconds)


def _run(services: Services, stored: StoredBatch, seconds: float) -> None:
    adopt(services, stored.record.id)
    if close_if_all_ended(services, stored.record.id):
        return
    if stored.record.lane == "vertex-batch" and look_after(services, stored, seconds):
        close_if_all_ended(services, stored.record.id)


def _cancel(services: Services, record: BatchRecord, seconds: float) -> None:
    adopt(services, record.id)
    if not cancel_open(services, record, seconds):
        touch(services, record.id)
        return
    close_if_all_ended(services, record.id)


def touch(services: Services, batch_id: str) -> None:
    """Writes the record as it is, which calls ``drive``; one that has ended is left alone."""

    def again(record: BatchRecord) -> BatchRecord | None:
        return None if record.state.is_terminal else record.changed()

    BatchStore(services.jobs).change(batch_id, again)


# What ``sweep`` does. ---------------------------------------------------------------------------------


def sweep_batch(services: Services, marker: Listed, batch_id: str) -> str:
    """Tells of a batch that has ended, and touches one that nobody has driven on for a while.

    Raises Transient and what the store does.
    """
    if late := late_writers(marker, LONGEST_PART):
        _clear_up_after(services, batch_id)
        BatchStore(services.jobs).mark(batch_id, **dict.fromkeys(late))
    is_going = DELETING in marker.metadata
    if (manifest := summary(services, batch_id)) is not None and not is_going:
        if is_waiting(marker.metadata):
            return "waiting"
        tell(services, manifest)
        return "batches_told"
    try:
        record = BatchStore(services.jobs).read(batch_id).record
    except Deleted:
        finish_deletion(services, batch_id)
        return "batches_deleted"
    except NotFound:
        return _without_record(services, marker)
    if is_going and record.state.is_terminal:  # whoever deletes it died before the tombstone stood
        delete(services, batch_id)
        return "batches_deleted"
    if record.state.is_terminal:  # its summary's retention ended before everybody was told
        BatchStore(services.jobs).close(batch_id)
        return "batches_past_telling"
    least = timedelta(seconds=services.settings.sweep_after_seconds)
    if now() - record.updated < (max(least, _STALE_LEAST) if least else least):
        return "waiting"
    touch(services, batch_id)
    return "batches_driven"


def _clear_up_after(services: Services, batch_id: str) -> None:
    """Ends or removes what a reader left that died when the batch had ended: see ``_cancel_if_asked``."""
    try:
        state = BatchStore(services.jobs).read(batch_id).record.state
    except Deleted:
        remove_late(services, batch_id)
    except NotFound:
        return
    else:
        if state.is_terminal:
            adopt(services, batch_id)
            _cancel_if_asked(services, batch_id, PART_SECONDS)


def _without_record(services: Services, marker: Listed) -> str:
    """Whoever began it died before the record; its event comes again, and opens it again."""
    if now() - marker.created < timedelta(hours=1):
        return "waiting"
    services.jobs.delete(marker.name, marker.generation, if_metageneration=marker.metageneration)
    return "orphans_removed"
