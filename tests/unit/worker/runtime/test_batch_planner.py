"""Which jobs are drawn together: they agree, they fit, owners take turns, and none waits for ever."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from tests.unit.worker.stages.making import work
from worker.engines.pass_limits import PassLimits, PassPoint
from worker.runtime.batch_planner import BatchPlanner
from worker.runtime.job_in_progress import JobInProgress
from worker.runtime.priority import FairQueue
from worker.stages.work import Work

LIMITS = PassLimits((PassPoint(256 * 256, 4), PassPoint(512 * 512, 2)), takes_images=True)


@dataclass(eq=False)
class Job:
    """Stands for a JobInProgress: what the planner looks at."""

    work: Work
    owner: str = "ann"
    is_low_priority: bool = False
    lease: Any = field(default_factory=SimpleNamespace)


def job(owner: str = "ann", *, low: bool = False, attempt: int = 1, side: int = 256, **request: Any) -> Any:
    asked = work(side, side, **request)
    asked.attempt = attempt
    return Job(asked, owner, low)


def queue_of(*jobs: JobInProgress, limits: PassLimits = LIMITS) -> FairQueue[JobInProgress]:
    planner = BatchPlanner({"mock": limits})
    queue = FairQueue[JobInProgress](
        100, lambda job: job.is_low_priority, find_partners=planner.find_partners
    )
    for each in jobs:
        queue.put(each)
    return queue


def test_jobs_that_agree_are_drawn_together_up_to_the_limit_of_their_size() -> None:
    small, large = [job() for _ in range(5)], [job(side=512) for _ in range(3)]
    queue = queue_of(*small, *large)
    assert [queue.get() for _ in range(4)] == [small[:4], small[4:], large[:2], large[2:]]


@pytest.mark.parametrize(
    "other",
    [
        {"side": 320},
        {"steps": 3},
        {"guidance": 2.0},
        {"negative_prompt": "rain"},
        {"task": "edit", "images": [{"uri": "gs://in/a.png"}], "strength": 0.5},
        {"task": "sequence", "prompt": None, "prompts": ["a boat", "a cat"]},
        {"attempt": 2},
    ],
)
def test_a_job_that_is_drawn_otherwise_is_drawn_apart(other: dict[str, Any]) -> None:
    first, second = job(), job(**other)
    if "images" in other:
        second.work.images = (np.zeros((8, 8, 3), np.float32),)
    queue = queue_of(first, second)
    assert [queue.get(), queue.get()] == [[first], [second]]


def test_prompt_and_seed_may_differ() -> None:
    jobs = [job(prompt="a boat", seed=1), job(prompt="a cat on a mat", seed=2)]
    assert queue_of(*jobs).get() == jobs


def test_edits_share_a_pass_where_the_model_takes_images_of_their_own() -> None:
    edits = [job(task="edit", images=[{"uri": "gs://in/a.png"}]) for _ in range(2)]
    for each in edits:
        each.work.images = (np.zeros((8, 8, 3), np.float32),)
    assert queue_of(*edits).get() == edits
    without = PassLimits(LIMITS.points)
    assert queue_of(*edits, limits=without).get() == edits[:1]


def test_a_drawing_that_was_kept_is_not_drawn_again_with_others() -> None:
    kept, new = job(), job()
    kept.work.resumed_from = "diffuse"
    assert queue_of(new, kept).get() == [new]


def test_pictures_count_and_not_jobs() -> None:
    jobs = [job(count=2), job(count=3), job(count=2)]
    assert queue_of(*jobs).get() == [jobs[0], jobs[2]]


def test_owners_take_turns_in_a_batch() -> None:
    ann = [job("ann") for _ in range(6)]
    ben, cid = job("ben"), job("cid")
    queue = queue_of(*ann, ben, cid)
    assert queue.get() == [ann[0], ben, cid, ann[1]]


def test_the_oldest_job_decides_so_that_no_size_waits_for_ever() -> None:
    rare = job(side=512)
    queue = queue_of(job(), rare)
    for _ in range(10):
        queue.put(job())
    taken = [queue.get(), queue.get()]
    assert taken[1] == [rare]


def test_low_jobs_fill_what_normal_ones_leave() -> None:
    low, normal = [job(low=True) for _ in range(3)], [job() for _ in range(3)]
    queue = queue_of(*low, *normal)
    assert queue.get() == [*normal, low[0]]
    assert queue.get() == low[1:]


def test_partners_that_overtake_a_low_job_are_counted() -> None:
    low = job(low=True, side=512)
    queue = queue_of(low, *[job() for _ in range(16)])
    taken = [queue.get() for _ in range(3)]
    assert [len(each or []) for each in taken] == [4, 4, 1]
    assert taken[2] == [low]


def test_a_model_that_was_not_profiled_draws_alone() -> None:
    jobs = [job(), job()]
    assert queue_of(*jobs, limits=PassLimits()).get() == jobs[:1]


def test_a_result_larger_than_the_model_is_drawn_at_the_models_size() -> None:
    jobs = [job(side=2048) for _ in range(3)]
    assert queue_of(*jobs).get() == jobs[:2]
