"""Tells the other processes that this one still serves its waiting callers.

A process that holds requests writes a small object every few seconds. Another process that finds a request
held by it watches that object: one that does not change belongs to a process that has ended.
"""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable
from contextlib import suppress
from time import monotonic, sleep

from ..contract import paths
from ..contract.errors import NotFound, PlantainError
from ..contract.storage.bucket import Bucket

PROCESS = secrets.token_hex(8)  # this process's name among all that serve the API
EVERY = 3.0  # seconds between two beats: one object is written at most once a second
_MISSED = 2.5 * EVERY  # seconds without a beat after which a process counts as ended
_LOOK = 0.5  # seconds between two looks at another process's beat


class ProcessHeartbeat:
    """The requests that this process holds, and the thread that writes the beat while there are any."""

    def __init__(self) -> None:
        self._held: dict[str, Callable[[], bool]] = {}
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    def hold(self, objects: Bucket, token: str, is_abandoned: Callable[[], bool]) -> None:
        """Notes that a caller waits on ``token``. The first beat is written before the call returns."""
        with self._lock:
            self._held[token] = is_abandoned
            is_first = self._thread is None
            thread = self._thread or threading.Thread(
                target=self._beat, args=(objects,), name="process-heartbeat", daemon=True
            )
            self._thread = thread
        if is_first:
            _write_beat(objects)
            thread.start()

    def release(self, token: str) -> None:
        """Notes that no request waits on ``token`` any more."""
        with self._lock:
            self._held.pop(token, None)

    def serves(self, token: str) -> bool:
        """Returns True while a caller of this process waits on ``token`` and its connection is open."""
        with self._lock:
            is_abandoned = self._held.get(token)
        return is_abandoned is not None and not is_abandoned()

    def _beat(self, objects: Bucket) -> None:
        while True:
            sleep(EVERY)
            with self._lock:
                if not self._held:
                    self._thread = None
                    break
            with suppress(PlantainError):  # the next beat comes soon
                _write_beat(objects)
        with suppress(PlantainError):
            objects.delete(paths.process_heartbeat(PROCESS))


def _write_beat(objects: Bucket) -> None:
    objects.put(paths.process_heartbeat(PROCESS), b"", "text/plain")


def is_process_alive(objects: Bucket, process: str) -> bool:
    """Returns True once another process's beat is seen to change, False if it does not for some seconds."""
    name, until = paths.process_heartbeat(process), monotonic() + _MISSED
    try:
        first = objects.stat(name).generation
        while monotonic() < until:
            sleep(_LOOK)
            if objects.stat(name).generation != first:
                return True
    except NotFound:
        return False
    return False


HEARTBEAT = ProcessHeartbeat()
