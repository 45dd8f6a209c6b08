"""The run of a job in the engine's process: with its checkpoints, and once more with smaller tiles."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from functions.contract.errors import OutOfMemory, Transient
from functions.contract.telemetry import traceparent
from functions.contract.telemetry.log import log
from worker.job_io.checkpoints import Checkpoints
from worker.runtime.job_in_progress import JobInProgress
from worker.runtime.shared_engine import SharedEngine
from worker.stage_processes.job_run import JobCallbacks
from worker.stage_processes.messages import StageReport
from worker.stage_processes.stage_process import StageProcess
from worker.stages.pipeline import StageError
from worker.stages.work import Work

OnReport = Callable[[StageReport], None]


class EngineRun:
    """Runs jobs in the engine's process, each in a thread that ``SharedEngine`` serves."""

    def __init__(self, engine: SharedEngine, process: StageProcess, checkpoints: Checkpoints) -> None:
        self._engine, self._process, self._checkpoints = engine, process, checkpoints

    def run(self, job: JobInProgress, on_report: OnReport) -> None:
        """Runs the job's stages. Where the memory runs out, once more with smaller tiles.

        Raises what ``StageProcess.run`` raises.
        """
        try:
            job.work = self._run(job, job.work, on_report)
        except StageError as error:
            if not isinstance(error.error, OutOfMemory):
                raise
            log("engine.smaller_tiles", "WARNING", job_id=job.work.job_id)
            job.work = self._run_with_small_tiles(job, on_report)

    def _run_with_small_tiles(self, job: JobInProgress, on_report: OnReport) -> Work:
        """Tries once more after the memory ran out. If that fails too, a fresh engine process is started."""
        try:
            return self._run(job, replace(job.work, small_tiles=True), on_report)
        except StageError as error:
            if isinstance(error.error, OutOfMemory):
                self._process.stop()
            raise

    def _run(self, job: JobInProgress, work: Work, on_report: OnReport) -> Work:
        def on_checkpoint(drawn: Work) -> None:
            job.has_checkpoints = True
            try:
                self._checkpoints.save(drawn)
            except Transient as error:  # a checkpoint only saves time: the job goes on without it
                log("checkpoint.not_kept", "WARNING", job_id=drawn.job_id, code=error.code)

        callbacks = JobCallbacks(job.lease.raise_if_stopped, on_report, on_checkpoint)
        done = run_in_lane(self._engine.run, work, callbacks)
        return done if done.mask is None else replace(done, images=work.images[:1])  # to lay it into


def run_in_lane(run: Callable[[Work, JobCallbacks], Work], work: Work, callbacks: JobCallbacks) -> Work:
    """Returns the work after the process's lane. The pictures to change do not come back from there."""
    callbacks.raise_if_stopped()
    done = run(replace(work, traceparent=traceparent()), callbacks)
    return replace(done, ingredients=work.ingredients)
