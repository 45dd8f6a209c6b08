"""Reports a job's stages and steps to the parent process, and hears its order to stop."""

from __future__ import annotations

import base64
import time
from collections.abc import Callable
from multiprocessing.connection import Connection

import numpy as np

from functions.contract.errors import PlantainError
from worker.pictures.jpeg_preview import encode_jpeg_preview
from worker.stage_processes.messages import StageReport, StopJob
from worker.stage_processes.transfer import receive_object, send_object

_PREVIEW_EVERY = 1.0  # seconds
_REPORT_EVERY = 0.2
_PREVIEW_QUALITY = 70


class StopOrders:
    """The orders to stop that have come over ``connection`` for the jobs that run."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._errors: dict[str, PlantainError] = {}

    def raise_if_stopped(self, job_id: str) -> None:
        """Raises the error with which the parent stops the job."""
        while self._connection.poll():
            order = receive_object(self._connection)
            if isinstance(order, StopJob):
                self._errors[order.job_id] = order.error
        if job_id in self._errors:
            raise self._errors[job_id]


class StepReporter:
    """Sends the reports of one job, at most five a second. Raises the error with which it is stopped."""

    def __init__(self, connection: Connection, job_id: str, orders: StopOrders | None = None) -> None:
        self._connection = connection
        self._job_id = job_id
        self._orders = orders or StopOrders(connection)
        self._reported = self._previewed = time.monotonic()
        self.stage: str | None = None  # the one that was reported last

    def on_stage(self, name: str) -> None:
        self._orders.raise_if_stopped(self._job_id)
        self.stage = name
        send_object(self._connection, StageReport(self._job_id, stage=name))

    def on_step(self, step: int, steps: int, preview: Callable[[], np.ndarray] | None) -> None:
        self._orders.raise_if_stopped(self._job_id)
        at = time.monotonic()
        due = preview if at - self._previewed >= _PREVIEW_EVERY else None
        if at - self._reported < _REPORT_EVERY and step < steps and due is None:
            return
        self._reported = at
        shown = None
        if due is not None:
            self._previewed, shown = at, _as_data_url(due())
        send_object(self._connection, StageReport(self._job_id, step=step, steps=steps, preview=shown))


def _as_data_url(rgb: np.ndarray) -> str:
    jpeg = encode_jpeg_preview(rgb, quality=_PREVIEW_QUALITY)
    return "data:image/jpeg;base64," + base64.b64encode(jpeg).decode()
