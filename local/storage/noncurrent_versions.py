"""Noncurrent versions of objects: what a bucket with versioning keeps of the objects that it replaced."""

from __future__ import annotations

from collections.abc import Iterator

from local.storage.database import StorageDatabase
from local.storage.stored_object import StoredObject

_WRITE = "INSERT OR REPLACE INTO archived VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
_READ = "SELECT * FROM archived WHERE bucket = ? AND name = ? AND generation = ?"
_DELETE = "DELETE FROM archived WHERE bucket = ? AND name = ? AND generation = ?"
_FROM = "SELECT * FROM archived WHERE bucket = ? AND name >= ? ORDER BY name, generation"
_BETWEEN = "SELECT * FROM archived WHERE bucket = ? AND name >= ? AND name < ? ORDER BY name, generation"


class NoncurrentVersions:
    """Versions by name and generation. What it changes, it changes inside its caller's transaction."""

    def __init__(self, database: StorageDatabase) -> None:
        self._database = database

    def find(self, bucket: str, name: str, generation: int) -> StoredObject | None:
        row = self._database.execute(_READ, (bucket, name, generation)).fetchone()
        return StoredObject(*row) if row else None

    def scan(self, bucket: str, start: str, end: str | None) -> Iterator[StoredObject]:
        """Yields versions with names in [start, end), in the order of names, the oldest of a name first."""
        if end is None:
            rows = self._database.execute(_FROM, (bucket, start))
        else:
            rows = self._database.execute(_BETWEEN, (bucket, start, end))
        return (StoredObject(*row) for row in rows)

    def put(self, version: StoredObject) -> None:
        """Keeps a version, whose ``deleted`` is set."""
        self._database.execute(_WRITE, tuple(version))

    def remove(self, version: StoredObject) -> None:
        self._database.execute(_DELETE, (version.bucket, version.name, version.generation))
