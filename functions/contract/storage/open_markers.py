"""Markers: an empty object for each open job or batch, whose metadata says what is still to be done.

A writer that may be overtaken enters before it writes. It leaves after it has removed what no record names.
While a writer is in, the marker cannot be closed: ``sweep`` comes back to it and removes what a dead writer
left.

| process                                 | what it does                                                    |
|-----------------------------------------|-----------------------------------------------------------------|
| a request with an Idempotency-Key       | enters (where there is a marker: unless its job exists), writes |
|                                         | its pictures, writes the record or leaves                       |
| a reader of a part of a batch's file    | enters, admits lines, leaves                                    |
| the one that closes                     | removes the marker as it has seen it, with no writer in          |
| ``sweep``, for a job without a record   | bars the marker as it has seen it, removes the job's inputs      |

Each compares the marker's metageneration, which every change of metadata raises.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from ..document import now
from ..errors import NotFound, Overtaken, Transient
from ..timestamps import parse_time
from .bucket import NEW, Bucket, ObjectInfo

_WRITER = "writer-"
_BARRED = "barred"


@dataclass(frozen=True)
class MarkerWriter:
    """A writer that has entered. ``created`` is the marker's generation if this writer made it."""

    key: str
    created: int | None = None


class OpenMarkers:
    """The markers of one kind of record; ``name_of`` maps an id to its marker's name."""

    def __init__(self, objects: Bucket, name_of: Callable[[str], str]) -> None:
        self._objects = objects
        self._name_of = name_of

    def open(self, id: str, **facts: str) -> None:
        """Makes the marker, or adds ``facts`` to the existing one."""
        name = self._name_of(id)
        try:
            self._objects.put(name, b"", "text/plain", if_generation=NEW, metadata=facts)
        except Overtaken:
            self.mark(id, **(facts or {"opened": now().isoformat()}))

    def find(self, id: str) -> ObjectInfo:
        """Returns the marker. Raises NotFound."""
        return self._objects.stat(self._name_of(id))

    def mark(self, id: str, **facts: str | None) -> ObjectInfo | None:
        """Adds facts for ``sweep`` to see in its listing. Returns the marker, or None if there is none."""
        with suppress(NotFound):
            return self._objects.set_metadata(self._name_of(id), facts)
        return None

    def enter(self, id: str) -> MarkerWriter:
        """Adds a writer to the marker, which is made if there is none. Raises as ``join``."""
        writer = self.make(id)
        return self.join(id, writer) if writer.created is None else writer

    def make(self, id: str) -> MarkerWriter:
        """Makes the marker, with a writer. Where there is a marker, the writer has not entered, but may
        ``join``: its ``created`` is None.
        """
        writer = MarkerWriter(f"{_WRITER}{secrets.token_hex(4)}")
        with suppress(Overtaken):
            return self._make_with(id, writer)
        return writer

    def join(self, id: str, writer: MarkerWriter) -> MarkerWriter:
        """Adds the writer to the marker, or to a new one if the marker was removed.

        Raises Transient while ``sweep`` removes what an earlier writer left.
        """
        while True:
            with suppress(NotFound, Overtaken):
                self._join(self._name_of(id), {writer.key: now().isoformat()})
                return writer
            with suppress(Overtaken):
                return self._make_with(id, writer)

    def _make_with(self, id: str, writer: MarkerWriter) -> MarkerWriter:
        facts = {writer.key: now().isoformat()}
        made = self._objects.put(self._name_of(id), b"", "text/plain", if_generation=NEW, metadata=facts)
        return MarkerWriter(writer.key, made)

    def _join(self, name: str, facts: Mapping[str, str]) -> None:
        seen = self._objects.stat(name)
        if _BARRED in seen.metadata:
            raise Transient("What an earlier request left is being removed: try again in a minute.")
        self._objects.set_metadata(name, facts, seen=seen)

    def leave(self, id: str, writer: MarkerWriter) -> None:
        """Removes the writer, and the marker too if this writer made it and no other process has
        used it since.
        """
        name = self._name_of(id)
        if writer.created is None or not self._objects.delete(name, writer.created, if_metageneration=1):
            self.mark(id, **{writer.key: None})

    def close(self, id: str, seen: ObjectInfo | None = None) -> None:
        """Removes the marker, unless a writer is in. ``seen`` is the marker as the caller last saw it."""
        name = self._name_of(id)
        with suppress(NotFound):
            while True:
                seen = seen or self._objects.stat(name)
                if writers_on(seen):
                    return
                if self._objects.delete(name, seen.generation, if_metageneration=seen.metageneration):
                    return
                seen = None

    def bar(self, seen: ObjectInfo) -> None:
        """Lets no further writer in. Raises Overtaken if the marker is not as it was seen."""
        self._objects.set_metadata(seen.name, {_BARRED: "yes"}, seen=seen)


def writers_on(marker: ObjectInfo) -> dict[str, datetime]:
    """Returns the writers that have entered and not left, each with its time.

    An unreadable time counts as the time when the marker was made.
    """
    return {
        key: parse_time(at) or marker.created
        for key, at in marker.metadata.items()
        if key.startswith(_WRITER)
    }


def late_writers(marker: ObjectInfo, age: timedelta) -> tuple[str, ...]:
    """Returns the writers that entered longer ago than ``age``: they count as dead."""
    return tuple(key for key, entered in writers_on(marker).items() if now() - entered >= age)
