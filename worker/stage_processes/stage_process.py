"""The parent's handle on a process that runs stages: starts it, gives it jobs, and replaces a lost one."""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from typing import Any

from functions.contract.errors import EngineFailed, HandedBack, ModelUnavailable, PlantainError
from functions.contract.manifest import DeviceFacts
from functions.contract.telemetry.log import log
from worker.cold_start.start_parts import StartPart
from worker.settings import WorkerSettings
from worker.stage_processes.messages import (
    JobCheckpoint,
    JobDone,
    JobFailed,
    ProcessReady,
    StageReport,
    StopJob,
)
from worker.stage_processes.transfer import receive_object, send_object
from worker.stages.pipeline import LaneName, StageError
from worker.stages.work import Work

_POLL = 0.1  # seconds between two checks whether the job is to be stopped
_BROKEN_AFTER = 3  # failed starts in a row
_STUCK_AFTER = 2.0  # times hang_seconds, which a start may take, and then the first answer
_STOP_WITHIN = 10.0  # seconds that a stopped job may take to reach the end of a step

ProcessTarget = Callable[[Connection, WorkerSettings], None]
"""The process's main function, such as ``engine_server.run_engine_server``."""


class UnforeseenStageError(Exception):
    """An error outside the contract's tree ended the job; the process has logged it."""


@dataclass(frozen=True)
class JobCallbacks:
    """The functions that the client calls while a job runs."""

    raise_if_stopped: Callable[[], None]  # raises the reason to stop; that error ends ``run``
    on_report: Callable[[StageReport], None]
    on_checkpoint: Callable[[Work], None] = lambda _: None
    on_sent: Callable[[], None] = lambda: None  # from then on the other process has the pictures


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
        self._last_active: float | None = (
            None  # when the thread that runs a job last moved; None: no job runs
        )
        self._is_idle = False  # True while the process has answered for every job that it was given

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
        self._last_active = time.monotonic()
        try:
            return self._run(work, callbacks)
        finally:
            self._last_active = None

    def fault(self) -> str | None:
        """Returns a fault that only a new worker mends: a stuck thread, which can replace no process."""
        last_active = self._last_active  # the other thread may set it to None
        limit = _STUCK_AFTER * self._settings.hang_seconds
        is_stuck = last_active is not None and time.monotonic() - last_active > limit
        return f"the {self._name}'s thread is stuck" if is_stuck else None

    def _run(self, work: Work, callbacks: JobCallbacks) -> Work:
        self.ensure_running()
        connection = self._connection
        assert connection is not None  # noqa: S101 - ensure_running() made it
        self._is_idle = False
        try:
            self._send(connection, work)
            callbacks.on_sent()
            return self._wait_for_result(connection, work.job_id, callbacks)
        finally:
            if not self._is_idle:  # its late answers must not be taken for the next job's
                self.stop()

    def _wait_for_result(self, connection: Connection, job_id: str, callbacks: JobCallbacks) -> Work:
        last_heard = time.monotonic()
        while True:
            self._last_active = time.monotonic()
            if connection.poll(_POLL):
                last_heard = time.monotonic()
                match self._receive(connection):
                    case JobDone(done, memory_bytes):
                        self._is_idle = True
                        self._log_done(done, memory_bytes)
                        return done
                    case JobFailed(stage, error):
                        self._is_idle = True
                        raise _exception_of(stage, error)
                    case StageReport() as report:
                        callbacks.on_report(report)
                    case JobCheckpoint(drawn):
                        callbacks.on_checkpoint(drawn)
                    case _:
                        continue
            elif time.monotonic() - last_heard > self._settings.hang_seconds:
                raise EngineFailed(f"The {self._name} process hung and was replaced.")
            self._stop_if_asked(connection, job_id, callbacks)

    def _stop_if_asked(self, connection: Connection, job_id: str, callbacks: JobCallbacks) -> None:
        try:
            callbacks.raise_if_stopped()
        except PlantainError as reason:
            self._stop_job(connection, StopJob(job_id, reason))
            raise

    def _stop_job(self, connection: Connection, stop: StopJob) -> None:
        """Stops the job between two steps. ``_run`` replaces a process that does not stop in time."""
        log(f"{self._name}.stopping", job_id=stop.job_id, code=stop.error.code)
        if isinstance(stop.error, HandedBack):  # the worker is ending, and the process with it
            return
        self._send(connection, stop)
        give_up = time.monotonic() + _STOP_WITHIN
        while (left := give_up - time.monotonic()) > 0 and connection.poll(left):
            if isinstance(self._receive(connection), JobDone | JobFailed):
                self._is_idle = True
                return

    def _send(self, connection: Connection, order: Work | StopJob) -> None:
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
            memory_bytes=memory_bytes,
        )


def _exception_of(stage: str | None, error: PlantainError | None) -> Exception:
    if error is None:
        return UnforeseenStageError()
    return StageError(stage, error) if stage else error
