"""The store of objects: every change is checked and made in one transaction, together with its events."""

from __future__ import annotations

import heapq
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from local.storage import json_resources, retention
from local.storage.body_files import BodyFiles, ObjectBody
from local.storage.bucket_store import BucketStore
from local.storage.database import StorageDatabase
from local.storage.errors import ObjectNotFound
from local.storage.events import EventOutbox, EventType, StorageEvent
from local.storage.noncurrent_versions import NoncurrentVersions
from local.storage.object_properties import Json
from local.storage.preconditions import Preconditions
from local.storage.stored_object import StoredObject
from local.storage.timestamps import timestamp_now

_READ = "SELECT * FROM objects WHERE bucket = ? AND name = ?"
_WRITE = "INSERT OR REPLACE INTO objects VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
_COLUMNS = 11
_FROM = "SELECT * FROM objects WHERE bucket = ? AND name >= ? ORDER BY name"
_BETWEEN = "SELECT * FROM objects WHERE bucket = ? AND name >= ? AND name < ? ORDER BY name"


@dataclass(frozen=True, slots=True)
class ObjectChange:
    """A change that was made.

    Attributes:
        stored: the object as it is now, or the deleted object.
        events: the events that are sent before the request is answered.
        abandoned: the generations whose files are no longer needed.
    """

    stored: StoredObject
    events: tuple[StorageEvent, ...]
    abandoned: tuple[int, ...] = ()


class ObjectStore:
    """Objects of all buckets. Not for several threads: that is what makes its checks and changes one step."""

    def __init__(
        self,
        database: StorageDatabase,
        files: BodyFiles,
        buckets: BucketStore,
        outbox: EventOutbox,
        origin: str,
    ) -> None:
        self._database = database
        self._files = files
        self._buckets = buckets
        self._outbox = outbox
        self._origin = origin
        self._archive = NoncurrentVersions(database)
        row = database.execute("SELECT seq FROM sqlite_sequence WHERE name = 'bodies'").fetchone()
        self._last_generation: int = row[0] if row else 0

    # Reading.

    def find_live(self, bucket: str, name: str) -> StoredObject | None:
        """Raises BucketNotFound."""
        self._buckets.read(bucket)
        row = self._database.execute(_READ, (bucket, name)).fetchone()
        return StoredObject(*row) if row else None

    def read(self, bucket: str, name: str, generation: int | None = None) -> StoredObject:
        """Returns the live object, or the version of that generation.

        Raises BucketNotFound, ObjectNotFound.
        """
        found = self.find_live(bucket, name)
        if generation is not None and (found is None or found.generation != generation):
            found = self._archive.find(bucket, name, generation)
        if found is None:
            raise ObjectNotFound(bucket, name)
        return found

    def scan(
        self, bucket: str, start: str, end: str | None, *, versions: bool = False
    ) -> Iterator[StoredObject]:
        """Yields objects with names in [start, end), in the order of names. Do not keep it across a change.

        With ``versions`` it also yields noncurrent ones, the oldest of a name first and the live one last.
        """
        if end is None:
            rows = self._database.execute(_FROM, (bucket, start))
        else:
            rows = self._database.execute(_BETWEEN, (bucket, start, end))
        live = (StoredObject(*row) for row in rows)
        if not versions:
            return live
        return heapq.merge(
            self._archive.scan(bucket, start, end), live, key=lambda each: (each.name, each.generation)
        )

    def open(self, stored: StoredObject) -> bytes | BinaryIO:
        """Returns the body: bytes when it is small, otherwise an open file, which survives a deletion.

        Raises ObjectDamaged where the file is not what was stored.
        """
        data = self._read_inline_body(stored.generation)
        return self._files.open(stored.generation, stored.size) if data is None else data

    def file_generations(self) -> Iterator[int]:
        """Yields the generations whose bodies are files."""
        rows = self._database.execute("SELECT generation FROM bodies WHERE data IS NULL")
        return (row[0] for row in rows)

    def _read_inline_body(self, generation: int) -> bytes | None:
        query = "SELECT data FROM bodies WHERE generation = ?"
        return self._database.execute(query, (generation,)).fetchone()[0]

    # Changing.

    def insert(
        self, bucket: str, name: str, body: ObjectBody, properties: Json, preconditions: Preconditions
    ) -> ObjectChange:
        """Raises BucketNotFound, PreconditionFailed or ObjectRetained."""
        with self._database.transaction():
            found = self._check_replaceable(bucket, name, preconditions)
            generation = self._next_generation()
            if body.path is not None:
                self._files.adopt(body.path, generation)
            return self._put_object(found, _new_object(bucket, name, generation, body, properties), body.data)

    def copy(
        self, source: StoredObject, bucket: str, name: str, properties: Json, preconditions: Preconditions
    ) -> ObjectChange:
        """Raises BucketNotFound, PreconditionFailed or ObjectRetained."""
        with self._database.transaction():
            return self._copy_object(source, bucket, name, properties, preconditions)

    def move(
        self, source: StoredObject, name: str, properties: Json, preconditions: Preconditions
    ) -> ObjectChange:
        """Gives an object another name in its bucket: both are done, or neither.

        Raises PreconditionFailed or ObjectRetained.
        """
        with self._database.transaction():
            copied = self._copy_object(source, source.bucket, name, properties, preconditions)
            if source.name == name:
                return copied
            removed = self._remove_version(source)
            return ObjectChange(
                copied.stored, (*copied.events, *removed.events), copied.abandoned + removed.abandoned
            )

    def _copy_object(
        self, source: StoredObject, bucket: str, name: str, properties: Json, preconditions: Preconditions
    ) -> ObjectChange:
        found = self._check_replaceable(bucket, name, preconditions)
        generation = self._next_generation()
        data = self._read_inline_body(source.generation)
        if data is None:
            self._files.link(source.generation, generation)
        body = ObjectBody(source.size, source.crc32c, source.md5, data, components=source.components)
        return self._put_object(found, _new_object(bucket, name, generation, body, properties), data)

    def change_properties(self, stored: StoredObject, properties: Json) -> ObjectChange:
        """Gives the object other properties and so a new metageneration."""
        changed = stored._replace(
            metageneration=stored.metageneration + 1,
            updated=timestamp_now(),
            properties=json.dumps(retention.with_release(stored.read_properties(), properties)),
        )
        with self._database.transaction() as database:
            if changed.deleted is None:
                database.execute(_WRITE, changed[:_COLUMNS])
            else:
                self._archive.put(changed)
            return ObjectChange(
                changed, (self._add_event(EventType.METADATA_UPDATE, changed, changed.updated),)
            )

    def delete(self, stored: StoredObject, *, for_good: bool = False) -> ObjectChange:
        """Deletes a version; the live one stays as a noncurrent one where its bucket keeps versions.

        ``for_good`` deletes it whatever the bucket keeps. Raises ObjectRetained.
        """
        with self._database.transaction():
            return self._remove_version(stored, for_good=for_good)

    def _check_replaceable(self, bucket: str, name: str, preconditions: Preconditions) -> StoredObject | None:
        """Returns the object that a write would replace.

        Raises BucketNotFound, PreconditionFailed or ObjectRetained.
        """
        found = self.find_live(bucket, name)
        preconditions.check_write(found)
        if found is not None:
            retention.check_removable(self._buckets.read(bucket), found)
        return found

    def _remove_version(self, stored: StoredObject, *, for_good: bool = False) -> ObjectChange:
        bucket = self._buckets.read(stored.bucket)
        retention.check_removable(bucket, stored)
        if stored.deleted is not None:
            self._archive.remove(stored)
        else:
            statement = "DELETE FROM objects WHERE bucket = ? AND name = ?"
            self._database.execute(statement, (stored.bucket, stored.name))
            if bucket.keeps_versions and not for_good:
                return ObjectChange(stored, (self._make_noncurrent(stored, timestamp_now()),))
        event = self._add_event(EventType.DELETE, stored, timestamp_now())
        return ObjectChange(stored, (event,), self._drop_body(stored.generation))

    def _put_object(self, found: StoredObject | None, new: StoredObject, data: bytes | None) -> ObjectChange:
        bucket = self._buckets.read(new.bucket)
        new = new._replace(properties=json.dumps(retention.with_default_hold(bucket, new.read_properties())))
        self._database.execute("INSERT INTO bodies VALUES (?, ?)", (new.generation, data))
        self._database.execute(_WRITE, new[:_COLUMNS])
        if found is None:
            return ObjectChange(new, (self._add_event(EventType.FINALIZE, new, new.created),))
        finalized = self._add_event(EventType.FINALIZE, new, new.created, overwrote=found.generation)
        if bucket.keeps_versions:
            return ObjectChange(new, (finalized, self._make_noncurrent(found, new.created, new.generation)))
        deleted = self._add_event(EventType.DELETE, found, new.created, overwritten_by=new.generation)
        return ObjectChange(new, (finalized, deleted), self._drop_body(found.generation))

    def _make_noncurrent(
        self, stored: StoredObject, time_: str, overwritten_by: int | None = None
    ) -> StorageEvent:
        """Makes the live version a noncurrent one."""
        archived = stored._replace(deleted=time_)
        self._archive.put(archived)
        return self._add_event(EventType.ARCHIVE, archived, time_, overwritten_by=overwritten_by)

    def _drop_body(self, generation: int) -> tuple[int, ...]:
        """Forgets a body. Returns its generation if the body is a file, which must then be deleted."""
        statement = "DELETE FROM bodies WHERE generation = ? RETURNING data IS NULL"
        (is_file,) = self._database.execute(statement, (generation,)).fetchall()[0]
        return (generation,) if is_file else ()

    def _add_event(
        self,
        type_: EventType,
        stored: StoredObject,
        time_: str,
        overwrote: int | None = None,
        overwritten_by: int | None = None,
    ) -> StorageEvent:
        resource = json_resources.object_resource(stored, self._origin, self._buckets.read(stored.bucket))
        return self._outbox.add(type_, resource, time_, overwrote, overwritten_by)

    def _next_generation(self) -> int:
        """Returns microseconds, as in the real service; they increase even when the clock is set back."""
        self._last_generation = max(self._last_generation + 1, time.time_ns() // 1000)
        return self._last_generation


def _new_object(bucket: str, name: str, generation: int, body: ObjectBody, properties: Json) -> StoredObject:
    now = timestamp_now()
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
