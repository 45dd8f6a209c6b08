"""Records in the jobs bucket: compare-and-set, an index for each owner, markers of what is open, tombstones.

Jobs and batches share this store. It is strongly consistent because Cloud Storage is, and it respects the
limit of one write a second for each object.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar

from .. import paths
from ..batch import BatchRecord, BatchTombstone
from ..errors import Deleted, InvalidRequest, NotFound, Overtaken
from ..job import JobRecord
from ..timestamps import format_time
from ..tombstone import Tombstone, is_deleted
from .bucket import NEW, Bucket, ObjectInfo
from .index_cursor import decode_cursor, encode_cursor
from .open_markers import OpenMarkers

Record = TypeVar("Record", JobRecord, BatchRecord)
Stone = TypeVar("Stone", Tombstone, BatchTombstone)
Content = TypeVar("Content", covariant=True)

_RACES = 20  # how often a change is tried against other writers
_SCAN = 1_000  # index entries that one page looks at
UNKNOWN = "unknown"  # the state of an index entry whose metadata is damaged: the record says more


@dataclass(frozen=True)
class VersionedRecord(Generic[Content]):
    """A stored document and the object generation that it was read or written at."""

    record: Content
    generation: int


@dataclass(frozen=True)
class IndexEntry:
    """A job or a batch as a listing shows it: nothing that needs the record's body."""

    id: str
    state: str
    metadata: Mapping[str, str]


@dataclass(frozen=True)
class IndexPage:
    """Some entries of a listing. Without a ``cursor`` there are no more."""

    entries: tuple[IndexEntry, ...]
    cursor: str | None


@dataclass(frozen=True)
class RecordKind(Generic[Record, Stone]):
    """A kind of record: its name, its parser, and the places of its objects."""

    noun: str
    record: type[Record]
    tombstone: type[Stone]
    id_pattern: re.Pattern[str]
    markers: str  # the prefix of all markers
    record_name: Callable[[str], str]
    marker_name: Callable[[str], str]
    index_prefix: Callable[[str], str]  # of an owner
    index_entry: Callable[[str, datetime, str], str]  # of an owner, a time and an id
    open_states: frozenset[str]
    index_facts: Callable[[Record], dict[str, str]]  # what a listing shows beside state and times


class RecordStore(Generic[Record, Stone]):
    """The records of one kind. Every method raises Transient when the storage does not answer."""

    def __init__(self, jobs: Bucket, kind: RecordKind[Record, Stone]) -> None:
        self.bucket = jobs
        self.markers = OpenMarkers(jobs, kind.marker_name)
        self._kind = kind

    # Records.

    def create(self, record: Record) -> VersionedRecord[Record]:
        """Writes the first version of a record. Raises Overtaken when there is one."""
        return self.write(record, NEW)

    def read(self, id: str) -> VersionedRecord[Record]:
        """Returns the record. Raises NotFound, Deleted, DamagedDocument or UnsupportedVersion."""
        try:
            found = self.bucket.get(self._kind.record_name(id))
        except NotFound:
            raise NotFound(f"There is no such {self._kind.noun}.") from None
        try:
            return VersionedRecord(self._kind.record.parse(found.data), found.generation)
        except InvalidRequest:
            if self._parse_tombstone(found.data) is not None:
                raise Deleted(f"The {self._kind.noun} was deleted.") from None
            raise

    def write(self, record: Record, generation: int) -> VersionedRecord[Record]:
        """Replaces the record. Raises Overtaken when it is no longer at ``generation``."""
        record = record.model_copy(update={"nonce": secrets.token_hex(8)})
        name = self._kind.record_name(record.id)
        try:
            written = self.bucket.put(name, record.encode(), if_generation=generation)
        except Overtaken:
            # The client repeats a write whose answer was lost, and then meets its own first one.
            found = self.read(record.id)
            if found.record.nonce != record.nonce:
                raise
            return found
        return VersionedRecord(record, written)

    def change(
        self,
        id: str,
        change: Callable[[Record], Record | None],
        known: VersionedRecord[Record] | None = None,
    ) -> VersionedRecord[Record]:
        """Applies ``change`` by compare-and-set, again after each lost race.

        A ``change`` that returns None leaves the record as it is. ``known`` saves the first read.
        """
        for _ in range(_RACES):
            stored, known = known or self.read(id), None
            changed = change(stored.record)
            if changed is None:
                return stored
            with suppress(Overtaken):
                return self.write(changed, stored.generation)
        raise Overtaken(f"The {self._kind.noun} changes too fast; try again.")

    def is_at(self, id: str, generation: int) -> bool:
        """Returns True while no other writer has replaced the record since ``generation``."""
        return self.bucket.stat(self._kind.record_name(id)).generation == generation

    # Tombstones stand where the records stood.

    def put_tombstone(self, tombstone: Stone, generation: int) -> int:
        """Replaces the record by its tombstone and returns the new generation.

        Raises Overtaken when the object is no longer at ``generation``.
        """
        name, data = self._kind.record_name(tombstone.id), tombstone.encode()
        try:
            return self.bucket.put(name, data, if_generation=generation)
        except Overtaken:
            # The first try may have succeeded, and its answer been lost.
            found = self.bucket.get(name)
            if found.data != data:
                raise
            return found.generation

    def read_tombstone(self, id: str) -> tuple[Stone, int]:
        """Returns the tombstone and its generation. Raises NotFound where nothing was deleted."""
        found = self.bucket.get(self._kind.record_name(id))
        tombstone = self._parse_tombstone(found.data)
        if tombstone is None:
            raise NotFound(f"The {self._kind.noun} was not deleted.")
        return tombstone, found.generation

    def _parse_tombstone(self, data: bytes) -> Stone | None:
        try:
            return self._kind.tombstone.parse(data)
        except InvalidRequest:
            return None

    # The index has one entry for each record, under its owner, newest first.

    def put_in_index(self, record: Record, *, unless_deleted: bool = True) -> None:
        """Writes the record's index entry, unless the entry is of a later state.

        The API, a cancel and a worker write it without waiting for each other. A terminal state is the last;
        before it the newer record wins. ``unless_deleted`` False saves a read, for a caller that meets the
        tombstone itself and then removes the entry.
        """
        generation = None if record.state.is_terminal else NEW
        try:
            self._write_entry(self._index_entry(record), record, generation)
        except Overtaken:
            self._replace_entry(record)
            return
        # The deletion may have removed the entry before it was written here: nothing else would.
        if unless_deleted:
            self.remove_from_index_if_deleted(record)

    def update_in_index(self, record: Record) -> None:
        """Does the same for a record that has not ended and whose entry was written before: it takes a call
        less.
        """
        if not self._replace_entry(record):
            self.put_in_index(record)

    def _replace_entry(self, record: Record) -> bool:
        """Replaces an entry that is older, and of no end. Returns False where there is no entry."""
        entry = self._index_entry(record)
        try:
            there = self.bucket.stat(entry)
        except NotFound:
            return False
        if self._is_open_entry(there) and there.metadata.get("updated", "") < format_time(record.updated):
            with suppress(Overtaken):
                self._write_entry(entry, record, there.generation)
        return True

    def remove_from_index_if_deleted(self, record: Record) -> None:
        """Removes the index entry if a tombstone is in the record's place."""
        if is_deleted(self.read, record.id):
            self.remove_from_index(record)

    def remove_from_index(self, record: Record) -> None:
        """Removes the record's index entry, so that listings no longer show it."""
        self.bucket.delete(self._index_entry(record))

    def _index_entry(self, record: Record) -> str:
        return self._kind.index_entry(record.owner, record.created, record.id)

    def _is_open_entry(self, entry: ObjectInfo) -> bool:
        """Returns False also for a state that only a newer Plantain knows."""
        state = entry.metadata.get("state")
        return state is None or state in self._kind.open_states

    def _write_entry(self, entry: str, record: Record, generation: int | None) -> None:
        facts = {
            **self._kind.index_facts(record),
            "state": str(record.state),
            "created": format_time(record.created),
            "updated": format_time(record.updated),  # so that text compares as time
        }
        self.bucket.put(entry, b"", "text/plain", if_generation=generation, metadata=facts)

    def list_index(
        self,
        owner: str,
        *,
        wanted: Mapping[str, str] | None = None,
        limit: int = 50,
        cursor: str | None = None,
    ) -> IndexPage:
        """Lists the owner's records whose entries have the ``wanted`` metadata, newest first.

        A page may have fewer than ``limit`` entries and still a cursor, as Google's listings do. Raises
        InvalidRequest for a cursor that no listing gave.
        """
        prefix = self._kind.index_prefix(owner)
        after = prefix + decode_cursor(cursor, self._kind.id_pattern) if cursor else None
        entries: list[IndexEntry] = []
        seen, last = 0, ""
        for info in self.bucket.list(prefix, after=after, limit=_SCAN):
            seen += 1
            id = paths.id_of_index_entry(info.name)
            if id is None:  # an object that Plantain did not write
                continue
            last = info.name.removeprefix(prefix)
            if (wanted or {}).items() <= info.metadata.items():
                entries.append(IndexEntry(id, info.metadata.get("state", UNKNOWN), info.metadata))
            if len(entries) == limit:
                break
        more = len(entries) == limit or seen == _SCAN
        return IndexPage(tuple(entries), encode_cursor(last) if more and last else None)

    # Markers: a record is open until it has ended and its end was announced.

    def list_open(self) -> Iterator[ObjectInfo]:
        """Lists the markers of all open records."""
        return self.bucket.list(self._kind.markers)
