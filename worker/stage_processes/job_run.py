"""Jobs that a process runs together, as the parent sees them: what each is told, and how each ends."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field

from functions.contract.errors import HandedBack, PlantainError
from worker.stage_processes.messages import (
    JobCheckpoint,
    JobDone,
    JobFailed,
    JobMessage,
    StageReport,
    StopJob,
)
from worker.stages.pipeline import StageError
from worker.stages.work import Work

_STOP_WITHIN = 10.0  # seconds that a stopped job may take to reach the end of a step


class UnforeseenStageError(Exception):
    """An error outside the contract's tree ended the job; the process has logged it."""


@dataclass(frozen=True)
class JobCallbacks:
    """The functions that the client calls while a job runs."""

    raise_if_stopped: Callable[[], None]  # raises the reason to stop; that error ends ``run``
    on_report: Callable[[StageReport], None]
    on_checkpoint: Callable[[Work], None] = lambda _: None
    on_sent: Callable[[], None] = lambda: None  # from then on the other process has the pictures


@dataclass(eq=False)
class JobRun:
    """A job that is given to a process. ``outcome`` is its work after the lane's stages, or its error."""

    work: Work
    callbacks: JobCallbacks
    outcome: Future[Work] = field(default_factory=Future[Work])
    stopped_by: Exception | None = None
    stopped_at: float = 0.0  # of the monotonic clock, in seconds

    def end_stopped(self) -> None:
        """Ends a job that is stopped with the reason for that."""
        self.outcome.set_exception(self.stopped_by)


class JobBatch:
    """The jobs of one message: their messages and their outcomes.

    A job that is to stop stays open until the process has left it, or has not done so in time. Others go on.
    """

    def __init__(self, runs: Sequence[JobRun]) -> None:
        self.runs = runs
        self._by_id = {run.work.job_id: run for run in runs}
        self._unanswered = set(self._by_id)

    @property
    def is_open(self) -> bool:
        return bool(self._open_runs())

    @property
    def is_answered(self) -> bool:
        """True once the process has said its last of every job."""
        return not self._unanswered

    def hear(self, message: JobMessage) -> StopJob | None:
        """Passes a message on to its job. Returns the order to stop a job whose callback raised an error."""
        run = self._by_id.get(message.job_id or "")
        if run is None:
            return None
        is_last = isinstance(message, JobDone | JobFailed)
        if is_last:
            self._unanswered.discard(run.work.job_id)
        if run.outcome.done():
            return None
        if run.stopped_by is not None:
            if is_last:
                run.end_stopped()
            return None
        return self._pass_on(run, message)

    def _pass_on(self, run: JobRun, message: JobMessage) -> StopJob | None:
        try:
            match message:
                case JobDone(done):
                    run.outcome.set_result(done)
                case JobFailed(_, stage, error):
                    run.outcome.set_exception(_exception_of(stage, error))
                case JobCheckpoint(drawn):
                    run.callbacks.on_checkpoint(drawn)
                case StageReport():
                    run.callbacks.on_report(message)
        except Exception as error:  # noqa: BLE001 - raised by a callback: it ends this job, and not the others
            return _begin_stop(run, error)
        return None

    def check_stops(self) -> list[StopJob]:
        """Returns the orders to stop jobs. Ends jobs that the process has not left in time."""
        orders: list[StopJob] = []
        for run in self._open_runs():
            if run.stopped_by is not None:
                if time.monotonic() - run.stopped_at > _STOP_WITHIN:
                    run.end_stopped()
                continue
            try:
                run.callbacks.raise_if_stopped()
            except Exception as error:  # noqa: BLE001 - the reason to stop; it becomes the job's outcome
                order = _begin_stop(run, error)
                orders += [order] if order else []
        return orders

    def fail(self, error: Exception) -> None:
        """Ends all open jobs with an error of the process itself; a stopped one with its own reason."""
        for run in self._open_runs():
            run.outcome.set_exception(run.stopped_by or error)

    def _open_runs(self) -> list[JobRun]:
        return [run for run in self.runs if not run.outcome.done()]


def _begin_stop(run: JobRun, error: Exception) -> StopJob | None:
    """Returns the order to stop. A job that is handed back ends at once: the process ends with the worker."""
    run.stopped_by, run.stopped_at = error, time.monotonic()
    if isinstance(error, HandedBack):
        run.end_stopped()
        return None
    return StopJob(run.work.job_id, error if isinstance(error, PlantainError) else PlantainError())


def _exception_of(stage: str | None, error: PlantainError | None) -> Exception:
    if error is None:
        return UnforeseenStageError()
    return StageError(stage, error) if stage else error
