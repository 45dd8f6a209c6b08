"""The SQLite database beside the files: the records of everything, and the bytes of small bodies."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

from local.http_servers.errors import DirectoryUnusable

VERSION = 2

_SCHEMA = """
CREATE TABLE buckets (
    name TEXT PRIMARY KEY,
    metageneration INTEGER NOT NULL,
    created TEXT NOT NULL,
    updated TEXT NOT NULL,
    properties TEXT NOT NULL
) WITHOUT ROWID;

-- Sorted by name, so that a listing reads one range and no bodies.
CREATE TABLE objects (
    bucket TEXT NOT NULL,
    name TEXT NOT NULL,
    generation INTEGER NOT NULL,
    metageneration INTEGER NOT NULL,
    size INTEGER NOT NULL,
    crc32c TEXT NOT NULL,
    md5 TEXT,
    components INTEGER,
    created TEXT NOT NULL,
    updated TEXT NOT NULL,
    properties TEXT NOT NULL,
    PRIMARY KEY (bucket, name)
) WITHOUT ROWID;

-- A body without data is a file. AUTOINCREMENT remembers the highest generation there ever was.
CREATE TABLE bodies (generation INTEGER PRIMARY KEY AUTOINCREMENT, data BLOB);

CREATE TABLE uploads (
    id TEXT PRIMARY KEY,
    started REAL NOT NULL,
    ticket TEXT NOT NULL,
    result TEXT
) WITHOUT ROWID;

CREATE TABLE notification_configs (
    bucket TEXT NOT NULL,
    id INTEGER NOT NULL,
    config TEXT NOT NULL,
    PRIMARY KEY (bucket, id)
) WITHOUT ROWID;

-- Events that have yet to be delivered: written with the change that caused them.
CREATE TABLE outbox (position INTEGER PRIMARY KEY, event TEXT NOT NULL);
"""

_SINCE_VERSION_2 = """
-- Noncurrent versions of objects, in buckets that keep them.
CREATE TABLE archived (
    bucket TEXT NOT NULL,
    name TEXT NOT NULL,
    generation INTEGER NOT NULL,
    metageneration INTEGER NOT NULL,
    size INTEGER NOT NULL,
    crc32c TEXT NOT NULL,
    md5 TEXT,
    components INTEGER,
    created TEXT NOT NULL,
    updated TEXT NOT NULL,
    properties TEXT NOT NULL,
    deleted TEXT NOT NULL,
    PRIMARY KEY (bucket, name, generation)
) WITHOUT ROWID;

-- Parts of XML multipart uploads; their bytes are files until the upload is completed.
CREATE TABLE parts (
    upload TEXT NOT NULL,
    number INTEGER NOT NULL,
    file TEXT NOT NULL,
    size INTEGER NOT NULL,
    md5 TEXT NOT NULL,
    written TEXT NOT NULL,
    PRIMARY KEY (upload, number)
) WITHOUT ROWID;
"""


class StorageDatabase:
    """One exclusive connection: a second server on the same directory is refused.

    A commit survives the death of the process at once, and of the machine after the next checkpoint
    (https://www.sqlite.org/pragma.html#pragma_synchronous).
    """

    def __init__(self, path: Path) -> None:
        """Raises DirectoryUnusable."""
        try:
            self._connection = sqlite3.connect(path, isolation_level=None, timeout=0, cached_statements=256)
            self._prepare_schema()
        except sqlite3.OperationalError as error:
            locked = "locked" in str(error)
            why = "another server uses it; stop that one" if locked else f"{error}; choose another directory"
            raise DirectoryUnusable(f"{path.parent} cannot hold the objects: {why}.") from error
        except sqlite3.DatabaseError as error:
            raise DirectoryUnusable(f"{path} is not a database of objects: {error}.") from error

    def _prepare_schema(self) -> None:
        for pragma in (
            "locking_mode=EXCLUSIVE",  # before the first access: keeps the WAL's index in memory, unshared
            "journal_mode=WAL",
            "synchronous=NORMAL",
            "wal_autocheckpoint=4000",
            "cache_size=-65536",
            "temp_store=MEMORY",
        ):
            self._connection.execute(f"PRAGMA {pragma}")
        (version,) = self._connection.execute("PRAGMA user_version").fetchone()
        if version > VERSION:
            raise sqlite3.DatabaseError(
                f"it has version {version}, and this Plantain reads versions up to {VERSION}"
            )
        missing = "".join((_SCHEMA, _SINCE_VERSION_2)[version:])
        if missing:
            self._connection.executescript(f"BEGIN;{missing} PRAGMA user_version={VERSION}; COMMIT;")

    def execute(self, statement: str, values: tuple[Any, ...] = ()) -> sqlite3.Cursor:
        return self._connection.execute(statement, values)

    def transaction(self) -> sqlite3.Connection:
        """Returns a context manager: either everything that is executed in it takes effect, or nothing."""
        self._connection.execute("BEGIN IMMEDIATE")
        return self._connection

    def close(self) -> None:
        self._connection.close()
