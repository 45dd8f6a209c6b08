"""A job of a prediction request, as the runner sees it: it takes the place of a Pub/Sub message."""

from __future__ import annotations

import threading
from collections.abc import Callable


class PredictionJob:
    """``ack`` means that the job has ended, ``nack`` that it has not ended here. The first call counts."""

    def __init__(self, job_id: str, data: bytes, on_settled: Callable[[], None]) -> None:
        self.job_id = job_id
        self._data = data
        self._on_settled = on_settled
        self._settled = threading.Event()
        self.has_ended = False

    @property
    def data(self) -> bytes:
        return self._data

    def ack(self) -> None:
        self.has_ended = True
        self._settle()

    def nack(self) -> None:
        self._settle()

    def wait_until_settled(self) -> bool:
        """Blocks until the runner settles the job. Returns True if it has ended."""
        self._settled.wait()
        return self.has_ended

    def _settle(self) -> None:
        if not self._settled.is_set():
            self._settled.set()
            self._on_settled()
