"""The heartbeat: renews the leases of all jobs in progress, and writes their progress."""

from __future__ import annotations

import queue
import threading
import time

from functions.contract.errors import PlantainError
from functions.contract.telemetry.log import log
from worker.leases.lease import HeldLease

_INTERVAL = 0.25  # seconds
_STUCK = 300.0  # seconds without a beat: a storage client whose server is silent gives up long before


class Heartbeat:
    """Renews each lease on a thread of its own, so that a slow write delays no other lease.

    It runs in the parent process, where no model can delay it either. A thread serves one lease after the
    other: to start one takes a millisecond, which the job would wait for.
    """

    def __init__(self) -> None:
        self._added: queue.SimpleQueue[tuple[HeldLease, threading.Event]] = queue.SimpleQueue()
        self.idle = 0  # threads that wait for a lease, without those that an added lease will take
        self._stops: dict[HeldLease, threading.Event] = {}
        self._last_beats: dict[HeldLease, float] = {}
        self._lock = threading.Lock()

    def add(self, lease: HeldLease) -> None:
        stop = threading.Event()
        with self._lock:
            self._stops[lease] = stop
            self._last_beats[lease] = time.monotonic()
            needs_thread = not self.idle
            self.idle -= not needs_thread
        self._added.put((lease, stop))
        if needs_thread:
            threading.Thread(target=self._serve_leases, name="heartbeat", daemon=True).start()

    def remove(self, lease: HeldLease) -> None:
        with self._lock:
            stop = self._stops.pop(lease, None)
            self._last_beats.pop(lease, None)
        if stop is not None:
            stop.set()

    def fault(self) -> str | None:
        """Returns a fault that only a new process mends: a lease that is no longer renewed."""
        with self._lock:
            oldest = min(self._last_beats.values(), default=None)
        is_stuck = oldest is not None and time.monotonic() - oldest > _STUCK
        return "the heartbeat stands still" if is_stuck else None

    def _serve_leases(self) -> None:
        while True:
            self._renew_until(*self._added.get())
            with self._lock:
                self.idle += 1

    def _renew_until(self, lease: HeldLease, stop: threading.Event) -> None:
        while not stop.wait(_INTERVAL):
            try:
                lease.renew_if_due()
            except PlantainError as error:  # the job finds out at its next check
                log("lease.beat_failed", "WARNING", job_id=lease.record.id, code=error.code)
            with self._lock:
                if lease in self._last_beats:
                    self._last_beats[lease] = time.monotonic()
