"""A pool gives each job to a free process, and starts no second one before it is needed."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from functions.contract.errors import EngineFailed
from tests.unit.worker.stages.making import work
from worker.settings import WorkerSettings
from worker.stage_processes.job_run import JobCallbacks
from worker.stage_processes.process_pool import ProcessPool, count_marking_processes
from worker.stage_processes.stage_process import StageProcess
from worker.stages.work import Work

SETTINGS = WorkerSettings(project="p", uploads_bucket="u", results_bucket="r", jobs_bucket="j")
CALLBACKS = JobCallbacks(lambda: None, lambda _: None)


class Fake(StageProcess):
    """Has no process: it waits for ``together`` and remembers how many jobs it was given."""

    def __init__(self, together: threading.Barrier | None = None, error: Exception | None = None) -> None:
        super().__init__("marking", SETTINGS, lambda _connection, _settings: None)
        self._together, self._error = together, error
        self.jobs = 0
        self.found: str | None = None

    def run(self, work: Work, callbacks: JobCallbacks) -> Work:
        del callbacks
        self.jobs += 1
        if self._together:
            self._together.wait()
        if self._error:
            raise self._error
        return work

    def fault(self) -> str | None:
        return self.found


def test_one_job_after_the_other_needs_one_process() -> None:
    processes = [Fake(), Fake(), Fake()]
    pool = ProcessPool(processes)
    for _ in range(4):
        pool.run(work(), CALLBACKS)
    assert [process.jobs for process in processes] == [4, 0, 0]


def test_jobs_at_once_have_a_process_each() -> None:
    together = threading.Barrier(3)
    processes = [Fake(together), Fake(together), Fake(together)]
    pool = ProcessPool(processes)
    with ThreadPoolExecutor(pool.size) as callers:
        list(callers.map(pool.run, [work()] * 3, [CALLBACKS] * 3))
    assert [process.jobs for process in processes] == [1, 1, 1]


def test_a_process_whose_job_failed_is_given_another() -> None:
    failing = Fake(error=EngineFailed("It died."))
    pool = ProcessPool([failing])
    for _ in range(2):
        with pytest.raises(EngineFailed):
            pool.run(work(), CALLBACKS)
    assert failing.jobs == 2


def test_the_fault_of_one_is_the_pools() -> None:
    second = Fake()
    pool = ProcessPool([Fake(), second])
    assert pool.fault() is None
    second.found = "the marking's thread is stuck"
    assert pool.fault() == "the marking's thread is stuck"


@pytest.mark.parametrize(("processors", "processes"), [(1, 1), (2, 1), (4, 2), (8, 3), (64, 3)])
def test_half_of_the_processors_mark_at_the_most(processors: int, processes: int) -> None:
    assert count_marking_processes(processors) == processes
