from __future__ import annotations

from typing import Any

import numpy as np

from tests.unit.worker.stages.making import Painter, tools, work
from worker.engines.protocol import Brief, Encoded
from worker.stages.intent import intent
from worker.stages.sequence import sequence
from worker.stages.tools import IntakeTools
from worker.stages.work import Work

RED, GREEN, BLUE = (0.9, 0.1, 0.1), (0.1, 0.8, 0.1), (0.1, 0.2, 0.9)


class Watched(Painter):
    def __init__(self, *colours: tuple[float, float, float]) -> None:
        super().__init__(*colours)
        self.briefs: list[Brief] = []

    def encode(self, brief: Brief) -> Encoded:
        self.briefs.append(brief)
        return super().encode(brief)


def draw_sequence(
    painter: Painter, prompts: list[str], images: tuple[np.ndarray, ...] = (), **request: Any
) -> Work:
    given = [{"uri": f"gs://b/{n}"} for n in range(len(images))]
    fields: dict[str, Any] = {"prompt": None, "prompts": prompts, "images": given, **request}
    job = work(task="sequence", **fields)
    job.images = images
    return sequence(intent(job, IntakeTools()), tools(painter))


def test_there_is_a_picture_for_each_prompt_with_its_own_seed_and_intent() -> None:
    job = draw_sequence(Watched(RED), ["a cat at home", "a cat at night", "a cat by day"])
    assert [picture.n for picture in job.pictures] == [0, 1, 2]
    assert len({picture.seed for picture in job.pictures}) == 3
    assert job.pictures[0].seed == job.seed
    assert [picture.intent.prompt if picture.intent else None for picture in job.pictures] == [
        "a cat at home",
        "a cat at night",
        "a cat by day",
    ]
    assert job.engine == "mock"


def test_the_first_picture_carries_the_subject_to_all_others() -> None:
    painter = Watched(RED)
    job = draw_sequence(painter, ["one", "two", "three"])
    assert [len(brief.images) for brief in painter.briefs] == [0, 1, 1]
    assert all(brief.images[0] is job.pictures[0].rgb for brief in painter.briefs[1:])


def test_given_references_carry_it_from_the_first_picture_on() -> None:
    painter, references = Watched(RED), (np.zeros((8, 8, 3), np.float32), np.ones((8, 8, 3), np.float32))
    draw_sequence(painter, ["one", "two"], references)
    assert [brief.images for brief in painter.briefs] == [references, references]


def test_the_shared_subject_is_said_each_time() -> None:
    painter = Watched(RED)
    draw_sequence(painter, ["at home", "in the snow"], prompt="a red cat")
    assert [brief.prompt for brief in painter.briefs] == ["a red cat, at home", "a red cat, in the snow"]


def test_a_first_picture_that_is_corrected_is_the_one_that_is_followed() -> None:
    painter = Watched(GREEN, RED)
    job = draw_sequence(
        painter, ["something red", "something red"], correction={"attempts": 2, "threshold": 1}
    )
    assert [len(picture.attempts) for picture in job.pictures] == [2, 1]
    followed = painter.briefs[-1].images[0]
    assert followed is job.pictures[0].rgb
    assert followed[0, 0].argmax() == 0


def test_the_same_sequence_is_drawn_the_same_again() -> None:
    first, second = draw_sequence(Painter(RED), ["one", "two"]), draw_sequence(Painter(RED), ["one", "two"])
    assert all(
        np.array_equal(one.rgb, other.rgb) for one, other in zip(first.pictures, second.pictures, strict=True)
    )
