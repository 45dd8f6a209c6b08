"""The own side of a process that runs the stages of one lane."""

from __future__ import annotations

import os
import signal
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from multiprocessing import parent_process
from multiprocessing.connection import Connection
from types import MappingProxyType

from functions.contract.errors import PlantainError
from functions.contract.telemetry import continue_trace
from functions.contract.telemetry.log import log
from functions.contract.worker_facts import DeviceFacts
from worker.cold_start.start_parts import StartParts
from worker.engines.pass_limits import PassLimits
from worker.stage_processes.messages import JobDone, JobFailed, ProcessReady, RunJobs
from worker.stage_processes.step_reporter import StepReporter
from worker.stage_processes.transfer import receive_object, send_object
from worker.stages.pipeline import LaneName, StageError
from worker.stages.work import Work


class StageServer(ABC):
    """Runs jobs, one after the other, and answers over ``connection``."""

    lane: LaneName
    device: DeviceFacts | None = None
    pass_limits: Mapping[str, PassLimits] = MappingProxyType({})

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

    def run(self, works: Sequence[Work]) -> None:
        """Runs jobs, and sends JobDone or JobFailed for each."""
        for work in works:
            with continue_trace(work.traceparent):
                try:
                    done = self.run_stages(work, StepReporter(self._connection, work.job_id))
                except Exception as error:  # noqa: BLE001 - the one place of this process: it becomes a recorded failure
                    self.send_failure(work.job_id, error)
                else:
                    self.send_done(done)

    def send_done(self, work: Work) -> None:
        # The parent has kept the inputs: they need not come back.
        without = replace(work, encoded=None, drawn=None, images=(), files=(), ingredients=())
        send_object(self._connection, JobDone(without, self.peak_bytes()))

    def send_failure(self, job_id: str, error: Exception) -> None:
        """Sends what ended the job. An error outside the contract's tree is logged here, and not sent."""
        match error:
            case StageError():
                failed = JobFailed(job_id, error.stage, error.error)
            case PlantainError():
                failed = JobFailed(job_id, None, error)
            case _:
                log(f"{self.lane}.unforeseen", "ERROR", trace=error, job_id=job_id)
                failed = JobFailed(job_id, None, None)
        send_object(self._connection, failed)


def serve_stages(connection: Connection, build: Callable[[], StageServer]) -> None:
    """Builds and warms the server, reports that it is ready, and runs jobs until the parent is gone."""
    _follow_parent()
    try:
        server = build()
        with server.start.measure("warm_up"):
            server.warm_up()
    except PlantainError as error:
        send_object(connection, JobFailed(None, "load", error))
        return
    send_object(
        connection, ProcessReady(server.start.milliseconds(), server.device, dict(server.pass_limits))
    )
    server.keep_for_next_start()
    try:
        while True:
            order = receive_object(connection)
            if isinstance(order, RunJobs):  # a StopJob that came too late is ignored
                server.run(order.works)
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
