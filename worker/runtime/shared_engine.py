"""Lets the jobs of one batch, each with a thread of its own, run in the engine process together."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import TypeVar

from functions.contract.telemetry.log import log
from worker.stage_processes.job_run import JobCallbacks, JobRun
from worker.stage_processes.stage_process import StageProcess
from worker.stages.work import Work

Job = TypeVar("Job")


class SharedEngine:
    """Collects what the threads of a batch ``run``, and gives it to the process once none is still to come.

    So a job's own thread keeps its spans, records its failure and waits for the next lane, and holds up no
    other job. What a thread runs a second time, as after a lack of memory, makes another batch.
    """

    def __init__(self, process: StageProcess) -> None:
        self._process = process
        self._runs: list[JobRun] = []
        self._busy = 0  # threads that have not ended and wait for no run
        self._changed = threading.Condition()

    def serve(self, jobs: Sequence[Job], serve_job: Callable[[Job], None]) -> None:
        """Calls ``serve_job`` for each job in a thread of its own. Returns when all have ended."""
        self._busy = len(jobs)
        threads = [
            threading.Thread(
                target=self._serve_job, args=(serve_job, job), name=f"engine-job-{n}", daemon=True
            )
            for n, job in enumerate(jobs)
        ]
        for thread in threads:
            thread.start()
        while runs := self._collect_runs():
            self._process.run_together(runs)
        for thread in threads:
            thread.join()

    def run(self, work: Work, callbacks: JobCallbacks) -> Work:
        """Returns the work after the lane's stages, as ``StageProcess.run``. Called in ``serve_job``."""
        run = JobRun(work, callbacks)
        with self._changed:
            self._runs.append(run)
            self._busy -= 1
            self._changed.notify_all()
        return run.outcome.result()

    def _collect_runs(self) -> list[JobRun]:
        """Waits until every thread has placed a run or ended. Returns the runs, none at the end."""
        with self._changed:
            self._changed.wait_for(lambda: self._busy == 0)
            runs, self._runs = self._runs, []
            self._busy = len(runs)  # each of these threads goes on as soon as its outcome is known
            return runs

    def _serve_job(self, serve_job: Callable[[Job], None], job: Job) -> None:
        try:
            serve_job(job)
        except Exception as error:  # noqa: BLE001 - the lane must outlive any single job
            log("lane.unforeseen", "ERROR", trace=error)
        finally:
            with self._changed:
                self._busy -= 1
                self._changed.notify_all()
