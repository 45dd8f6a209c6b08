"""The state that survives a restart, in SQLite: topics, subscriptions, messages and missing acknowledgements.

Changes are collected and written in batches. A batch is a state, not a log: a message that was published and
acknowledged before its batch was written never touches the disk.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from local.http_servers.errors import DirectoryUnusable

FILE_NAME = "pubsub.sqlite3"
SCHEMA_VERSION = 2
SCHEMA = """
CREATE TABLE topics (name TEXT PRIMARY KEY, config BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE subscriptions (number INTEGER PRIMARY KEY, config BLOB NOT NULL);
CREATE TABLE messages (number INTEGER PRIMARY KEY, body BLOB NOT NULL);
CREATE TABLE backlog (
    subscription INTEGER NOT NULL, message INTEGER NOT NULL, attempt INTEGER NOT NULL,
    PRIMARY KEY (subscription, message)
) WITHOUT ROWID;
"""
SINCE_VERSION_2 = """
CREATE TABLE snapshots (number INTEGER PRIMARY KEY, config BLOB NOT NULL);
CREATE TABLE logs (number INTEGER PRIMARY KEY, topic TEXT NOT NULL);
"""


@dataclass(frozen=True, slots=True)
class JournalTable:
    """The statements that write and delete the rows of one table.

    A row whose last column is None is deleted.
    """

    put: str
    drop: str

    def write_rows(
        self, database: sqlite3.Connection, rows: Sequence[tuple[int | str | bytes | None, ...]]
    ) -> None:
        database.executemany(self.put, [row for row in rows if row[-1] is not None])
        database.executemany(self.drop, [row[:-1] for row in rows if row[-1] is None])


TOPICS = JournalTable("INSERT OR REPLACE INTO topics VALUES (?, ?)", "DELETE FROM topics WHERE name = ?")
SUBSCRIPTIONS = JournalTable(
    "INSERT OR REPLACE INTO subscriptions VALUES (?, ?)", "DELETE FROM subscriptions WHERE number = ?"
)
MESSAGES = JournalTable(
    "INSERT OR REPLACE INTO messages VALUES (?, ?)", "DELETE FROM messages WHERE number = ?"
)
SNAPSHOTS = JournalTable(
    "INSERT OR REPLACE INTO snapshots VALUES (?, ?)", "DELETE FROM snapshots WHERE number = ?"
)
LOGS = JournalTable("INSERT OR REPLACE INTO logs VALUES (?, ?)", "DELETE FROM logs WHERE number = ?")
BACKLOG = JournalTable(
    "INSERT OR REPLACE INTO backlog VALUES (?, ?, ?)",
    "DELETE FROM backlog WHERE subscription = ? AND message = ?",
)


@dataclass(slots=True)
class JournalBatch:
    """The changes since the last batch: the new value by key, None for a deleted row."""

    topics: dict[str, bytes | None] = field(default_factory=dict[str, bytes | None])
    subscriptions: dict[int, bytes | None] = field(default_factory=dict[int, bytes | None])
    messages: dict[int, bytes | None] = field(default_factory=dict[int, bytes | None])
    backlog: dict[tuple[int, int], int | None] = field(default_factory=dict[tuple[int, int], int | None])

    snapshots: dict[int, bytes | None] = field(default_factory=dict[int, bytes | None])
    logs: dict[int, str | None] = field(default_factory=dict[int, str | None])

    def __bool__(self) -> bool:
        tables = (self.topics, self.subscriptions, self.messages, self.backlog, self.snapshots, self.logs)
        return any(tables)

    def merged_with(self, later: JournalBatch) -> JournalBatch:
        """Returns both batches as one; the later one wins."""
        return JournalBatch(
            self.topics | later.topics,
            self.subscriptions | later.subscriptions,
            self.messages | later.messages,
            self.backlog | later.backlog,
            self.snapshots | later.snapshots,
            self.logs | later.logs,
        )


@dataclass(frozen=True, slots=True)
class JournalContent:
    """Everything that the journal holds.

    Backlog rows are (holder, message, attempt), where the holder is a subscription, a snapshot or a log.
    """

    topics: dict[str, bytes]
    subscriptions: dict[int, bytes]
    messages: dict[int, bytes]
    backlog: list[tuple[int, int, int]]
    snapshots: dict[int, bytes]
    logs: dict[int, str]


class Journal:
    """The journal under a directory; with None it is kept in memory and lost at the end.

    Args:
        directory: created if it is missing.
        on_change: called after each change, to have it written soon.

    Raises:
        DirectoryUnusable: it is not writable, another server uses it, or was written by a newer one.
    """

    def __init__(self, directory: Path | None, on_change: Callable[[], None] = lambda: None) -> None:
        self.on_change = on_change
        self._batch = JournalBatch()
        try:
            self._database = self._open(directory)
        except (OSError, sqlite3.Error) as error:
            raise DirectoryUnusable(
                f"{directory} cannot hold Pub/Sub's messages ({error}): choose another directory, or stop the"
                " server that uses it."
            ) from error

    def _open(self, directory: Path | None) -> sqlite3.Connection:
        if directory:
            directory.mkdir(parents=True, exist_ok=True)
        path = directory / FILE_NAME if directory else ":memory:"
        database = sqlite3.connect(path, timeout=1, isolation_level=None, check_same_thread=False)
        # Before WAL, so that the write-ahead log needs no shared memory and a second server is kept out.
        database.execute("PRAGMA locking_mode = EXCLUSIVE")
        database.execute("PRAGMA journal_mode = WAL")
        # With WAL, NORMAL loses nothing when the process is killed; the last moments may go with the power.
        database.execute("PRAGMA synchronous = NORMAL")
        database.execute("BEGIN EXCLUSIVE")
        (version,) = database.execute("PRAGMA user_version").fetchone()
        if version > SCHEMA_VERSION:
            database.close()
            raise DirectoryUnusable(f"{directory} was written by a newer Plantain (version {version}).")
        if version < SCHEMA_VERSION:
            for statement in "".join((SCHEMA, SINCE_VERSION_2)[version:]).split(";"):
                database.execute(statement)
            database.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
        database.execute("COMMIT")
        return database

    def put_topic(self, name: str, config: bytes) -> None:
        self._batch.topics[name] = config
        self.on_change()

    def drop_topic(self, name: str) -> None:
        self._batch.topics[name] = None
        self.on_change()

    def put_subscription(self, number: int, config: bytes) -> None:
        self._batch.subscriptions[number] = config
        self.on_change()

    def drop_subscription(self, number: int) -> None:
        self._batch.subscriptions[number] = None
        self.on_change()

    def put_snapshot(self, number: int, config: bytes) -> None:
        self._batch.snapshots[number] = config
        self.on_change()

    def drop_snapshot(self, number: int) -> None:
        self._batch.snapshots[number] = None
        self.on_change()

    def put_log(self, number: int, topic: str) -> None:
        """Records that a topic keeps its messages after their acknowledgement."""
        self._batch.logs[number] = topic
        self.on_change()

    def drop_log(self, number: int) -> None:
        self._batch.logs[number] = None
        self.on_change()

    def put_message(self, number: int, body: bytes) -> None:
        self._batch.messages[number] = body
        self.on_change()

    def drop_message(self, number: int) -> None:
        # In the batch but not in the database: nothing would be left to delete.
        if self._batch.messages.pop(number, None) is None:
            self._batch.messages[number] = None
        self.on_change()

    def add_to_backlog(self, subscription: int, message: int, attempt: int) -> None:
        """Records that the subscription must still acknowledge the message, which it delivered ``attempt``
        times.
        """
        self._batch.backlog[subscription, message] = attempt
        self.on_change()

    def remove_from_backlog(self, subscription: int, message: int) -> None:
        """Records that the subscription no longer needs the message."""
        self._batch.backlog[subscription, message] = None
        self.on_change()

    def take_changes(self) -> JournalBatch:
        """Returns the changes so far, to be written; later changes go to a new batch."""
        batch, self._batch = self._batch, JournalBatch()
        return batch

    def put_back(self, batch: JournalBatch) -> None:
        """Returns a batch that could not be written to the journal; it is written with the next one."""
        self._batch = batch.merged_with(self._batch)

    def write_batch(self, batch: JournalBatch) -> None:
        """Writes a batch as one transaction; may run on another thread, one at a time.

        Raises:
            sqlite3.Error: nothing of it was written.
        """
        with self._database as database:
            database.execute("BEGIN IMMEDIATE")
            TOPICS.write_rows(database, [*batch.topics.items()])
            SUBSCRIPTIONS.write_rows(database, [*batch.subscriptions.items()])
            SNAPSHOTS.write_rows(database, [*batch.snapshots.items()])
            LOGS.write_rows(database, [*batch.logs.items()])
            MESSAGES.write_rows(database, [*batch.messages.items()])
            BACKLOG.write_rows(database, [(*key, attempt) for key, attempt in batch.backlog.items()])

    def load_content(self) -> JournalContent:
        """Returns everything as the last server left it."""
        database = self._database
        database.execute("DELETE FROM messages WHERE number NOT IN (SELECT message FROM backlog)")
        return JournalContent(
            topics=dict(database.execute("SELECT name, config FROM topics")),
            subscriptions=dict(database.execute("SELECT number, config FROM subscriptions")),
            messages=dict(database.execute("SELECT number, body FROM messages ORDER BY number")),
            backlog=list(
                database.execute("SELECT subscription, message, attempt FROM backlog ORDER BY message")
            ),
            snapshots=dict(database.execute("SELECT number, config FROM snapshots")),
            logs=dict(database.execute("SELECT number, topic FROM logs")),
        )

    def close(self) -> None:
        """Writes what is left and lets the directory go.

        Raises:
            DirectoryUnusable: the last changes could not be written.
        """
        try:
            self.write_batch(self.take_changes())
        except sqlite3.Error as error:
            raise DirectoryUnusable(f"Pub/Sub's last changes could not be written: {error}.") from error
        finally:
            self._database.close()
