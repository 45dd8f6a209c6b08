"""The own side of a process that runs the stages of one lane."""

from __future__ import annotations

import os
import signal
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import replace
from multiprocessing import parent_process
from multiprocessing.connection import Connection

from functions.contract.errors import PlantainError
from functions.contract.manifest import DeviceFacts
from functions.contract.telemetry import continue_trace
from functions.contract.telemetry.log import log
from worker.cold_start.start_parts import StartParts
from worker.stage_processes.messages import JobDone, JobFailed, ProcessReady
from worker.stage_processes.step_reporter import StepReporter
from worker.stage_processes.transfer import receive_object, send_object
from worker.stages.pipeline import LaneName, StageError
from worker.stages.work import Work


class StageServer(ABC):
    """Runs jobs, one at a time, and answers over ``connection``."""

    lane: LaneName
    device: DeviceFacts | None = None

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self.start = StartParts("imports")

    @abstractmethod
    def warm_up(self) -> None:
        """Makes the process ready, so that the first job is not slower. Raises PlantainError."""

    @abstractmethod
    def run_stages(self, work: Work, reporter: StepReporter) -> Work:
        """Returns the work after the lane's stages. Raises StageError and PlantainError."""

    def keep_for_next_start(self) -> None:
        """Keeps what a later worker can use. It is called once, when the process is ready."""
        return

    def peak_bytes(self) -> int | None:
        """Returns the most that the job took of a device's memory; None without a device."""
        return None

    def run(self, work: Work) -> None:
        """Runs one job, and sends JobDone or JobFailed."""
        with continue_trace(work.traceparent):
            send_object(self._connection, self._result_of(work))

    def _result_of(self, work: Work) -> JobDone | JobFailed:
        try:
            done = self.run_stages(work, StepReporter(self._connection, work.job_id))
        except StageError as error:
            return JobFailed(error.stage, error.error)
        except PlantainError as error:
            return JobFailed(None, error)
        except Exception as error:  # noqa: BLE001 - the one place of this process: it becomes a recorded failure
            log(f"{self.lane}.unforeseen", "ERROR", trace=error, job_id=work.job_id)
            return JobFailed(None, None)
        # The parent has kept the inputs: they need not come back.
        without = replace(done, encoded=None, drawn=None, images=(), files=(), ingredients=())
        return JobDone(without, self.peak_bytes())


def serve_stages(connection: Connection, build: Callable[[], StageServer]) -> None:
    """Builds and warms the server, reports that it is ready, and runs jobs until the parent is gone."""
    _follow_parent()
    try:
        server = build()
        with server.start.measure("warm_up"):
            server.warm_up()
    except PlantainError as error:
        send_object(connection, JobFailed("load", error))
        return
    send_object(connection, ProcessReady(server.start.milliseconds(), server.device))
    server.keep_for_next_start()
    try:
        while True:
            order = receive_object(connection)
            if isinstance(order, Work):  # a StopJob that came too late is ignored
                server.run(order)
            del order  # frees its pictures: the next job's may need the memory
    except (EOFError, OSError):  # the parent is gone, or has given this process up
        return


def _follow_parent() -> None:
    """Leaves signals to the parent process, and ends this process when the parent dies."""
    for signum in (signal.SIGINT, signal.SIGTERM):
        signal.signal(signum, signal.SIG_IGN)
    parent = parent_process()

    def exit_after_parent() -> None:
        if parent is not None:
            parent.join()
        os._exit(0)

    threading.Thread(target=exit_after_parent, daemon=True, name="follow-parent").start()
