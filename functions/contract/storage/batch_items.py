"""The items of a batch: one object for each line. All of an item is in its metadata, so that listings show
it.

``open/{line}`` exists from before the line's job is admitted until the job has ended. ``ended/{line}`` is
written once and never changes. A line that never became a job has only the latter.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import suppress
from heapq import merge

from pydantic import ValidationError

from .. import ids, paths
from ..batch import BatchItem
from ..errors import DamagedDocument, ErrorFacts, NotFound, Overtaken
from ..states import State
from .bucket import NEW, Bucket, ObjectInfo

_ITEM = "item"
_DIGITS = 8
_LINE = re.compile(rf"/[0-9]{{{_DIGITS}}}\Z")
_LONGEST_MESSAGE = 1_000  # characters: metadata may have 8 KiB in all
_LONGEST_FIELD = 200
_MOST_BYTES = 3  # for a character, on average: a control character takes six as JSON


class BatchItems:
    """The items of one batch."""

    def __init__(self, jobs: Bucket, batch_id: str) -> None:
        self.bucket = jobs
        self.batch_id = batch_id

    def put_open(self, item: BatchItem) -> None:
        """Writes the line's open item."""
        self.bucket.put(
            paths.open_item(self.batch_id, item.line), b"", "text/plain", metadata=_as_metadata(item)
        )

    def end(self, item: BatchItem) -> None:
        """Replaces the open item by the ended one, unless an ended one exists."""
        # The ended item is written first: at no time is a line without either.
        name = paths.ended_item(self.batch_id, item.line)
        with suppress(Overtaken):
            self.bucket.put(
                name, b"", "text/plain", if_generation=NEW, metadata=_as_metadata(_with_short_error(item))
            )
        self.bucket.delete(paths.open_item(self.batch_id, item.line))

    def withdraw(self, line: int) -> None:
        """Removes an open item whose line has an ended one."""
        self.bucket.delete(paths.open_item(self.batch_id, line))

    def is_all_ended(self) -> bool:
        """Returns True if no item is open. Takes one call, however many items there are."""
        return next(self.bucket.list(paths.open_items_prefix(self.batch_id), limit=1), None) is None

    def remove(self, line: int) -> None:
        """Removes an ended item of a batch that is being deleted."""
        self.bucket.delete(paths.ended_item(self.batch_id, line))

    def find_open(self, line: int) -> BatchItem | None:
        """Returns the line's open item, or None if it has ended."""
        try:
            return self._item(self.bucket.stat(paths.open_item(self.batch_id, line)))
        except NotFound:
            return None

    def open(self) -> Iterator[BatchItem]:
        """Yields the open items in the order of lines."""
        return self._under(paths.open_items_prefix(self.batch_id), 0)

    def ended(self, after: int = 0) -> Iterator[BatchItem]:
        """Yields the ended items in the order of lines, from the first one after the line ``after``."""
        return self._under(paths.ended_items_prefix(self.batch_id), after)

    def all(self, after: int = 0) -> Iterator[BatchItem]:
        """Yields all items in the order of lines. An item that is seen both open and ended is
        shown as ended.
        """
        opened = self._under(paths.open_items_prefix(self.batch_id), after)
        last = 0
        for item in merge(self.ended(after), opened, key=lambda item: item.line):
            if item.line != last:
                last = item.line
                yield item

    def _under(self, prefix: str, after: int) -> Iterator[BatchItem]:
        start = f"{prefix}{after:08d}" if after else None
        found = self.bucket.list(prefix, after=start)
        return (self._item(listed) for listed in found if _LINE.search(listed.name))

    def _item(self, listed: ObjectInfo) -> BatchItem:
        """Parses an item. Unreadable metadata falls back to what the name says: the line, and whether it is
        open.
        """
        try:
            return BatchItem.model_validate_json(listed.metadata.get(_ITEM, ""))
        except ValidationError:
            line = int(listed.name[-_DIGITS:])
            job_id = ids.job_id_for_line(self.batch_id, line)
            if listed.name.startswith(paths.open_items_prefix(self.batch_id)):
                return BatchItem(line=line, state=State.QUEUED, job_id=job_id)
            error = DamagedDocument("What became of this line cannot be read: look at the job.").facts()
            return BatchItem(line=line, state=State.FAILED, job_id=job_id, error=error)


def _as_metadata(item: BatchItem) -> dict[str, str]:
    return {_ITEM: item.model_dump_json(exclude_none=True, exclude_defaults=True)}


def _with_short_error(item: BatchItem) -> BatchItem:
    """Shortens what a line's author can make long: names of fields are theirs, and messages repeat them."""
    error: ErrorFacts | None = item.error
    if error is not None:
        error = error.model_copy(update={"message": _shorten(error.message, _LONGEST_MESSAGE)})
    field = None if item.field is None else _shorten(item.field, _LONGEST_FIELD)
    return item.model_copy(update={"error": error, "field": field})


def _shorten(text: str, longest: int) -> str:
    """Returns the beginning of a text that would be too long, in characters or as JSON."""
    short = text[:longest]
    while len(json.dumps(short, ensure_ascii=False).encode("utf-8", "replace")) > _MOST_BYTES * longest:
        short = short[: len(short) // 2]
    return text if short == text else f"{short} …"
