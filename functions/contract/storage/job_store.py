"""The job store: records, their index and the markers of open jobs, all objects in the jobs bucket."""

from __future__ import annotations

import base64
import binascii
import secrets
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass

from ..errors import InvalidRequest, NotFound, Overtaken
from ..job import JobRecord
from ..states import State
from ..timestamps import rfc3339
from ..tombstone import Tombstone, is_deleted, refuse_deleted, tombstone_in
from . import paths
from .bucket import NEW, Listed, Objects
from .open_markers import Markers

_RACES = 20  # how often a change is tried against other writers
_SCAN = 1_000  # index entries that one page looks at
_LABEL = "label."
_OPEN_STATES = frozenset(str(state) for state in State if not state.is_terminal)
UNKNOWN = "unknown"  # the state of a job whose index entry was damaged: its record says more


@dataclass(frozen=True)
class Stored:
    record: JobRecord
    generation: int


@dataclass(frozen=True)
class Entry:
    """A job as a listing shows it: nothing that needs the record's body."""

    job_id: str
    state: str
    metadata: Mapping[str, str]


@dataclass(frozen=True)
class Page:
    entries: tuple[Entry, ...]
    cursor: str | None


class JobStore:
    """Strongly consistent, because Cloud Storage is; fair to its limit of a write a second per object."""

    def __init__(self, jobs: Objects) -> None:
        self.objects = jobs
        self.markers = Markers(jobs, paths.open_marker)

    # Records.

    def create(self, record: JobRecord) -> Stored:
        """Raises Overtaken when the job exists."""
        return self._write(record, NEW)

    def read(self, job_id: str) -> Stored:
        """Raises NotFound, Deleted, or UnsupportedVersion for a record that a newer Plantain wrote."""
        try:
            found = self.objects.get(paths.record(job_id))
        except NotFound:
            raise NotFound("There is no such job.") from None
        try:
            return Stored(JobRecord.parse(found.data), found.generation)
        except InvalidRequest:
            refuse_deleted(found.data)
            raise

    def write(self, record: JobRecord, generation: int) -> Stored:
        """Raises Overtaken when the record is no longer at ``generation``."""
        return self._write(record, generation)

    def _write(self, record: JobRecord, generation: int) -> Stored:
        record = record.model_copy(update={"nonce": secrets.token_hex(8)})
        try:
            written = self.objects.put(paths.record(record.id), record.encode(), if_generation=generation)
        except Overtaken:
            # The client repeats a write whose answer was lost, and then meets its own first one.
            found = self.read(record.id)
            if found.record.nonce != record.nonce:
                raise
            return found
        return Stored(record, written)

    def change(
        self,
        job_id: str,
        change: Callable[[JobRecord], JobRecord | None],
        known: Stored | None = None,
    ) -> Stored:
        """Applies ``change`` by compare-and-set, again on each lost race; None leaves the record as it is."""
        for _ in range(_RACES):
            stored, known = known or self.read(job_id), None
            changed = change(stored.record)
            if changed is None:
                return stored
            try:
                return self.write(changed, stored.generation)
            except Overtaken:
                continue
        raise Overtaken("The job changes too fast; try again.")

    # Deleted jobs: a tombstone stands where the record stood.

    def bury(self, tombstone: Tombstone, generation: int) -> int:
        """Puts the tombstone in the record's place. Raises Overtaken when ``generation`` is no more."""
        name, data = paths.record(tombstone.id), tombstone.encode()
        try:
            return self.objects.put(name, data, if_generation=generation)
        except Overtaken:  # by ourselves, perhaps: an answer may have been lost
            found = self.objects.get(name)
            if found.data != data:
                raise
            return found.generation

    def buried(self, job_id: str) -> tuple[Tombstone, int]:
        """The job's tombstone and its generation. Raises NotFound, also for a job that was not deleted."""
        found = self.objects.get(paths.record(job_id))
        tombstone = tombstone_in(found.data)
        if tombstone is None:
            raise NotFound("The job was not deleted.")
        return tombstone, found.generation

    def clear(self, job_id: str) -> None:
        """Removes what is kept of a job beside its record: inputs, checkpoints and webhook deliveries."""
        for prefix in (paths.inputs_prefix, paths.checkpoints_prefix, paths.deliveries_prefix):
            self.objects.delete_prefix(prefix(job_id))

    # The index: one entry per job, under its owner, newest first.

    def index(self, record: JobRecord) -> None:
        """Writes the job's entry as the record has it, unless the entry tells of something later.

        The door, a cancel and a worker write it without waiting for each other. A terminal state is the
        last there is; before it the newer record wins. A job that was deleted meanwhile gets none: its
        deletion may have removed the entry before this.
        """
        entry = paths.index_entry(record.owner, record.created, record.id)
        generation = None if record.state.is_terminal else NEW
        with suppress(Overtaken):
            self._write_entry(entry, record, generation)
            if generation == NEW and is_deleted(self.read, record.id):  # who writes an end looks for himself
                self.unindex(record)
            return
        try:
            there = self.objects.stat(entry)
        except NotFound:  # it was deleted just now
            return
        state, updated = there.metadata.get("state"), there.metadata.get("updated", "")
        is_over = state is not None and state not in _OPEN_STATES  # also one that only a newer Plantain knows
        if not is_over and updated < rfc3339(record.updated):
            with suppress(Overtaken):
                self._write_entry(entry, record, there.generation)

    def unindex(self, record: JobRecord) -> None:
        """Listings show the job no more."""
        self.objects.delete(paths.index_entry(record.owner, record.created, record.id))

    def _write_entry(self, entry: str, record: JobRecord, generation: int | None) -> None:
        labels = {_LABEL + key: value for key, value in record.request.labels.items()}
        facts = {
            "state": str(record.state),
            "task": record.request.task,
            "created": rfc3339(record.created),
            "updated": rfc3339(record.updated),  # so that text compares as time
        }
        self.objects.put(entry, b"", "text/plain", if_generation=generation, metadata={**labels, **facts})

    def list(
        self,
        owner: str,
        *,
        state: State | None = None,
        labels: Mapping[str, str] | None = None,
        limit: int = 50,
        cursor: str | None = None,
    ) -> Page:
        """Newest first. A page may hold fewer than ``limit`` and still have a cursor, as Google's do."""
        prefix = paths.index_prefix(owner)
        after = prefix + _decode_cursor(cursor) if cursor else None
        wanted = {_LABEL + key: value for key, value in (labels or {}).items()}
        wanted |= {"state": str(state)} if state else {}
        entries: list[Entry] = []
        seen = 0
        last = ""
        for listed in self.objects.list(prefix, after=after, limit=_SCAN):
            seen += 1
            job_id = paths.id_of_index_entry(listed.name)
            if job_id is None:  # not ours
                continue
            last = listed.name.removeprefix(prefix)
            if wanted.items() <= listed.metadata.items():
                entries.append(Entry(job_id, listed.metadata.get("state", UNKNOWN), listed.metadata))
            if len(entries) == limit:
                break
        more = len(entries) == limit or seen == _SCAN
        return Page(tuple(entries), _encode_cursor(last) if more and last else None)

    # Open jobs: recorded, and not yet ended and told of.

    def open(self, job_id: str, **facts: str) -> None:
        self.markers.open(job_id, **facts)

    def mark(self, job_id: str, **facts: str | None) -> Listed | None:
        """Notes facts on the marker. A quick job may have ended and be closed by now: then nothing."""
        return self.markers.mark(job_id, **facts)

    def close(self, job_id: str, seen: Listed | None = None) -> None:
        """Removes the marker, unless a request is still writing for the job (``markers``)."""
        self.markers.close(job_id, seen)

    def open_jobs(self) -> Iterator[Listed]:
        return self.objects.list(paths.OPEN)


def _encode_cursor(name: str) -> str:
    return base64.urlsafe_b64encode(name.encode()).decode().rstrip("=")


def _decode_cursor(cursor: str) -> str:
    try:
        name = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode("ascii")
    except (binascii.Error, UnicodeError, ValueError):
        name = ""
    digits, _, job_id = name.partition("-")
    if not (digits.isdigit() and paths.JOB_ID.match(job_id)):
        raise InvalidRequest("The cursor is not one that a listing gave.", field="cursor")
    return name
