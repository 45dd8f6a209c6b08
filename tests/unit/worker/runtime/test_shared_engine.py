"""The jobs of a batch run together, each in its own thread."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from functions.contract.errors import OutOfMemory, PlantainError
from tests.unit.worker.stages.making import work
from worker.runtime.shared_engine import SharedEngine
from worker.stage_processes.job_run import JobCallbacks, JobRun
from worker.stages.work import Work

CALLBACKS = JobCallbacks(lambda: None, lambda _: None)


class FakeProcess:
    """Ends each job at once: with its work, or once with an error for jobs of that id."""

    def __init__(self, *failing: str) -> None:
        self.failing = set(failing)
        self.batches: list[list[str]] = []

    def run_together(self, runs: Sequence[JobRun]) -> None:
        self.batches.append(sorted(run.work.job_id for run in runs))
        for run in runs:
            if run.work.job_id in self.failing:
                self.failing.discard(run.work.job_id)
                run.outcome.set_exception(OutOfMemory("full"))
            else:
                run.outcome.set_result(run.work)


def jobs(*names: str) -> list[Work]:
    return [replace(work(), job_id=name) for name in names]


def serve(process: Any, names: Sequence[str], leaves: str = "") -> list[str]:
    """The jobs that end well; one of the id ``leaves`` ends before it runs."""
    engine, ended, lock = SharedEngine(process), list[str](), threading.Lock()

    def serve_job(job: Work) -> None:
        if job.job_id == leaves:
            return
        try:
            done = engine.run(job, CALLBACKS)
        except PlantainError:
            done = engine.run(job, CALLBACKS)  # as with small tiles
        with lock:
            ended.append(done.job_id)

    engine.serve(jobs(*names), serve_job)
    return sorted(ended)


def test_all_jobs_of_a_batch_are_one_batch_of_the_process() -> None:
    process = FakeProcess()
    assert serve(process, "abc") == ["a", "b", "c"]
    assert process.batches == [["a", "b", "c"]]


def test_a_job_that_ends_before_it_runs_is_not_waited_for() -> None:
    process = FakeProcess()
    assert serve(process, "abc", leaves="b") == ["a", "c"]
    assert process.batches == [["a", "c"]]


def test_what_is_run_again_is_a_batch_after_the_first() -> None:
    process = FakeProcess("a", "c")
    assert serve(process, "abc") == ["a", "b", "c"]
    assert process.batches == [["a", "b", "c"], ["a", "c"]]


def test_an_unforeseen_error_of_one_thread_leaves_the_others() -> None:
    process = FakeProcess()
    engine, ended = SharedEngine(process), list[str]()  # pyright: ignore[reportArgumentType] - what it needs of a process

    def serve_job(job: Work) -> None:
        if job.job_id == "a":
            raise ValueError
        ended.append(engine.run(job, CALLBACKS).job_id)

    engine.serve(jobs("a", "b"), serve_job)
    assert ended == ["b"]
