"""Jobs that share a pass in a real engine process: each is answered, stopped and failed on its own."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from functions.contract.errors import Canceled, EngineFailed, ImageBlocked
from tests.unit.worker.stages.making import work
from worker.settings import WorkerSettings
from worker.stage_processes.engine_server import run_engine_server
from worker.stage_processes.job_run import JobCallbacks, JobRun
from worker.stage_processes.messages import StageReport
from worker.stage_processes.stage_process import StageProcess
from worker.stages.pipeline import StageError
from worker.stages.work import Work

pytestmark = pytest.mark.integration


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Generator[StageProcess]:
    settings = WorkerSettings(
        profile="local",
        project="p",
        uploads_bucket="uploads",
        results_bucket="results",
        jobs_bucket="jobs",
        models={"mock": "mock:0.2+0.01"},
        default_model="mock",
        data=tmp_path_factory.mktemp("data"),
        watermark_key="00" * 32,
        upscaler="off",
        device="cpu",
        max_batch=4,
    )
    process = StageProcess("engine", settings, run_engine_server)
    process.start()
    yield process
    process.stop()


class Caller:
    """One job: it hears reports, and is canceled once ``stop_at`` steps are done."""

    def __init__(self, job_id: str, stop_at: int | None = None, **request: Any) -> None:
        self.reports: list[StageReport] = []
        self._stop_at = stop_at
        asked = work(512, 512, correction={"attempts": 1}, **request)
        self.run = JobRun(
            replace(asked, job_id=job_id), JobCallbacks(self._raise_if_stopped, self.reports.append)
        )

    def _raise_if_stopped(self) -> None:
        steps = [report.step for report in self.reports if report.step]
        if self._stop_at is not None and steps and steps[-1] >= self._stop_at:
            raise Canceled("stop")

    @property
    def done(self) -> Work:
        return self.run.outcome.result()

    @property
    def error(self) -> BaseException | None:
        return self.run.outcome.exception()


def run(engine: StageProcess, *callers: Caller) -> None:
    engine.run_together([caller.run for caller in callers])


def test_the_process_says_what_gains(engine: StageProcess) -> None:
    assert engine.pass_limits["mock"].most == 4


def test_jobs_of_a_pass_end_as_if_alone(engine: StageProcess) -> None:
    together = [Caller(f"job-{n}", seed=n, prompt=f"{n} boats") for n in range(3)]
    alone = [Caller(f"job-{n}", seed=n, prompt=f"{n} boats") for n in range(3)]
    run(engine, *together)
    for one, other in zip(together, alone, strict=True):
        run(engine, other)
        np.testing.assert_array_equal(one.done.pictures[0].rgb, other.done.pictures[0].rgb)
        assert [stage.name for stage in one.done.stages] == [stage.name for stage in other.done.stages]
        facts = {stage.name: stage.pass_pictures for stage in one.done.stages}
        assert facts["diffuse"] == 3
        assert [report.stage for report in one.reports if report.stage] == [
            report.stage for report in other.reports if report.stage
        ]


def test_one_that_is_canceled_and_one_that_fails_leave_the_third(engine: StageProcess) -> None:
    pid = engine.pid
    slow = {"mock.seconds": "0.5"}
    canceled = Caller("canceled", stop_at=1, labels=slow)
    failing = Caller("failing", labels={"mock.fail": "blocked"})
    third = Caller("third", seed=3)
    run(engine, canceled, failing, third)
    assert isinstance(canceled.error, Canceled)
    assert isinstance(failing.error, StageError)
    assert isinstance(failing.error.error, ImageBlocked)
    assert third.done.pictures[0].rgb.shape == (512, 512, 3)
    assert engine.pid == pid


def test_a_process_that_dies_is_replaced_and_each_job_fails_for_another_try(engine: StageProcess) -> None:
    callers = [Caller("one"), Caller("two", labels={"mock.fail": "crash"})]
    run(engine, *callers)
    assert all(isinstance(caller.error, EngineFailed) for caller in callers)
    again = Caller("one")
    run(engine, again)
    assert len(again.done.pictures) == 1
