"""How the jobs of a batch end, each in its own way."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from functions.contract.errors import Canceled, EngineFailed, HandedBack, PlantainError
from tests.unit.worker.stages.making import work
from worker.stage_processes import job_run
from worker.stage_processes.job_run import JobBatch, JobCallbacks, JobRun
from worker.stage_processes.messages import JobDone, JobFailed, StageReport
from worker.stages.pipeline import StageError


class Job(JobRun):
    """Remembers the stages that it is told of. ``stop`` is raised when it is asked whether to stop."""

    def __init__(self, job_id: str, on_report: Callable[[StageReport], None] | None = None) -> None:
        self.heard: list[str | None] = []
        self.stop: PlantainError | None = None
        callbacks = JobCallbacks(self._raise_if_stopped, on_report or self._hear)
        super().__init__(replace(work(), job_id=job_id), callbacks)

    def _hear(self, report: StageReport) -> None:
        self.heard.append(report.stage)

    def _raise_if_stopped(self) -> None:
        if self.stop is not None:
            raise self.stop


def test_each_job_hears_its_own_and_ends_on_its_own() -> None:
    one, two = Job("one"), Job("two")
    batch = JobBatch([one, two])
    batch.hear(StageReport("two", stage="diffuse"))
    batch.hear(JobFailed("one", "encode", EngineFailed("x")))
    assert (one.heard, two.heard) == ([], ["diffuse"])
    assert isinstance(one.outcome.exception(), StageError)
    assert batch.is_open
    batch.hear(JobDone(two.work))
    assert two.outcome.result() is two.work
    assert batch.is_answered
    assert not batch.is_open


def test_a_job_that_stops_is_open_until_the_process_has_left_it() -> None:
    one, two = Job("one"), Job("two")
    batch = JobBatch([one, two])
    one.stop = Canceled("stop")
    assert [order.job_id for order in batch.check_stops()] == ["one"]
    assert batch.check_stops() == []
    batch.hear(StageReport("one", stage="upscale"))
    assert one.heard == []
    assert not one.outcome.done()
    batch.hear(JobFailed("one", "diffuse", Canceled("stop")))
    assert one.outcome.exception() is one.stop
    assert not two.outcome.done()


def test_a_job_that_is_not_left_in_time_ends_and_leaves_its_answer_open(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    one, two = Job("one"), Job("two")
    batch = JobBatch([one, two])
    one.stop = Canceled("stop")
    batch.check_stops()
    monkeypatch.setattr(job_run, "_STOP_WITHIN", -1.0)
    batch.check_stops()
    assert one.outcome.exception() is one.stop
    batch.hear(JobDone(two.work))
    assert not batch.is_open
    assert not batch.is_answered  # so that its process is replaced


def test_a_job_that_is_handed_back_ends_at_once() -> None:
    one = Job("one")
    batch = JobBatch([one])
    one.stop = HandedBack()
    assert batch.check_stops() == []
    assert one.outcome.exception() is one.stop


def test_a_callback_that_fails_stops_its_own_job() -> None:
    def fail(_report: StageReport) -> None:
        raise ValueError("unforeseen")

    one, two = Job("one", fail), Job("two")
    batch = JobBatch([one, two])
    order = batch.hear(StageReport("one", stage="diffuse"))
    assert order is not None
    assert order.job_id == "one"
    batch.hear(JobFailed("one", "diffuse", order.error))
    assert isinstance(one.outcome.exception(), ValueError)
    assert not two.outcome.done()


def test_a_process_that_dies_ends_all_that_are_open() -> None:
    one, two = Job("one"), Job("two")
    batch = JobBatch([one, two])
    batch.hear(JobDone(one.work))
    batch.fail(EngineFailed("died"))
    assert one.outcome.result() is one.work
    assert isinstance(two.outcome.exception(), EngineFailed)
