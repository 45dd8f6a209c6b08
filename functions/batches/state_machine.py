"""Decides a batch's next step. Each write of its record triggers a call; ``sweep`` repeats a call that was
lost.

| state     | what is done                                                                              |
|-----------|-------------------------------------------------------------------------------------------|
| reading   | the next part of the file; the record says how far, and that write calls again            |
| running   | the prediction job is created or followed; orphaned items end; the files; the summary      |
| canceling | open jobs are canceled; the files; the summary                                            |
| ended     | nothing: the write of the summary triggers ``notify``                                     |

Every step may be interrupted anywhere and repeated.
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
from ..contract.storage.batch_items import BatchItems
from ..contract.storage.batch_store import LONGEST_PART, StoredBatch
from ..contract.storage.bucket import ObjectInfo
from ..contract.storage.open_markers import late_writers
from ..contract.telemetry.log import log
from ..deletion.batch_deletion import DELETING, delete_batch, remove_late_items
from ..deletion.batch_deletion import finish_batch_deletion as finish_deletion
from ..notifications.end_notifications import notify_batch_ended
from ..notifications.open_marker import is_waiting
from ..services import Services
from .cancel import cancel_open_jobs
from .fan_out import PART_SECONDS, admit_next_part
from .interfaces import BatchInterfaces
from .line_formats import LineFormats
from .orphaned_items import end_orphaned_items
from .vertex_prediction import advance_prediction

_STALE_LEAST = timedelta(seconds=2 * PART_SECONDS)


_PLANTAINS_ALONE = BatchInterfaces()


def advance_batch(
    services: Services,
    batch_id: str,
    seconds: float = PART_SECONDS,
    *,
    interfaces: BatchInterfaces = _PLANTAINS_ALONE,
) -> None:
    """Does the batch's next step, for about ``seconds``. Raises Transient: the event comes again.

    ``interfaces`` reads files of requests that are written for other services, and writes files of answers.
    """
    try:
        stored = services.batch_store.read(batch_id)
    except UnsupportedVersion as error:
        log("batch.newer_version", "ERROR", batch_id=batch_id, reason=error.message)
        return
    except NotFound:
        return
    record = stored.record
    if record.state is BatchState.READING:
        _read_next_part(services, stored, interfaces, seconds)
    elif record.state is BatchState.RUNNING:
        _continue_running(services, stored, interfaces, seconds)
    elif record.state is BatchState.CANCELING:
        _continue_canceling(services, record, interfaces, seconds)


def _read_next_part(
    services: Services, stored: StoredBatch, interfaces: BatchInterfaces, seconds: float
) -> None:
    record = stored.record
    if record.error is not None:
        services.batch_committer.end(record, BatchState.FAILED)
        return
    try:
        advanced = _read_as_writer(services, stored, interfaces.lines, seconds)
    except (InvalidRequest, RequestTooLarge, Superseded) as error:
        _give_up(services, stored, interfaces, error)
        return
    try:
        if advanced is None:
            raise Overtaken("The batch was canceled, or another process read it.")
        written = services.batch_store.write(advanced, stored.generation)
    except (Overtaken, NotFound):
        _cancel_if_asked(services, record.id, interfaces, seconds)
        return
    if advanced.error is not None:
        log("batch.file_refused", "WARNING", batch_id=record.id, code=advanced.error.code, line=record.line)
        services.batch_committer.end(written.record, BatchState.FAILED)
        return
    log("batch.read", batch_id=record.id, line=advanced.line, lines=advanced.lines)
    if written.record.state is BatchState.RUNNING:
        _continue_running(services, written, interfaces, seconds)


def _read_as_writer(
    services: Services, stored: StoredBatch, formats: LineFormats, seconds: float
) -> BatchRecord | None:
    """Reads a part while the batch's marker has this reader: until it leaves, no cancel ends the batch."""
    markers, batch_id = services.batch_store.markers, stored.record.id
    reader = markers.enter(batch_id)
    try:
        advanced = admit_next_part(services, stored, formats, seconds)
    except PlantainError:
        markers.leave(batch_id, reader)
        raise
    markers.leave(batch_id, reader)
    return advanced


def _give_up(
    services: Services, stored: StoredBatch, interfaces: BatchInterfaces, error: PlantainError
) -> None:
    """Ends a batch whose file cannot be read. It fails if no line was read, else the remaining lines are
    missing.

    A part that died may have read lines without recording its position.
    """
    record = stored.record
    log("batch.file_refused", "WARNING", batch_id=record.id, code=error.code, line=record.line)
    if record.line == 0 and next(BatchItems(services.jobs, record.id).all(), None) is None:
        services.batch_committer.end(record, BatchState.FAILED, error.facts())
        return
    changed = record.changed(state=BatchState.RUNNING, error=error.facts())
    written = services.batch_store.write(changed, stored.generation)
    _continue_running(services, written, interfaces, PART_SECONDS)


def _cancel_if_asked(services: Services, batch_id: str, interfaces: BatchInterfaces, seconds: float) -> None:
    """Repeats the cancel for jobs that this part admitted after the cancel had looked for open jobs."""
    try:
        record = services.batch_store.read(batch_id).record
    except Deleted:
        remove_late_items(services, batch_id)
        return
    if record.state in (BatchState.CANCELING, BatchState.CANCELED):
        _continue_canceling(services, record, interfaces, seconds)


def _continue_running(
    services: Services, stored: StoredBatch, interfaces: BatchInterfaces, seconds: float
) -> None:
    end_orphaned_items(services, stored.record.id)
    if _end_if_complete(services, stored.record.id, interfaces, seconds):
        return
    if stored.record.lane == "vertex-batch" and advance_prediction(services, stored, seconds):
        _end_if_complete(services, stored.record.id, interfaces, seconds)


def _continue_canceling(
    services: Services, record: BatchRecord, interfaces: BatchInterfaces, seconds: float
) -> None:
    end_orphaned_items(services, record.id)
    if not cancel_open_jobs(services, record, seconds):
        touch_record(services, record.id)
        return
    _end_if_complete(services, record.id, interfaces, seconds)


def _end_if_complete(services: Services, batch_id: str, interfaces: BatchInterfaces, seconds: float) -> bool:
    """Writes the files of answers that a complete batch owes, for ``seconds``, and then ends it.

    Returns True if the batch has ended.
    """
    record = services.batch_committer.find_complete(batch_id)
    if record is None or record.state.is_terminal:
        return record is not None
    if record.owes_answers:
        if not interfaces.write_answers(services, record, seconds):
            touch_record(services, batch_id)
            return False
        services.batch_store.change(batch_id, _with_answers)
    return services.batch_committer.end_if_complete(batch_id)


def _with_answers(record: BatchRecord) -> BatchRecord | None:
    return record.changed(answer_files="written") if record.owes_answers else None


def touch_record(services: Services, batch_id: str) -> None:
    """Writes the record unchanged, which triggers ``advance_batch``. Does nothing for a batch
    that has ended.
    """

    def again(record: BatchRecord) -> BatchRecord | None:
        return None if record.state.is_terminal else record.changed()

    services.batch_store.change(batch_id, again)


# What ``sweep`` does. ---------------------------------------------------------------------------------


def sweep_batch(services: Services, marker: ObjectInfo, batch_id: str) -> str:
    """Announces a batch that has ended, and touches one whose record has not changed for a while.

    Returns what was done, as a name for ``sweep``'s counts. Raises Transient and what the store raises.
    """
    if late := late_writers(marker, LONGEST_PART):
        _clear_up_after(services, batch_id)
        services.batch_store.markers.mark(batch_id, **dict.fromkeys(late))
    is_going = DELETING in marker.metadata
    if (manifest := services.batch_committer.read_summary(batch_id)) is not None and not is_going:
        if is_waiting(marker.metadata):
            return "waiting"
        notify_batch_ended(services, manifest)
        return "batches_told"
    try:
        record = services.batch_store.read(batch_id).record
    except Deleted:
        finish_deletion(services, batch_id)
        return "batches_deleted"
    except NotFound:
        return _without_record(services, marker)
    if is_going and record.state.is_terminal:  # the deletion was interrupted before its tombstone was written
        delete_batch(services, batch_id)
        return "batches_deleted"
    if record.state.is_terminal:  # the summary's retention ended before its end was announced
        services.batch_store.markers.close(batch_id)
        return "batches_past_telling"
    least = timedelta(seconds=services.settings.sweep_after_seconds)
    if now() - record.updated < (max(least, _STALE_LEAST) if least else least):
        return "waiting"
    touch_record(services, batch_id)
    return "batches_driven"


def _clear_up_after(services: Services, batch_id: str) -> None:
    """Ends or removes the items of a reader that died after the batch had ended: see ``_cancel_if_asked``."""
    try:
        state = services.batch_store.read(batch_id).record.state
    except Deleted:
        remove_late_items(services, batch_id)
    except NotFound:
        return
    else:
        if state.is_terminal:
            end_orphaned_items(services, batch_id)
            _cancel_if_asked(services, batch_id, _PLANTAINS_ALONE, PART_SECONDS)


def _without_record(services: Services, marker: ObjectInfo) -> str:
    """Removes the marker of a batch that was never recorded. Its event comes again and makes a new marker."""
    if now() - marker.created < timedelta(hours=1):
        return "waiting"
    services.jobs.delete(marker.name, marker.generation, if_metageneration=marker.metageneration)
    return "orphans_removed"
