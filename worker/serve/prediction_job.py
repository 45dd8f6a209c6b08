"""A job that came with a request, as the runner takes it: what a Pub/Sub message is to the subscriber."""

from __future__ import annotations

import threading
from collections.abc import Callable


class PredictionJob:
    """``ack`` says that the job has ended, ``nack`` that it has not, here; the first of them counts."""

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

    def wait(self) -> bool:
        """Whether the job has ended, as soon as that is known."""
        self._settled.wait()
        return self.has_ended

    def _settle(self) -> None:
        if not self._settled.is_set():
            self._settled.set()
            self._on_settled()
