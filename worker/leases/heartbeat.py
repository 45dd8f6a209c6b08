"""The heart: keeps the leases of all jobs in hand, and carries their progress."""

from __future__ import annotations

import threading
import time

from functions.contract.errors import PlantainError
from functions.contract.telemetry.log import log
from worker.leases.lease import HeldLease

_BEAT = 0.25  # seconds
_STUCK = 300.0  # seconds without a beat: the client of a storage that does not answer gives up long before


class Heartbeat:
    """Beats for every tenure that is in it, each on its own thread: a slow write holds up no other's lease.

    It lives in the parent process, where no model can hold it up either.
    """

    def __init__(self) -> None:
        self._stops: dict[HeldLease, threading.Event] = {}
        self._beats: dict[HeldLease, float] = {}
        self._lock = threading.Lock()

    def add(self, tenure: HeldLease) -> None:
        stop = threading.Event()
        with self._lock:
            self._stops[tenure] = stop
            self._beats[tenure] = time.monotonic()
        threading.Thread(target=self._beat, args=(tenure, stop), name="heart", daemon=True).start()

    def remove(self, tenure: HeldLease) -> None:
        with self._lock:
            stop = self._stops.pop(tenure, None)
            self._beats.pop(tenure, None)
        if stop is not None:
            stop.set()

    def fault(self) -> str | None:
        """What is wrong for good: a lease that nobody keeps any more."""
        with self._lock:
            oldest = min(self._beats.values(), default=None)
        stuck = oldest is not None and time.monotonic() - oldest > _STUCK
        return "the heart stands still" if stuck else None

    def _beat(self, tenure: HeldLease, stop: threading.Event) -> None:
        while not stop.wait(_BEAT):
            try:
                tenure.beat()
            except PlantainError as error:  # the tenure finds out at its next check
                log("lease.beat_failed", "WARNING", job_id=tenure.record.id, code=error.code)
            with self._lock:
                if tenure in self._beats:
                    self._beats[tenure] = time.monotonic()
