"""Pictures of several jobs in one pass of the mock: what each gets, and what happens when one fails."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from functions.contract.errors import Canceled, ImageBlocked, OutOfMemory, PlantainError
from tests.unit.worker.stages.making import tools, work
from worker.engines.mock import MockEngine
from worker.engines.protocol import Picture
from worker.engines.shared_pass import PassDrawing
from worker.stages.diffuse import diffuse_together
from worker.stages.encode import encode
from worker.stages.tools import EngineTools
from worker.stages.work import Work


class Recorder(MockEngine):
    """Remembers how many pictures each of its passes has."""

    def __init__(self, room: int | None = None) -> None:
        super().__init__(lambda _: None, pass_seconds=1.0, picture_seconds=0.1, room=room)
        self.profile_passes(4)
        self.passes: list[int] = []

    def diffuse_together(self, drawings: Sequence[PassDrawing]) -> list[Picture | PlantainError]:
        self.passes.append(len(drawings))
        return super().diffuse_together(drawings)


def ready(engine: MockEngine, *requests: dict[str, Any]) -> list[tuple[Work, EngineTools]]:
    """Jobs with a seed each, encoded."""
    kit = tools(engine)
    return [(encode(work(seed=n, **request), kit), kit) for n, request in enumerate(requests)]


def alone(*requests: dict[str, Any]) -> list[Picture]:
    """The first picture of each job, drawn by itself."""
    jobs = [ready(MockEngine(lambda _: None), *requests)[n] for n in range(len(requests))]
    for job in jobs:
        assert diffuse_together([job]) == [None]
    return [job.pictures[0].rgb for job, _ in jobs]


def stopped_at(step: int, error: PlantainError) -> Callable[..., None]:
    def on_step(done: int, _steps: int, _preview: object) -> None:
        if done >= step:
            raise error

    return on_step


def test_jobs_share_a_pass_and_have_the_pictures_they_have_alone() -> None:
    engine, requests = Recorder(), [{"prompt": name} for name in ("a boat", "a cat", "a tree")]
    jobs = ready(engine, *requests)
    assert diffuse_together(jobs) == [None] * 3
    assert engine.passes == [3]
    for (job, _), picture in zip(jobs, alone(*requests), strict=True):
        np.testing.assert_array_equal(job.pictures[0].rgb, picture)
        assert job.pass_pictures == 3


def test_a_jobs_own_pictures_share_passes_up_to_the_limit() -> None:
    engine = Recorder()
    ((job, _),) = jobs = ready(engine, {"count": 6})
    assert diffuse_together(jobs) == [None]
    assert engine.passes == [4, 2]
    assert [(picture.n, picture.seed) for picture in job.pictures] == [(n, n) for n in range(6)]


def test_what_does_not_agree_has_a_pass_of_its_own() -> None:
    engine = Recorder()
    jobs = ready(engine, {}, {"labels": {"mock.steps": "2"}}, {})
    assert diffuse_together(jobs) == [None] * 3
    assert engine.passes == [2, 1]


def test_a_job_that_fails_on_its_own_leaves_the_others() -> None:
    requests = [{}, {"labels": {"mock.fail": "blocked"}}, {"prompt": "a cat"}]
    jobs = ready(Recorder(), *requests)
    first, second, third = diffuse_together(jobs)
    assert (first, third) == (None, None)
    assert isinstance(second, ImageBlocked)
    np.testing.assert_array_equal(jobs[0][0].pictures[0].rgb, alone({})[0])
    assert jobs[1][0].pictures == []


@pytest.mark.parametrize("step", [0, 1, 4])
def test_a_job_that_is_stopped_in_the_pass_leaves_the_others(step: int) -> None:
    engine, requests = Recorder(), [{}, {"count": 2}]
    canceled = Canceled("stop")
    jobs = ready(engine, *requests)
    jobs[1] = (jobs[1][0], replace(jobs[1][1], on_step=stopped_at(step, canceled)))
    assert diffuse_together(jobs) == [None, canceled]
    np.testing.assert_array_equal(jobs[0][0].pictures[0].rgb, alone({})[0])


def test_a_pass_that_all_have_left_is_given_up() -> None:
    slept: list[float] = []
    engine = MockEngine(slept.append, pass_seconds=1.0)
    engine.profile_passes(4)
    kit = replace(tools(engine), on_step=stopped_at(1, Canceled("stop")))
    jobs = [(encode(work(), kit), kit) for _ in range(2)]
    assert all(isinstance(error, Canceled) for error in diffuse_together(jobs))
    assert sum(slept) == pytest.approx(0.25)  # one of the four steps


def test_a_pass_that_is_out_of_memory_is_drawn_in_halves() -> None:
    engine = Recorder(room=1)
    jobs = ready(engine, {}, {}, {}, {})
    assert diffuse_together(jobs) == [None] * 4
    assert engine.passes == [4, 2, 1, 1, 2, 1, 1]
    assert [job.pictures[0].seed for job, _ in jobs] == [0, 1, 2, 3]


def test_a_picture_too_large_even_alone_fails_its_own_job() -> None:
    jobs = ready(Recorder(), {"labels": {"mock.fail": "out_of_memory"}}, {})
    first, second = diffuse_together(jobs)
    assert isinstance(first, OutOfMemory)
    assert second is None
