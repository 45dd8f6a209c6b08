"""The parent's handle on a process that runs stages: starts it, gives it jobs, and replaces a lost one."""

from __future__ import annotations

import multiprocessing
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from typing import Any

from functions.contract.errors import EngineFailed, ModelUnavailable, PlantainError
from functions.contract.telemetry.log import log
from functions.contract.worker_facts import DeviceFacts
from worker.cold_start.start_parts import StartPart
from worker.engines.pass_limits import PassLimits
from worker.settings import WorkerSettings
from worker.stage_processes.job_run import JobBatch, JobCallbacks, JobRun
from worker.stage_processes.messages import (
    JobCheckpoint,
    JobDone,
    JobFailed,
    ProcessReady,
    RunJobs,
    StageReport,
    StopJob,
)
from worker.stage_processes.transfer import receive_object, send_object
from worker.stages.pipeline import LaneName
from worker.stages.work import Work

_POLL = 0.1  # seconds between two checks whether the job is to be stopped
_BROKEN_AFTER = 3  # failed starts in a row
_STUCK_AFTER = 2.0  # times hang_seconds, which a start may take, and then the first answer

ProcessTarget = Callable[[Connection, WorkerSettings], None]
"""The process's main function, such as ``engine_server.run_engine_server``."""


class StageProcess:
    """Runs one process at a time, which serves the lane ``name``. Only one thread may use it."""

    def __init__(
        self,
        name: LaneName,
        settings: WorkerSettings,
        target: ProcessTarget,
        on_broken: Callable[[], None] = lambda: None,
    ) -> None:
        self._name = name
        self._settings = settings
        self._target = target
        self._on_broken = on_broken
        self._failed_starts = 0
        self._process: BaseProcess | None = None
        self._connection: Connection | None = None
        self.start_parts: dict[StartPart, int] = {}  # of the process that runs now
        self.device: DeviceFacts | None = None
        self.pass_limits: Mapping[str, PassLimits] = {}
        self._last_active: float | None = None  # when the thread that runs jobs last moved; None: no job runs
        self._stopping = threading.RLock()  # a job that took too much memory ends the process as well

    @property
    def pid(self) -> int | None:
        """Returns the process's number; None while there is none."""
        return self._process.pid if self._process else None

    def start(self) -> None:
        """Starts a process and waits until it is warm. Raises ModelUnavailable or EngineFailed."""
        self.launch()
        self.wait_until_warm()

    def launch(self) -> None:
        """Starts a process, and does not wait for it."""
        context = multiprocessing.get_context("spawn")
        self._connection, childs_end = context.Pipe()
        self._process = context.Process(
            target=self._target, args=(childs_end, self._settings), name=self._name, daemon=True
        )
        self._process.start()
        childs_end.close()

    def wait_until_warm(self) -> None:
        """Waits for a launched process. Raises ModelUnavailable or EngineFailed, and has stopped it then."""
        assert self._connection is not None  # noqa: S101 - launch() made it
        if not self._connection.poll(self._settings.hang_seconds):
            self.stop()
            raise EngineFailed(f"The {self._name} process did not become ready in time.")
        answer = self._receive(self._connection)
        if isinstance(answer, ProcessReady):
            self.start_parts, self.device = answer.parts, answer.device
            self.pass_limits = answer.pass_limits
            self._failed_starts = 0
            return
        self.stop()
        raise answer.error if isinstance(answer, JobFailed) and answer.error else ModelUnavailable()

    def ensure_running(self) -> None:
        """Starts a process unless one runs. Raises EngineFailed.

        Models that were loaded once and cannot be loaded again are this worker's fault, not the job's. After
        a few failures ``on_broken`` is called, so that another worker takes this one's place.
        """
        if self._process is not None and self._process.is_alive():
            return
        self.stop()
        try:
            self.start()
        except PlantainError as error:
            self._failed_starts += 1
            log(f"{self._name}.cannot_start", "CRITICAL", code=error.code, times=self._failed_starts)
            if self._failed_starts >= _BROKEN_AFTER:
                self._on_broken()
            raise EngineFailed(f"The {self._name} process cannot be started again.") from error

    def stop(self) -> None:
        """Kills the process, if there is one."""
        with self._stopping:
            if self._process is not None:
                self._process.kill()
                self._process.join()
            if self._connection is not None:
                self._connection.close()
            self._process = self._connection = None

    def run(self, work: Work, callbacks: JobCallbacks) -> Work:
        """Returns the work after the lane's stages.

        Raises StageError, EngineFailed for a process that died or hung, UnforeseenStageError, and whatever
        ``raise_if_stopped`` raises.
        """
        run = JobRun(work, callbacks)
        self.run_together([run])
        return run.outcome.result()

    def run_together(self, runs: Sequence[JobRun]) -> None:
        """Runs jobs that may share the model's passes, and sets the outcome of each as soon as it is known.

        An outcome is what ``run`` returns or raises. A process that has not answered for all is stopped then.
        """
        batch = JobBatch(runs)
        self._last_active = time.monotonic()
        try:
            self._run(batch)
        except Exception as error:  # noqa: BLE001 - each job's own thread turns it into a record
            batch.fail(error)
        finally:
            self._last_active = None

    def fault(self) -> str | None:
        """Returns a fault that only a new worker mends: a stuck thread, which can replace no process."""
        last_active = self._last_active  # the other thread may set it to None
        limit = _STUCK_AFTER * self._settings.hang_seconds
        is_stuck = last_active is not None and time.monotonic() - last_active > limit
        return f"the {self._name}'s thread is stuck" if is_stuck else None

    def _run(self, batch: JobBatch) -> None:
        self.ensure_running()
        connection = self._connection
        assert connection is not None  # noqa: S101 - ensure_running() made it
        try:
            self._send(connection, RunJobs(tuple(run.work for run in batch.runs)))
            for run in batch.runs:
                run.callbacks.on_sent()
            self._wait_for_outcomes(connection, batch)
        finally:
            if not batch.is_answered:  # its late answers must not be taken for the next jobs'
                self.stop()

    def _wait_for_outcomes(self, connection: Connection, batch: JobBatch) -> None:
        last_heard = time.monotonic()
        while batch.is_open:
            self._last_active = time.monotonic()
            if connection.poll(_POLL):
                last_heard = time.monotonic()
                self._hear(connection, batch)
            elif time.monotonic() - last_heard > self._settings.hang_seconds:
                raise EngineFailed(f"The {self._name} process hung and was replaced.")
            for order in batch.check_stops():
                self._stop_job(connection, order)

    def _hear(self, connection: Connection, batch: JobBatch) -> None:
        message = self._receive(connection)
        if isinstance(message, JobDone):
            self._log_done(message.work, message.memory_bytes)
        if isinstance(message, StageReport | JobCheckpoint | JobDone | JobFailed):
            order = batch.hear(message)
            if order is not None:
                self._stop_job(connection, order)

    def _stop_job(self, connection: Connection, order: StopJob) -> None:
        """Orders the process to leave the job between two steps."""
        log(f"{self._name}.stopping", job_id=order.job_id, code=order.error.code)
        self._send(connection, order)

    def _send(self, connection: Connection, order: RunJobs | StopJob) -> None:
        try:
            send_object(connection, order)
        except OSError:
            self.stop()
            raise EngineFailed(f"The {self._name} process died.") from None

    def _receive(self, connection: Connection) -> Any:
        try:
            return receive_object(connection, copies=False)
        except (EOFError, OSError):
            self.stop()
            raise EngineFailed(f"The {self._name} process died.") from None

    def _log_done(self, done: Work, memory_bytes: int | None) -> None:
        """Logs what the dashboard and the metrics show of the process."""
        log(
            f"{self._name}.done",
            job_id=done.job_id,
            model=done.model,
            pictures=len(done.pictures),
            pass_pictures=done.pass_pictures,
            memory_bytes=memory_bytes,
        )
