"""The parent's handle on the engine process: start it, give it work, stop it, replace it when it is lost."""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Callable
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from typing import Any

from functions.contract.errors import EngineFailed, HandedBack, ModelUnavailable, PlantainError
from functions.contract.manifest import DeviceFacts
from functions.contract.telemetry.log import log
from worker.engine_process.child import Done, Failed, Kept, Ready, Report, Stop, serve
from worker.engine_process.transfer import receive_object, send_object
from worker.settings import WorkerSettings
from worker.stages.pipeline import StageError
from worker.stages.work import Work

_POLL = 0.1  # seconds between two looks at whether the job is to be stopped
_BROKEN_AFTER = 3  # failed starts in a row
_STUCK_AFTER = 2.0  # times hang_seconds, which a start may take, and then the first answer
_STOP_WITHIN = 10.0  # seconds that a stopped engine may take to reach the end of a step


Serve = Callable[[Connection, WorkerSettings], None]


class UnforeseenEngineError(Exception):
    """The engine met an error that is not of the tree; it has logged it."""


class EngineClient:
    """One engine process at a time. One thread uses it."""

    def __init__(
        self,
        settings: WorkerSettings,
        target: Serve = serve,
        on_broken: Callable[[], None] = lambda: None,
    ) -> None:
        self._settings = settings
        self._target = target
        self._on_broken = on_broken
        self._failed_starts = 0
        self._process: BaseProcess | None = None
        self._connection: Connection | None = None
        self.cold_start_ms: int | None = None
        self.device: DeviceFacts | None = None
        self._heard: float | None = None  # when the thread that uses the process last moved; None: none does
        self._idle = False  # whether the process waits for work, and has answered for all that it was given

    def start(self) -> None:
        """Returns when the model is warm. Raises ModelUnavailable, or EngineFailed if the process is lost."""
        context = multiprocessing.get_context("spawn")
        self._connection, theirs = context.Pipe()
        self._process = context.Process(
            target=self._target, args=(theirs, self._settings), name="engine", daemon=True
        )
        self._process.start()
        theirs.close()
        if not self._connection.poll(self._settings.hang_seconds):
            self.stop()
            raise EngineFailed("The engine did not become ready in time.")
        answer = self._receive(self._connection)
        if isinstance(answer, Ready):
            self.cold_start_ms, self.device = answer.cold_start_ms, answer.device
            self._failed_starts = 0
            return
        self.stop()
        raise answer.error if isinstance(answer, Failed) and answer.error else ModelUnavailable()

    def ensure(self) -> None:
        """A running process: the one there is, or a fresh one. Raises EngineFailed.

        A model that was there and cannot be loaded again is this worker's fault, and no job's: after a few
        failures ``on_broken`` is called, so that the worker makes room for another.
        """
        if self._process is not None and self._process.is_alive():
            return
        self.stop()
        try:
            self.start()
        except PlantainError as error:
            self._failed_starts += 1
            log("engine.cannot_start", "CRITICAL", code=error.code, times=self._failed_starts)
            if self._failed_starts >= _BROKEN_AFTER:
                self._on_broken()
            raise EngineFailed("The engine cannot be started again.") from error

    def stop(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.join()
        if self._connection is not None:
            self._connection.close()
        self._process = self._connection = None

    def run(
        self,
        work: Work,
        check: Callable[[], None],
        on_report: Callable[[Report], None],
        on_kept: Callable[[Work], None],
    ) -> Work:
        """The work after the engine's stages.

        ``check`` raises when the job is to be stopped, and that error comes out of here. Raises StageError,
        EngineFailed for a process that died or hung, and UnforeseenEngineError.
        """
        self._heard = time.monotonic()
        try:
            return self._run(work, check, on_report, on_kept)
        finally:
            self._heard = None

    def fault(self) -> str | None:
        """What is wrong for good: the thread that uses the process is stuck itself, and replaces nothing."""
        heard = self._heard  # that thread sets it to None
        stuck = heard is not None and time.monotonic() - heard > _STUCK_AFTER * self._settings.hang_seconds
        return "the engine's thread is stuck" if stuck else None

    def _run(
        self,
        work: Work,
        check: Callable[[], None],
        on_report: Callable[[Report], None],
        on_kept: Callable[[Work], None],
    ) -> Work:
        self.ensure()
        connection = self._connection
        assert connection is not None  # noqa: S101 - ensure() made it
        self._idle = False
        try:
            self._send(connection, work)
            return self._answer(connection, work, check, on_report, on_kept)
        finally:
            if not self._idle:  # whatever it still does, it must not be taken for the next job's
                self.stop()

    def _answer(
        self,
        connection: Connection,
        work: Work,
        check: Callable[[], None],
        on_report: Callable[[Report], None],
        on_kept: Callable[[Work], None],
    ) -> Work:
        heard = time.monotonic()
        while True:
            self._heard = time.monotonic()
            if connection.poll(_POLL):
                heard = time.monotonic()
                match self._receive(connection):
                    case Done(done, memory_bytes):
                        self._idle = True
                        _log_done(done, memory_bytes)
                        return done
                    case Failed(stage, error):
                        self._idle = True
                        raise _raised(stage, error)
                    case Report() as report:
                        on_report(report)
                    case Kept(kept):
                        on_kept(kept)
                    case _:
                        continue
            elif time.monotonic() - heard > self._settings.hang_seconds:
                raise EngineFailed("The engine hung and was replaced.")
            self._stop_if_asked(connection, work, check)

    def _stop_if_asked(self, connection: Connection, work: Work, check: Callable[[], None]) -> None:
        try:
            check()
        except PlantainError as reason:
            self._halt(connection, Stop(work.job_id, reason))
            raise

    def _halt(self, connection: Connection, stop: Stop) -> None:
        """Stops the job between two steps; an engine that does not get there in time is replaced."""
        log("engine.stopping", job_id=stop.job_id, code=stop.error.code)
        if isinstance(stop.error, HandedBack):  # the worker is ending, and the engine with it
            return
        self._send(connection, stop)
        give_up = time.monotonic() + _STOP_WITHIN
        while (left := give_up - time.monotonic()) > 0 and connection.poll(left):
            if isinstance(self._receive(connection), Done | Failed):
                self._idle = True
                return

    def _send(self, connection: Connection, order: Work | Stop) -> None:
        try:
            send_object(connection, order)
        except OSError:
            self.stop()
            raise EngineFailed("The engine process died.") from None

    def _receive(self, connection: Connection) -> Any:
        try:
            return receive_object(connection)
        except (EOFError, OSError):
            self.stop()
            raise EngineFailed("The engine process died.") from None


def _log_done(done: Work, memory_bytes: int | None) -> None:
    """What the dashboard and the metrics tell of the engine."""
    log(
        "engine.done",
        job_id=done.job_id,
        model=done.model,
        pictures=len(done.pictures),
        memory_bytes=memory_bytes,
    )


def _raised(stage: str | None, error: PlantainError | None) -> Exception:
    if error is None:
        return UnforeseenEngineError()
    return StageError(stage, error) if stage else error
