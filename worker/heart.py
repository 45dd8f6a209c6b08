"""The heart: one thread that keeps the leases of all jobs in hand, and carries their progress."""

from __future__ import annotations

import threading
from collections.abc import Generator
from contextlib import contextmanager

from functions.contract.errors import PlantainError
from functions.contract.log import log
from worker.tenure import Tenure

_BEAT = 0.25  # seconds


class Heart:
    """Beats for every tenure that is in it. It lives in the parent process: no model can hold it up."""

    def __init__(self) -> None:
        self._tenures: set[Tenure] = set()
        self._lock = threading.Lock()
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="heart", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopped.set()
        self._thread.join()

    @contextmanager
    def keeping(self, tenure: Tenure) -> Generator[None]:
        """Beats for the tenure from here to the end of the block."""
        self.add(tenure)
        try:
            yield
        finally:
            self.remove(tenure)

    def add(self, tenure: Tenure) -> None:
        with self._lock:
            self._tenures.add(tenure)

    def remove(self, tenure: Tenure) -> None:
        with self._lock:
            self._tenures.discard(tenure)

    def _run(self) -> None:
        while not self._stopped.wait(_BEAT):
            with self._lock:
                tenures = tuple(self._tenures)
            for tenure in tenures:
                self._beat(tenure)

    def _beat(self, tenure: Tenure) -> None:
        try:
            tenure.beat()
        except PlantainError as error:  # the tenure finds out at its next check; the others go on
            log("lease.beat_failed", "WARNING", job_id=tenure.record.id, code=error.code)
