"""Counts the bytes that an owner sends, day by day."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock

from ..contract import paths
from ..contract.document import now
from ..contract.errors import LimitReached, NotFound, Overtaken, Transient
from ..contract.storage.bucket import NEW, Bucket

_RACES = 20
_REMEMBERED = 100  # sources that the object names: it stays small, and requests are repeated soon
# Requests of one process wait for each other here, and not for lost races in the storage.
_LOCKS = tuple(Lock() for _ in range(64))


@dataclass(frozen=True)
class _Count:
    """What is counted so far. ``sources``: what the latest bytes belong to, the newest last."""

    taken: int = 0
    sources: tuple[str, ...] = ()


class DailyBytes:
    """One owner's count of today. Every change is compare-and-set, so that the limit is never exceeded.

    The bytes of one source count once, however often its request is repeated: also where the storage failed
    after they were counted, or only the answer of a write was lost.
    """

    def __init__(self, objects: Bucket, owner: str, at: datetime | None = None) -> None:
        self._objects = objects
        self._at = at or now()
        self._name = paths.bytes_of_day(owner, self._at)
        self._lock = _LOCKS[hash(owner) % len(_LOCKS)]

    def take(self, source: str, size: int, limit: int) -> None:
        """Adds ``size`` bytes of ``source``: a job's id, or a file's. Raises LimitReached where that would
        exceed ``limit``, and Transient.
        """
        with self._lock:
            for _ in range(_RACES):
                count, generation = self._read()
                if source in count.sources:
                    return
                self._check(count.taken, size, limit)
                sources = (*count.sources, source)[-_REMEMBERED:]
                body = json.dumps({"bytes": count.taken + size, "sources": sources}).encode()
                with suppress(Overtaken):
                    self._objects.put(self._name, body, if_generation=generation)
                    return
        raise Transient("Many requests of yours arrive at once: try again.")

    def _check(self, taken: int, size: int, limit: int) -> None:
        left = max(0, limit - taken)
        if size > left:
            raise LimitReached(
                f"You may send {limit} bytes a day: {left} are left, and these are {size}.",
                retry_after=_seconds_to_midnight(self._at),
            )

    def _read(self) -> tuple[_Count, int]:
        try:
            found = self._objects.get(self._name)
        except NotFound:
            return _Count(), NEW
        body = json.loads(found.data)
        return _Count(int(body["bytes"]), tuple(body.get("sources", ()))), found.generation


def _seconds_to_midnight(at: datetime) -> int:
    midnight = (at + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
    return max(1, int((midnight - at).total_seconds()))
