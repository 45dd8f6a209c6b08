"""The objects: every change is checked and made in one transaction, with the events that tell of it."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from . import resources
from .buckets import Buckets
from .clock import timestamp
from .database import Database
from .errors import ObjectNotFound
from .events import EventType, Outbox, StorageEvent
from .files import Body, Files
from .preconditions import Preconditions
from .properties import Json
from .stored import StoredObject

_READ = "SELECT * FROM objects WHERE bucket = ? AND name = ?"
_WRITE = "INSERT OR REPLACE INTO objects VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
_FROM = "SELECT * FROM objects WHERE bucket = ? AND name >= ? ORDER BY name"
_BETWEEN = "SELECT * FROM objects WHERE bucket = ? AND name >= ? AND name < ? ORDER BY name"


@dataclass(frozen=True, slots=True)
class Change:
    """A change that was made.

    Attributes:
        stored: the object as it is now, or as it was when it was deleted.
        events: to be told before the request is answered.
        abandoned: the generation whose file nobody needs any longer.
    """

    stored: StoredObject
    events: tuple[StorageEvent, ...]
    abandoned: int | None = None


class ObjectStore:
    """Objects of all buckets. Not for several threads: that is what makes its checks and changes one step."""

    def __init__(
        self, database: Database, files: Files, buckets: Buckets, outbox: Outbox, origin: str
    ) -> None:
        self._database = database
        self._files = files
        self._buckets = buckets
        self._outbox = outbox
        self._origin = origin
        row = database.execute("SELECT seq FROM sqlite_sequence WHERE name = 'bodies'").fetchone()
        self._last_generation: int = row[0] if row else 0

    # Reading.

    def find(self, bucket: str, name: str) -> StoredObject | None:
        """Raises BucketNotFound."""
        self._buckets.read(bucket)
        row = self._database.execute(_READ, (bucket, name)).fetchone()
        return StoredObject._make(row) if row else None

    def read(self, bucket: str, name: str, generation: int | None = None) -> StoredObject:
        """Raises BucketNotFound; ObjectNotFound also for a generation that is no more."""
        found = self.find(bucket, name)
        if found is None or generation not in (None, found.generation):
            raise ObjectNotFound(bucket, name)
        return found

    def scan(self, bucket: str, start: str, end: str | None) -> Iterator[StoredObject]:
        """Objects with names in [start, end), in the order of names; not to be held across a change."""
        if end is None:
            rows = self._database.execute(_FROM, (bucket, start))
        else:
            rows = self._database.execute(_BETWEEN, (bucket, start, end))
        return map(StoredObject._make, rows)

    def open(self, stored: StoredObject) -> bytes | BinaryIO:
        """The body: its bytes when it is small, an open file otherwise, which outlives a deletion."""
        data = self._inline(stored.generation)
        return self._files.open(stored.generation) if data is None else data

    def files(self) -> Iterator[int]:
        """Generations whose bodies are files."""
        rows = self._database.execute("SELECT generation FROM bodies WHERE data IS NULL")
        return (row[0] for row in rows)

    def _inline(self, generation: int) -> bytes | None:
        query = "SELECT data FROM bodies WHERE generation = ?"
        return self._database.execute(query, (generation,)).fetchone()[0]

    # Changing.

    def insert(
        self, bucket: str, name: str, body: Body, properties: Json, preconditions: Preconditions
    ) -> Change:
        """Raises BucketNotFound or PreconditionFailed."""
        with self._database.transaction():
            found = self.find(bucket, name)
            preconditions.check_write(found)
            generation = self._next_generation()
            if body.path is not None:
                self._files.adopt(body.path, generation)
            return self._put(found, _new(bucket, name, generation, body, properties), body.data)

    def copy(
        self, source: StoredObject, bucket: str, name: str, properties: Json, preconditions: Preconditions
    ) -> Change:
        """Raises BucketNotFound or PreconditionFailed."""
        with self._database.transaction():
            found = self.find(bucket, name)
            preconditions.check_write(found)
            generation = self._next_generation()
            data = self._inline(source.generation)
            if data is None:
                self._files.link(source.generation, generation)
            body = Body(source.size, source.crc32c, source.md5, data, components=source.components)
            return self._put(found, _new(bucket, name, generation, body, properties), data)

    def change(self, stored: StoredObject, properties: Json) -> Change:
        """Gives the object other properties and so a new metageneration."""
        changed = stored._replace(
            metageneration=stored.metageneration + 1,
            updated=timestamp(),
            properties=json.dumps(properties),
        )
        with self._database.transaction() as database:
            database.execute(_WRITE, changed)
            return Change(changed, (self._event(EventType.METADATA_UPDATE, changed, changed.updated),))

    def delete(self, stored: StoredObject) -> Change:
        with self._database.transaction() as database:
            database.execute(
                "DELETE FROM objects WHERE bucket = ? AND name = ?", (stored.bucket, stored.name)
            )
            abandoned = self._drop_body(stored.generation)
            event = self._event(EventType.DELETE, stored, timestamp())
            return Change(stored, (event,), abandoned)

    def _put(self, found: StoredObject | None, new: StoredObject, data: bytes | None) -> Change:
        self._database.execute("INSERT INTO bodies VALUES (?, ?)", (new.generation, data))
        self._database.execute(_WRITE, new)
        if found is None:
            return Change(new, (self._event(EventType.FINALIZE, new, new.created),))
        finalized = self._event(EventType.FINALIZE, new, new.created, overwrote=found.generation)
        deleted = self._event(EventType.DELETE, found, new.created, overwritten_by=new.generation)
        return Change(new, (finalized, deleted), self._drop_body(found.generation))

    def _drop_body(self, generation: int) -> int | None:
        statement = "DELETE FROM bodies WHERE generation = ? RETURNING data IS NULL"
        (is_file,) = self._database.execute(statement, (generation,)).fetchall()[0]
        return generation if is_file else None

    def _event(
        self,
        type_: EventType,
        stored: StoredObject,
        time_: str,
        overwrote: int | None = None,
        overwritten_by: int | None = None,
    ) -> StorageEvent:
        resource = resources.of_object(stored, self._origin)
        return self._outbox.add(type_, resource, time_, overwrote, overwritten_by)

    def _next_generation(self) -> int:
        """Microseconds, as the real service's look; increasing also when the clock is set back."""
        self._last_generation = max(self._last_generation + 1, time.time_ns() // 1000)
        return self._last_generation


def _new(bucket: str, name: str, generation: int, body: Body, properties: Json) -> StoredObject:
    now = timestamp()
    return StoredObject(
        bucket=bucket,
        name=name,
        generation=generation,
        metageneration=1,
        size=body.size,
        crc32c=body.crc32c,
        md5=body.md5,
        components=body.components,
        created=now,
        updated=now,
        properties=json.dumps(properties),
    )
