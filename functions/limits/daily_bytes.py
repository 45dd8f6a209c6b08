"""Counts the bytes of the pictures that an owner's jobs take, day by day."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from threading import Lock

from ..contract import paths
from ..contract.document import now
from ..contract.errors import LimitReached, NotFound, Overtaken, Transient
from ..contract.storage.bucket import NEW, Bucket

_RACES = 20
# Requests of one process wait for each other here, and not for lost races in the storage.
_LOCKS = tuple(Lock() for _ in range(64))


class DailyBytes:
    """One owner's count of today. Every change is compare-and-set, so that the limit is never exceeded.

    A request that is counted and whose process ends before its job is recorded stays counted.
    """

    def __init__(self, objects: Bucket, owner: str, at: datetime | None = None) -> None:
        self._objects = objects
        self._at = at or now()
        self._name = paths.bytes_of_day(owner, self._at)
        self._lock = _LOCKS[hash(owner) % len(_LOCKS)]

    def take(self, size: int, limit: int) -> None:
        """Adds ``size``. Raises LimitReached where that would exceed ``limit``, and Transient."""

        def add(taken: int) -> int:
            left = max(0, limit - taken)
            if size > left:
                raise LimitReached(
                    f"You may send {limit} bytes of pictures a day: {left} are left, and these have {size}.",
                    limit=limit,
                    remaining=left,
                    unit="bytes",
                    retry_after=_seconds_to_midnight(self._at),
                )
            return taken + size

        self._change(add)

    def give_back(self, size: int) -> None:
        """Subtracts ``size``. What cannot be subtracted now stays counted until midnight."""
        with suppress(Transient):
            self._change(lambda taken: max(0, taken - size))

    def _change(self, change: Callable[[int], int]) -> None:
        nonce = secrets.token_hex(8)
        with self._lock:
            for _ in range(_RACES):
                taken, generation, written_by = self._read()
                if written_by == nonce:  # the client repeated a write whose answer was lost
                    return
                body = json.dumps({"bytes": change(taken), "nonce": nonce}).encode()
                with suppress(Overtaken):
                    self._objects.put(self._name, body, if_generation=generation)
                    return
        raise Transient("Many requests of yours arrive at once: try again.")

    def _read(self) -> tuple[int, int, str | None]:
        try:
            found = self._objects.get(self._name)
        except NotFound:
            return 0, NEW, None
        body = json.loads(found.data)
        return int(body["bytes"]), found.generation, str(body["nonce"])


def _seconds_to_midnight(at: datetime) -> int:
    midnight = (at + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
    return max(1, int((midnight - at).total_seconds()))
