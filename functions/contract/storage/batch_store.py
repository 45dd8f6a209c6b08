"""Where batches are: records, markers and an index in the jobs bucket, as jobs have them."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from itertools import islice

from ..batch import BatchRecord, BatchTombstone
from ..errors import Deleted, InvalidRequest, NotFound, Overtaken
from ..timestamps import rfc3339
from ..tombstone import is_deleted
from . import paths
from .bucket import NEW, Listed, Objects
from .open_markers import Markers, late_writers, writers_of

LONGEST_PART = timedelta(minutes=5)  # a function that reads a part for longer is taken for dead
_RACES = 20  # how often a change is tried against other writers
_DIGITS = 14


@dataclass(frozen=True)
class StoredBatch:
    record: BatchRecord
    generation: int


@dataclass(frozen=True)
class BatchPage:
    entries: tuple[Listed, ...]
    cursor: str | None


class BatchStore:
    """Every write of a record tells of itself, and that drives the batch on: see ``driving``."""

    def __init__(self, jobs: Objects) -> None:
        self.objects = jobs
        self.markers = Markers(jobs, paths.open_batch_marker)

    def create(self, record: BatchRecord) -> StoredBatch:
        """Raises Overtaken when the batch exists."""
        return self.write(record, NEW)

    def read(self, batch_id: str) -> StoredBatch:
        """Raises NotFound, Deleted, or UnsupportedVersion for a record that a newer Plantain wrote."""
        try:
            found = self.objects.get(paths.batch(batch_id))
        except NotFound:
            raise NotFound("There is no such batch.") from None
        try:
            return StoredBatch(BatchRecord.parse(found.data), found.generation)
        except InvalidRequest:
            if _tombstone(found.data) is not None:
                raise Deleted("The batch was deleted.") from None
            raise

    def bury(self, tombstone: BatchTombstone, generation: int) -> None:
        """Puts the tombstone in the record's place. Raises Overtaken when ``generation`` is no more."""
        name, data = paths.batch(tombstone.id), tombstone.encode()
        try:
            self.objects.put(name, data, if_generation=generation)
        except Overtaken:  # by ourselves, perhaps: an answer may have been lost
            if self.objects.get(name).data != data:
                raise

    def buried(self, batch_id: str) -> tuple[BatchTombstone, int]:
        """The tombstone and its generation. Raises NotFound, also for a batch that was not deleted."""
        found = self.objects.get(paths.batch(batch_id))
        tombstone = _tombstone(found.data)
        if tombstone is None:
            raise NotFound("The batch was not deleted.")
        return tombstone, found.generation

    def write(self, record: BatchRecord, generation: int) -> StoredBatch:
        """Raises Overtaken when the record is no longer at ``generation``."""
        record = record.model_copy(update={"nonce": secrets.token_hex(8)})
        try:
            written = self.objects.put(paths.batch(record.id), record.encode(), if_generation=generation)
        except Overtaken:
            # The client repeats a write whose answer was lost, and then meets its own first one.
            found = self.read(record.id)
            if found.record.nonce != record.nonce:
                raise
            return found
        return StoredBatch(record, written)

    def change(self, batch_id: str, change: Callable[[BatchRecord], BatchRecord | None]) -> StoredBatch:
        """Applies ``change`` by compare-and-set, again on each lost race; None leaves the record as it is."""
        for _ in range(_RACES):
            stored = self.read(batch_id)
            changed = change(stored.record)
            if changed is None:
                return stored
            with suppress(Overtaken):
                return self.write(changed, stored.generation)
        raise Overtaken("The batch changes too fast; try again.")

    def is_at(self, batch_id: str, generation: int) -> bool:
        """Whether nobody has written the record since."""
        return self.objects.stat(paths.batch(batch_id)).generation == generation

    # Open batches: begun, and not yet ended and told of.

    def open(self, batch_id: str, **facts: str) -> None:
        self.markers.open(batch_id, **facts)

    def mark(self, batch_id: str, **facts: str | None) -> None:
        """Notes facts on the marker, for ``sweep`` to see in its listing; without a marker, nothing."""
        self.markers.mark(batch_id, **facts)

    def close(self, batch_id: str) -> None:
        """Removes the marker, unless a part of the file is being read (``markers``)."""
        self.markers.close(batch_id)

    def is_being_read(self, batch_id: str) -> bool:
        """True if a part of the file is, so that further lines may become jobs."""
        try:
            marker = self.objects.stat(paths.open_batch_marker(batch_id))
        except NotFound:
            return False
        return len(writers_of(marker)) > len(late_writers(marker, LONGEST_PART))

    def open_batches(self) -> Iterator[Listed]:
        return self.objects.list(paths.OPEN_BATCHES)

    # The index: one entry per batch, under its owner, newest first.

    def index(self, record: BatchRecord) -> None:
        """Writes the entry; one that tells of the end is not written over by one that does not.

        A batch that was deleted meanwhile gets none: its deletion may have removed the entry before this.
        """
        entry = paths.batch_index_entry(record.owner, record.created, record.id)
        facts = {"state": str(record.state), "created": rfc3339(record.created), "lane": record.lane}
        with suppress(Overtaken):
            generation = None if record.state.is_terminal else NEW
            self.objects.put(entry, b"", "text/plain", if_generation=generation, metadata=facts)
            if is_deleted(self.read, record.id):
                self.unindex(entry)

    def unindex(self, entry: str) -> None:
        """Listings show the batch no more."""
        self.objects.delete(entry)

    def list(self, owner: str, *, limit: int = 50, cursor: str | None = None) -> BatchPage:
        """Newest first. Raises InvalidRequest for a cursor that no listing gave."""
        prefix = paths.batch_index_prefix(owner)
        after = prefix + _checked(cursor) if cursor else None
        entries = (
            each for each in self.objects.list(prefix, after=after) if paths.id_of_index_entry(each.name)
        )
        found = tuple(islice(entries, limit))
        more = len(found) == limit
        return BatchPage(found, found[-1].name.removeprefix(prefix) if more else None)


def _tombstone(data: bytes) -> BatchTombstone | None:
    try:
        return BatchTombstone.parse(data)
    except InvalidRequest:
        return None


def _checked(cursor: str) -> str:
    digits, _, batch_id = cursor.partition("-")
    if not (len(digits) == _DIGITS and digits.isdecimal() and paths.BATCH_ID.match(batch_id)):
        raise InvalidRequest("The cursor is not one that a listing gave.", field="cursor")
    return cursor
