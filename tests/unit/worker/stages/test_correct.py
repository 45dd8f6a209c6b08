from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from functions.contract.intent_facts import IntentFacts
from functions.policy import Screener
from tests.unit.worker.stages.making import Painter, tools, work
from worker.engines.protocol import Brief, Encoded, Picture
from worker.stages.correct import correct
from worker.stages.diffuse import diffuse
from worker.stages.encode import encode
from worker.stages.intent import intent
from worker.stages.tools import EngineTools, IntakeTools
from worker.stages.work import PictureInProgress, Work
from worker.vision.protocol import BeforeEdit, Critic, Score
from worker.vision.vision_tools import RulesVisionTools

RED, GREEN, BLUE = (0.9, 0.1, 0.1), (0.1, 0.8, 0.1), (0.1, 0.2, 0.9)


class Watched(Painter):
    """A painter that remembers what it was asked for."""

    def __init__(self, *colours: tuple[float, float, float], follows_instructions: bool = True) -> None:
        super().__init__(*colours)
        self.follows_instructions = follows_instructions
        self.briefs: list[Brief] = []

    def encode(self, brief: Brief) -> Encoded:
        self.briefs.append(brief)
        return super().encode(brief)

    @property
    def repairs(self) -> list[str]:
        return [brief.prompt for brief in self.briefs[1:]]


class Reciting:
    """A critic that gives these scores, one after the other."""

    name = "reciting"

    def __init__(self, *scores: Score) -> None:
        self._scores = list(scores)
        self.seen: list[tuple[Picture, IntentFacts | None, BeforeEdit | None]] = []

    def score(self, picture: Picture, intent: IntentFacts | None, before: BeforeEdit | None = None) -> Score:
        self.seen.append((picture, intent, before))
        return self._scores[len(self.seen) - 1]


class FixedVisionTools(RulesVisionTools):
    def __init__(self, critic: Critic) -> None:
        self._critic = critic

    def critic(self, model: str) -> Critic:
        del model
        return self._critic


def drawn(
    painter: Painter, attempts: int, kit: EngineTools | None = None, prompt: str = "something red"
) -> PictureInProgress:
    asked = work(prompt=prompt, correction={"attempts": attempts, "threshold": 1.0})
    kit = kit or tools(painter)
    return correct(diffuse(encode(intent(asked, IntakeTools()), kit), kit), kit).pictures[0]


def scored(*values: float, reasons: int = 1, repairs: int = 1) -> list[Score]:
    wrong = tuple(f"wrong {n}" for n in range(reasons))
    mend = tuple(f"mend {n}" for n in range(repairs))
    return [
        Score(value, "reciting", wrong, mend) if value < 1 else Score(value, "reciting") for value in values
    ]


def test_a_picture_that_is_right_is_drawn_once() -> None:
    painter = Painter(RED, GREEN)
    picture = drawn(painter, attempts=4)
    assert len(painter.seeds) == 1
    [attempt] = picture.attempts
    assert (attempt.score, attempt.by, attempt.unchecked) == (1.0, "rules", ())


def test_where_nothing_can_be_checked_nothing_is_drawn_again() -> None:
    painter = Painter(RED, GREEN)
    picture = drawn(painter, attempts=4, prompt="asdfghjkl qwerty")
    assert len(painter.seeds) == 1
    [attempt] = picture.attempts
    assert (attempt.score, attempt.unchecked) == (None, ("asdfghjkl qwerty",))


def test_drawing_again_stops_when_it_is_right() -> None:
    painter = Painter(GREEN, BLUE, RED, GREEN)
    picture = drawn(painter, attempts=8)
    assert len(painter.seeds) == 3
    assert picture.seed == painter.seeds[2]
    assert [attempt.chosen for attempt in picture.attempts] == [False, False, True]
    assert picture.attempts[0].reasons == ("red is missing",)


def test_the_budget_is_honoured_and_the_best_is_kept() -> None:
    painter = Painter(GREEN)
    picture = drawn(painter, attempts=3)
    assert len(painter.seeds) == len(set(painter.seeds)) == 3
    assert sum(attempt.chosen for attempt in picture.attempts) == 1
    assert picture.seed == next(attempt.seed for attempt in picture.attempts if attempt.chosen)


def test_what_was_drawn_is_kept_for_a_resumed_attempt() -> None:
    kept: list[Work] = []
    drawn(Painter(RED), 1, tools(Painter(RED), save_checkpoint=kept.append))
    assert len(kept) == 1 and kept[0].pictures[0].attempts


def test_one_fault_is_mended_by_an_edit_of_the_picture() -> None:
    painter = Watched(GREEN, RED)
    picture = drawn(painter, attempts=4, prompt="a red boat")
    assert painter.repairs == ["make the boat red"]
    assert len(painter.briefs[1].images) == 1
    assert [attempt.repair for attempt in picture.attempts] == [None, "make the boat red"]
    assert picture.attempts[1].chosen


def test_the_same_repair_is_not_tried_twice() -> None:
    painter = Watched(GREEN, BLUE, BLUE, BLUE)
    picture = drawn(painter, attempts=4, prompt="a red boat")
    assert [attempt.repair for attempt in picture.attempts] == [None, "make the boat red", None, None]
    assert len({attempt.seed for attempt in picture.attempts}) == 4


@pytest.mark.parametrize("reasons", [0, 1, 2])
def test_faults_beyond_repair_are_drawn_again(reasons: int) -> None:
    painter = Watched(GREEN)
    critic = Reciting(*scored(0.2, 0.9, reasons=reasons, repairs=0))
    drawn(painter, 2, replace(tools(painter), vision=FixedVisionTools(critic)))
    assert painter.repairs == [] and len(painter.seeds) == 2


def test_of_several_faults_the_first_that_can_be_is_mended_first() -> None:
    painter = Watched(GREEN)
    first = Score(0.2, "reciting", ("a", "b", "c"), ("mend b", "mend c"))
    better = Score(0.5, "reciting", ("a", "c"), ("mend c",))
    critic = Reciting(first, better, Score(0.7, "reciting", ("a",)), *scored(0.9, 0.95))
    picture = drawn(painter, 4, replace(tools(painter), vision=FixedVisionTools(critic)))
    assert [attempt.repair for attempt in picture.attempts] == [None, "mend b", "mend c", None]


def test_after_a_repair_that_did_not_help_comes_a_new_drawing() -> None:
    painter = Watched(GREEN)
    first = Score(0.4, "reciting", ("a", "b"), ("mend a", "mend b"))
    critic = Reciting(first, *scored(0.1, 0.2, 0.3))
    picture = drawn(painter, 4, replace(tools(painter), vision=FixedVisionTools(critic)))
    assert [attempt.repair for attempt in picture.attempts] == [None, "mend a", None, "mend b"]


def test_a_repair_that_may_not_be_asked_for_is_not_drawn() -> None:
    painter = Watched(GREEN)
    critic = Reciting(Score(0.2, "seer", ("wrong",), ("a naked woman on a bed",)), *scored(0.9))
    strict = Screener(verdicts={"nudity": "block"}, review_blocks=True)
    drawn(painter, 2, replace(tools(painter), vision=FixedVisionTools(critic), screener=strict))
    assert painter.repairs == [] and len(painter.seeds) == 2


def test_an_engine_that_follows_no_instructions_draws_again() -> None:
    painter = Watched(GREEN, RED, follows_instructions=False)
    drawn(painter, attempts=4, prompt="a red boat")
    assert painter.repairs == [] and len(painter.seeds) == 2


def test_a_repair_that_makes_it_worse_is_not_kept() -> None:
    painter = Watched(GREEN, BLUE, RED)
    critic = Reciting(*scored(0.5, 0.1, 0.4))
    picture = drawn(painter, 3, replace(tools(painter), vision=FixedVisionTools(critic)))
    assert [(attempt.score, attempt.chosen) for attempt in picture.attempts] == [
        (0.5, True),
        (0.1, False),
        (0.4, False),
    ]
    assert picture.rgb[0, 0] == pytest.approx(GREEN)


def test_an_edits_critic_sees_what_was_there_before() -> None:
    critic = Reciting(Score(1.0, "reciting"))
    kit = replace(tools(Painter(RED)), vision=FixedVisionTools(critic))
    asked = work(task="edit", prompt="make it red", images=[{"uri": "gs://b/n"}])
    asked.images, asked.mask = (np.zeros((256, 256, 3), np.float32),), np.ones((256, 256), np.float32)
    correct(diffuse(encode(intent(asked, IntakeTools()), kit), kit), kit)
    _, _, before = critic.seen[0]
    assert before is not None and before.picture is asked.images[0] and before.mask is asked.mask


def test_inside_a_region_nothing_is_mended() -> None:
    painter = Watched(GREEN)
    kit = replace(tools(painter), vision=FixedVisionTools(Reciting(*scored(0.2, 0.9))))
    asked = work(
        task="edit",
        prompt="make it red",
        images=[{"uri": "gs://b/n"}],
        correction={"attempts": 2, "threshold": 1},
    )
    asked.images, asked.mask = (np.zeros((256, 256, 3), np.float32),), np.ones((256, 256), np.float32)
    correct(diffuse(encode(intent(asked, IntakeTools()), kit), kit), kit)
    assert painter.repairs == [] and len(painter.seeds) == 2
