"""A bar that moves at once, never backwards, and through every stage."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, get_args

import pytest

from functions.contract.job import BEGUN
from functions.contract.tasks import Task
from tests.unit.worker.stages.making import LANES, marking_tools, tools, work
from worker.runtime.progress import JobProgress
from worker.stages.pipeline import STAGES, AnyStage, run_stages
from worker.stages.tools import IntakeTools
from worker.stages.work import Work

IMAGE = {"images": [{"uri": "gs://b/n"}]}
REQUESTS: dict[str, dict[str, Any]] = {
    "generate": {},
    "edit": {**IMAGE, "region_prompt": "the boat", "visible_mark": True},
    "outpaint": {**IMAGE, "prompt": None, "aspect_ratio": "16:9"},
    "sequence": {"prompt": None, "prompts": ["a boat", "a red boat", "a boat at night"]},
    "upscale": {**IMAGE, "prompt": None, "size": "1K"},
    "animate": {"seconds": 2},
    "suggest": {**IMAGE, "prompt": None},
    "verify": {**IMAGE, "prompt": None},
}
STEPS = 4


class Bar:
    """Remembers what was written to the record."""

    def __init__(self) -> None:
        self.seen: list[float] = [BEGUN]
        self.stages: dict[str, float] = {}

    def report(self, **news: Any) -> None:
        if "progress" in news:
            self.seen.append(news["progress"])
        if "stage" in news:
            self.stages[news["stage"]] = news["progress"]


def job_of(task: str, count: int = 1) -> Work:
    many = {"count": count} if task == "generate" else {}
    return work(256, 256, task=task, **REQUESTS[task], **many)


def draw(progress: JobProgress, job: Work, stages: tuple[AnyStage, ...] = STAGES) -> None:
    """Goes through the job's stages as the worker does, step by step where pictures are drawn."""
    for stage in stages:
        if not stage.applies(job):
            continue
        progress.report(stage.name)
        if stage.name in ("diffuse", "sequence", "animate", "frames", "correct"):
            for _ in range(job.request.picture_count):
                for step in range(1, STEPS + 1):
                    progress.report(step=step, steps=STEPS)


def test_every_task_is_tried_here() -> None:
    assert set(REQUESTS) == set(get_args(Task))


def test_every_stage_has_a_share() -> None:
    assert all(stage.share > 0 for stage in STAGES)


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize("task", REQUESTS)
def test_the_bar_moves_at_once_and_never_backwards(task: str, count: int) -> None:
    bar, job = Bar(), job_of(task, count)
    draw(JobProgress(bar.report, STAGES, job), job)
    assert bar.seen[0] > 0
    assert bar.seen == sorted(bar.seen)
    assert bar.seen[-1] < 1


@pytest.mark.parametrize("task", REQUESTS)
def test_each_stage_begins_after_the_one_before_it(task: str) -> None:
    bar, job = Bar(), job_of(task)
    draw(JobProgress(bar.report, STAGES, job), job)
    begins = list(bar.stages.values())
    assert len(set(begins)) == len(begins) == sum(stage.applies(job) for stage in STAGES)


def test_stages_that_are_run_again_do_not_move_it_back() -> None:
    bar, job = Bar(), job_of("generate")
    progress = JobProgress(bar.report, STAGES, job)
    draw(progress, job)
    draw(progress, replace(job, small_tiles=True))
    assert bar.seen == sorted(bar.seen)


def test_a_resumed_job_goes_on_from_what_was_drawn() -> None:
    bar, job = Bar(), job_of("generate")
    draw(JobProgress(bar.report, STAGES, job), replace(job, resumed_from="diffuse"))
    assert bar.seen == sorted(bar.seen)
    assert bar.stages["upscale"] > 0.5


def test_without_stages_the_job_has_begun() -> None:
    bar, job = Bar(), job_of("generate")
    JobProgress(bar.report, (), job).report("diffuse")
    assert bar.seen == [BEGUN, BEGUN]


def test_the_lanes_themselves_report_so() -> None:
    bar, job = Bar(), work(256, 256, visible_mark=True)
    progress = JobProgress(bar.report, STAGES, job)

    def on_step(step: int, steps: int, preview: object) -> None:
        del preview
        progress.report(step=step, steps=steps)

    drawing = replace(tools(), on_step=on_step)
    job = run_stages(LANES.intake, job, IntakeTools(), progress.report)
    job = run_stages(LANES.engine, job, drawing, progress.report)
    job = run_stages(LANES.marking, job, marking_tools(), progress.report)
    run_stages(LANES.finish, job, None, progress.report)
    assert bar.seen == sorted(bar.seen)
    assert {"screen_input", "visible_mark"} <= set(bar.stages)
