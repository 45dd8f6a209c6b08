"""A caller's batches, as every dialect finds and counts them."""

from __future__ import annotations

from contextlib import suppress
from functools import partial

from ..contract import ids, paths
from ..contract.batch import BatchRecord, count_states
from ..contract.errors import UNREADABLE, Deleted, NotFound
from ..contract.storage.batch_items import BatchItems
from ..contract.storage.index_cursor import encode_cursor
from ..deletion.batch_deletion import delete_batch
from ..lifecycle.unreadable_records import is_batch_of
from ..services import Services

NO_BATCH = "There is no such batch."


def read_owned_batch(services: Services, owner: str, batch_id: str) -> BatchRecord:
    """Returns the batch if it is the caller's. Raises Deleted if it was, and NotFound otherwise.

    Another owner's batch and a batch that does not exist have the same answer.
    """
    if ids.BATCH_ID.match(batch_id):
        store = services.batch_store
        try:
            record = store.read(batch_id).record
        except Deleted:
            if store.read_tombstone(batch_id)[0].owner_hash == ids.owner_hash(owner):
                raise
        except UNREADABLE as error:
            if is_batch_of(services, batch_id, ids.owner_hash(owner)):
                raise type(error)(
                    "The batch's record cannot be read: delete it, or have it restored."
                ) from None
        else:
            if record.owner == owner:
                return record
    raise NotFound(NO_BATCH)


def read_batch_of_dialect(services: Services, owner: str, batch_id: str, dialect: str) -> BatchRecord:
    """Returns the caller's batch that was created through ``dialect``. Raises as ``read_owned_batch``."""
    record = read_owned_batch(services, owner, batch_id)
    if record.dialect is None or record.dialect.name != dialect:
        raise NotFound(NO_BATCH)
    return record


def list_batch_ids(services: Services, owner: str, dialect: str, most: int, cursor: str | None) -> list[str]:
    """Returns up to ``most`` ids of batches of ``dialect``, newest first, from the one after ``cursor``.

    Raises InvalidRequest for a cursor that no listing gave.
    """
    ids: list[str] = []
    while len(ids) < most:
        found = services.batch_store.list_index(
            owner, wanted={"dialect": dialect}, limit=most - len(ids), cursor=cursor
        )
        ids += [entry.id for entry in found.entries]
        if (cursor := found.cursor) is None:
            break
    return ids


def read_batch_page(
    services: Services, owner: str, dialect: str, most: int, cursor: str | None
) -> tuple[list[BatchRecord], str | None]:
    """Returns up to ``most`` batches of ``dialect``, newest first, and the cursor of the next page.

    The cursor is None where no batch is left. Raises InvalidRequest for a cursor that no listing gave.
    """
    ids = list_batch_ids(services, owner, dialect, most + 1, cursor)
    found = services.pool.map(partial(_record_or_none, services, owner, dialect), ids[:most])
    records = [record for record in found if record is not None]
    return records, cursor_after(records[-1]) if records and len(ids) > most else None


def _record_or_none(services: Services, owner: str, dialect: str, batch_id: str) -> BatchRecord | None:
    """Returns the batch; None for one that was deleted just now, or whose record cannot be read."""
    try:
        return read_batch_of_dialect(services, owner, batch_id, dialect)
    except (NotFound, *UNREADABLE):
        return None


def remove_batch_of_dialect(services: Services, owner: str, batch_id: str, dialect: str) -> None:
    """Deletes the caller's batch, which has ended, with its pictures.

    A repeated call goes on where an earlier one was interrupted. Raises NotFound, IllegalTransition and
    Transient.
    """
    with suppress(Deleted):
        read_batch_of_dialect(services, owner, batch_id, dialect)
    delete_batch(services, batch_id, owner_hash=ids.owner_hash(owner))


def cursor_after(record: BatchRecord) -> str:
    """Returns the cursor of a listing that goes on after this batch."""
    entry = paths.batch_index_entry(record.owner, record.created, record.id)
    return encode_cursor(entry.removeprefix(paths.batch_index_prefix(record.owner)))


def item_counts(services: Services, record: BatchRecord) -> dict[str, int]:
    """Returns how many items have each state. Those of an open batch are counted anew."""
    if record.state.is_terminal:
        return record.counts
    return count_states(str(item.state) for item in BatchItems(services.jobs, record.id).all())
