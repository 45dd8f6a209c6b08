"""Runs several jobs through the engine's stages, with one of them, the drawing, for all jobs at once."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from functions.contract.errors import PlantainError
from functions.contract.telemetry import continue_trace
from worker.engines.protocol import Picture
from worker.stage_processes.step_reporter import StepReporter
from worker.stages.pipeline import Stage, StageError, run_stages, time_stage
from worker.stages.tools import EngineTools
from worker.stages.work import Work


class SharedRunServer(Protocol):
    """The server's part in it: the tools for a job, and the answers."""

    def tools(self, reporter: StepReporter) -> EngineTools: ...
    def refuse_hopeless(self, work: Work) -> None: ...
    def send_done(self, work: Work) -> None: ...
    def send_failure(self, job_id: str, error: Exception) -> None: ...


@dataclass
class _RunningJob:
    work: Work
    tools: EngineTools
    reporter: StepReporter
    is_open: bool = True  # until it is answered


class SharedRun:
    """The stages before the shared one are run job by job, and so are those after it.

    An error ends its own job. Each job is answered as soon as it has ended: one that is stopped between two
    steps need not wait for the end of the pass.
    """

    def __init__(
        self,
        server: SharedRunServer,
        stages: Sequence[Stage[EngineTools]],
        works: Sequence[Work],
        reporters: Sequence[StepReporter],
    ) -> None:
        self._server = server
        at = next((n for n, stage in enumerate(stages) if stage.run_together), len(stages))
        self._before, self._shared, self._after = stages[:at], stages[at : at + 1], stages[at + 1 :]
        self._jobs = [self._begin(*pair) for pair in zip(works, reporters, strict=True)]

    def _begin(self, work: Work, reporter: StepReporter) -> _RunningJob:
        job = _RunningJob(work, self._server.tools(reporter), reporter)

        def on_step(step: int, steps: int, preview: Callable[[], Picture] | None) -> None:
            try:
                reporter.on_step(step, steps, preview)
            except PlantainError as error:
                self._fail(job, StageError(reporter.stage or "", error))
                raise

        job.tools = replace(job.tools, on_step=on_step)
        return job

    def run(self) -> None:
        """Runs the jobs, and sends JobDone or JobFailed for each."""
        for job in self._jobs:
            self._advance(job, self._prepare)
        for stage in self._shared:
            self._run_together(stage, [job for job in self._jobs if job.is_open and stage.applies(job.work)])
        for job in self._jobs:
            self._advance(job, self._complete)

    def _prepare(self, job: _RunningJob) -> None:
        self._server.refuse_hopeless(job.work)
        job.work = run_stages(self._before, job.work, job.tools, job.reporter.on_stage)

    def _complete(self, job: _RunningJob) -> None:
        job.work = run_stages(self._after, job.work, job.tools, job.reporter.on_stage)
        self._server.send_done(job.work)
        job.work.drop_pixels()  # the next one's upscaling may need the memory

    def _advance(self, job: _RunningJob, step: Callable[[_RunningJob], None]) -> None:
        if not job.is_open:
            return
        with continue_trace(job.work.traceparent):
            try:
                step(job)
            except Exception as error:  # noqa: BLE001 - it becomes the recorded failure of this job alone
                self._fail(job, error)

    def _run_together(self, stage: Stage[EngineTools], jobs: Sequence[_RunningJob]) -> None:
        for job in jobs:
            self._advance(job, lambda job: job.reporter.on_stage(stage.name))
        ready = [job for job in jobs if job.is_open]
        if not ready or stage.run_together is None:
            return
        began = time.perf_counter()
        errors = stage.run_together([(job.work, job.tools) for job in ready])
        for job, error in zip(ready, errors, strict=True):
            if error is None and job.is_open:
                job.work.stages.append(time_stage(stage.name, began, job.work))
            elif error is not None:
                named = StageError(stage.name, error) if isinstance(error, PlantainError) else error
                self._fail(job, named)

    def _fail(self, job: _RunningJob, error: Exception) -> None:
        """Answers for a job, unless that was done."""
        if not job.is_open:
            return
        job.is_open = False
        with continue_trace(job.work.traceparent):
            self._server.send_failure(job.work.job_id, error)
