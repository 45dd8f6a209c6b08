"""Deletes a batch: its jobs, its file, its items and its summary. A tombstone stays.

The tombstone replaces the record first: from then on no caller sees the batch, and its file creates no other.
A large batch takes longer than a call may: ``sweep`` finds its marker and goes on.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from itertools import islice
from time import monotonic

from ..contract import ids, paths
from ..contract.batch import BatchItem, BatchRecord, BatchState, BatchTombstone
from ..contract.document import now
from ..contract.errors import (
    UNREADABLE,
    Deleted,
    IllegalTransition,
    NotFound,
    Overtaken,
    PlantainError,
    UnsupportedVersion,
)
from ..contract.object_names import object_in_bucket
from ..contract.states import State
from ..contract.storage.batch_items import BatchItems
from ..contract.telemetry.log import log
from ..lifecycle.cancellation import cancel_job
from ..lifecycle.unreadable_records import batch_index_entry, salvage
from ..notifications.end_notifications import notify_batch_ended
from ..notifications.open_marker import NOTIFIED
from ..notifications.redelivery import deliver_before_deletion
from ..services import Services
from .job_deletion import delete_job

DELETING = "deleting"  # on the batch's marker
SECONDS = 15.0
_CHUNK = 64
_HANDS = 8


def delete_batch(
    services: Services, batch_id: str, seconds: float = SECONDS, *, owner_hash: str = ""
) -> BatchTombstone:
    """Deletes an ended batch of this owner and returns its tombstone. Deleting twice has the effect of once.

    A batch whose record or summary is damaged can be deleted too, with what is still known of it.

    Raises NotFound, Transient, and IllegalTransition for a batch that has not ended.
    """
    store = services.batch_store
    while True:
        try:
            stored = store.read(batch_id)
            if not stored.record.state.is_terminal:
                raise IllegalTransition(f"The batch is {stored.record.state}: cancel it first.")
            if (manifest := services.batch_committer.read_summary(batch_id)) is not None:
                notify_batch_ended(services, manifest)
                deliver_before_deletion(services, batch_id)
            store.markers.open(batch_id, **{DELETING: "yes", NOTIFIED: "yes"})
            store.put_tombstone(_tombstone_of(services, stored.record), stored.generation)
        except Overtaken:
            continue
        except Deleted:
            pass
        except UNREADABLE as error:
            if not _replace_unreadable(services, batch_id, owner_hash, error):
                continue
        return finish_batch_deletion(services, batch_id, seconds)


def _replace_unreadable(services: Services, batch_id: str, owner_hash: str, error: PlantainError) -> bool:
    """Puts a tombstone in the place of an unreadable record. Returns False if the record was
    written meanwhile.
    """
    found = services.jobs.get(paths.batch_record(batch_id))
    known = salvage(BatchRecord, found.data)
    if isinstance(error, UnsupportedVersion) and known and not known.state.is_terminal:
        raise IllegalTransition(
            f"The batch is {known.state}, as far as this version can tell: cancel it first."
        )
    store = services.batch_store
    store.markers.open(batch_id, **{DELETING: "yes", NOTIFIED: "yes"})
    try:
        tombstone = (
            _tombstone_of(services, known) if known else _bare_tombstone(services, batch_id, owner_hash)
        )
        store.put_tombstone(tombstone, found.generation)
    except Overtaken:
        return False
    log("batch.unreadable_deleted", "WARNING", batch_id=batch_id, code=error.code)
    return True


def _bare_tombstone(services: Services, batch_id: str, owner_hash: str) -> BatchTombstone:
    """Returns the tombstone of a batch of which nothing is known. Without an index entry the rest
    is removed.
    """
    at, entry = now(), batch_index_entry(services, batch_id, owner_hash)
    return BatchTombstone(
        id=batch_id,
        owner_hash=owner_hash,
        state=BatchState.FAILED,
        created=at,
        ended=at,
        deleted=at,
        index_entry=entry or paths.batch_index_prefix_of(owner_hash),
    )


def _tombstone_of(services: Services, record: BatchRecord) -> BatchTombstone:
    return BatchTombstone(
        id=record.id,
        owner_hash=ids.owner_hash(record.owner),
        state=record.state if record.state.is_terminal else BatchState.FAILED,
        created=record.created,
        ended=record.ended or record.updated,
        deleted=now(),
        counts=record.counts,
        source=record.source if _is_own_file(services, record) else None,
        generation=record.generation,
        index_entry=paths.batch_index_entry(record.owner, record.created, record.id),
    )


def _is_own_file(services: Services, record: BatchRecord) -> bool:
    """Returns True if the file is deleted too: the caller's upload, or the uploaded object that began the
    batch.

    A file that a caller named by its address may belong to others, and stays.
    """
    bucket = services.settings.uploads_bucket
    name = object_in_bucket(bucket, record.source)
    if name is None:
        return False
    began_it = record.id == ids.batch_id_for_upload(bucket, name, record.generation)
    return began_it or name.startswith(paths.uploads_prefix(record.owner))


def finish_batch_deletion(services: Services, batch_id: str, seconds: float = SECONDS) -> BatchTombstone:
    """Removes what is left, for ``seconds``. Safe to repeat and to stop anywhere. Raises Transient."""
    store = services.batch_store
    tombstone, generation = store.read_tombstone(batch_id)
    if not tombstone.is_finished:
        if not _remove_jobs(services, batch_id, tombstone.owner_hash, seconds):
            return tombstone
        _remove_side_objects(services, tombstone)
        tombstone = tombstone.finished()
        try:
            store.put_tombstone(tombstone, generation)
        except Overtaken:  # another process finished it as well
            tombstone, _ = store.read_tombstone(batch_id)
        log("batch.deleted", batch_id=batch_id)
    store.markers.close(batch_id)
    return tombstone


def _remove_jobs(services: Services, batch_id: str, owner_hash: str, seconds: float) -> bool:
    """Removes jobs for ``seconds``. Returns True if all are gone."""
    ends, items = monotonic() + seconds, BatchItems(services.jobs, batch_id)
    left = items.ended()
    with ThreadPoolExecutor(_HANDS, "delete") as hands:
        while chunk := list(islice(left, _CHUNK)):
            list(hands.map(partial(_remove_job, services, items, owner_hash), chunk))
            if monotonic() > ends:
                return next(left, None) is None
    return True


def _remove_job(services: Services, items: BatchItems, owner_hash: str, item: BatchItem) -> None:
    """Deletes an item's job, then the item. A job that is older than the batch, or still runs, stays."""
    if item.job_id is not None and not item.shared:
        try:
            delete_job(services, item.job_id, owner_hash)
        except (NotFound, IllegalTransition):
            log("batch.job_stays", batch_id=items.batch_id, line=item.line)
    items.remove(item.line)


def remove_late_items(services: Services, batch_id: str) -> None:
    """Removes the items and jobs of a part of the file that was read while the batch was deleted."""
    items = BatchItems(services.jobs, batch_id)
    for item in items.open():
        if item.job_id is not None and not item.shared:
            with suppress(NotFound, IllegalTransition, *UNREADABLE):
                cancel_job(services, item.job_id)
        items.end(item.ended(State.CANCELED))
    _remove_jobs(services, batch_id, "", SECONDS)
    for prefix in (paths.open_items_prefix, paths.ended_items_prefix):
        services.jobs.delete_prefix(prefix(batch_id))


def _remove_side_objects(services: Services, tombstone: BatchTombstone) -> None:
    jobs, batch_id = services.jobs, tombstone.id
    services.results.delete_prefix(paths.batch_results_prefix(batch_id))
    for prefix in (paths.open_items_prefix, paths.ended_items_prefix, paths.predictions_prefix):
        jobs.delete_prefix(prefix(batch_id))
    jobs.delete_prefix(paths.deliveries_prefix(batch_id))
    if tombstone.source is not None:
        file = object_in_bucket(services.uploads.name, tombstone.source)
        if file is not None:
            services.uploads.delete(file, if_generation=tombstone.generation)
    if tombstone.index_entry is not None:
        jobs.delete(tombstone.index_entry)
