"""Screening in the line: prompts, what comes in, and what would leave."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
import pytest

from functions.contract.errors import ImageBlocked, NotScreened, PromptBlocked
from functions.policy import Screener
from functions.policy.external_classifiers.protocol import ClassifierOutput, Content
from tests.unit.worker.stages.making import tools, work
from worker.stages.screen import screen_inputs, screen_pictures, screen_request
from worker.stages.tools import EngineTools, IntakeTools
from worker.stages.work import PictureInProgress, Work

RED, BLUE = (1.0, 0.0, 0.0), (0.0, 0.0, 1.0)


@dataclass
class NothingRed:
    """A classifier that blocks pictures that are red, and prompts that say so."""

    name: str = "nothing-red"

    def warm_up(self) -> None: ...

    def classify(self, content: Content) -> ClassifierOutput:
        if isinstance(content, str):
            return ClassifierOutput("block", ("red",)) if "red" in content else ClassifierOutput("allow")
        bgr = cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_COLOR)
        assert bgr is not None
        return ClassifierOutput("block", ("red",)) if bgr[..., 2].mean() > 128 else ClassifierOutput("allow")


def plain(colour: tuple[float, float, float]) -> np.ndarray:
    return np.broadcast_to(np.array(colour, np.float32), (64, 64, 3)).copy()


def drawn(*colours: tuple[float, float, float]) -> Work:
    made = work(prompt="two squares", count=max(1, len(colours)))
    made.pictures = [PictureInProgress(n=n, seed=n, rgb=plain(colour)) for n, colour in enumerate(colours)]
    return made


@pytest.fixture
def screening() -> EngineTools:
    return replace(tools(), screener=Screener(image=NothingRed()))


def verdicts(work: Work) -> Sequence[tuple[str, str]]:
    return [(each.subject, each.verdict) for each in work.verdicts]


def test_a_prompt_that_came_past_the_door_is_screened() -> None:
    asked = work(prompt="a beheading")
    with pytest.raises(PromptBlocked) as caught:
        screen_request(asked, IntakeTools())
    assert caught.value.block is not None
    assert caught.value.block.categories == ("graphic_violence",)
    assert verdicts(asked) == [("prompt", "block")]


def test_every_wish_of_the_request_is_one() -> None:
    asked = work(task="sequence", prompt=None, prompts=("a red boat", "a beheading"))
    with pytest.raises(PromptBlocked):
        screen_request(asked, IntakeTools())


def test_what_should_be_looked_at_goes_on_and_is_recorded() -> None:
    asked = screen_request(work(prompt="a naked woman on a beach"), IntakeTools())
    assert verdicts(asked) == [("prompt", "review")]
    strict = IntakeTools(screener=Screener(review_blocks=True))
    with pytest.raises(PromptBlocked):
        screen_request(work(prompt="a naked woman on a beach"), strict)


def test_the_classifier_has_its_word_on_the_prompt() -> None:
    asked = work(prompt="a red boat")
    with pytest.raises(PromptBlocked):
        screen_request(asked, IntakeTools(screener=Screener(text=NothingRed())))
    assert [(each.by, each.verdict) for each in asked.verdicts] == [
        ("policy", "allow"),
        ("nothing-red", "block"),
    ]


def test_without_a_classifier_the_verdict_says_so() -> None:
    made = screen_pictures(drawn(RED, BLUE), tools())
    assert verdicts(made) == [("picture 0", "not_classified"), ("picture 1", "not_classified")]


def test_where_it_fails_closed_nothing_leaves_without_one() -> None:
    closed = replace(tools(), screener=Screener(fails_closed=True))
    with pytest.raises(NotScreened):
        screen_pictures(drawn(BLUE), closed)


def test_what_comes_in_is_looked_at_before_anything_is_made_of_it(screening: EngineTools) -> None:
    given = replace(drawn(), images=(plain(BLUE), plain(RED)))
    with pytest.raises(ImageBlocked):
        screen_inputs(given, screening)
    assert verdicts(given) == [("input 0", "allow"), ("input 1", "block")]


def test_a_picture_that_must_not_leave_stops_its_job(screening: EngineTools) -> None:
    made = drawn(BLUE, RED)
    with pytest.raises(ImageBlocked) as caught:
        screen_pictures(made, screening)
    assert caught.value.block is not None
    assert caught.value.block.categories == ("red",)
    assert verdicts(made) == [("picture 0", "allow"), ("picture 1", "block")]


def test_pictures_that_may_leave_do(screening: EngineTools) -> None:
    assert verdicts(screen_pictures(drawn(BLUE, BLUE), screening)) == [
        ("picture 0", "allow"),
        ("picture 1", "allow"),
    ]


def test_a_job_without_pictures_has_none_to_screen(screening: EngineTools) -> None:
    assert verdicts(screen_inputs(drawn(), screening)) == []
