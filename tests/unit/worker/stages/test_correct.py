from __future__ import annotations

from tests.unit.worker.stages.making import Painter, tools, work
from worker.stages.correct import correct
from worker.stages.diffuse import diffuse
from worker.stages.encode import encode
from worker.stages.intent import intent
from worker.stages.work import Work

RED, GREEN, BLUE = (0.9, 0.1, 0.1), (0.1, 0.8, 0.1), (0.1, 0.2, 0.9)


def drawn(painter: Painter, attempts: int) -> Work:
    asked = work(prompt="something red", correction={"attempts": attempts, "threshold": 1.0})
    kit = tools(painter)
    return correct(diffuse(encode(intent(asked), kit), kit), kit)


def test_a_picture_that_is_right_is_drawn_once() -> None:
    painter = Painter(RED, GREEN)
    picture = drawn(painter, attempts=4).pictures[0]
    assert len(painter.seeds) == 1
    assert [attempt.score for attempt in picture.attempts] == [1.0]


def test_drawing_again_stops_when_it_is_right() -> None:
    painter = Painter(GREEN, BLUE, RED, GREEN)
    picture = drawn(painter, attempts=8).pictures[0]
    assert len(painter.seeds) == 3
    assert picture.seed == painter.seeds[2]
    assert [attempt.chosen for attempt in picture.attempts] == [False, False, True]
    assert picture.attempts[0].reasons == ("red is missing",)


def test_the_budget_is_honoured_and_the_best_is_kept() -> None:
    painter = Painter(GREEN)
    picture = drawn(painter, attempts=3).pictures[0]
    assert len(painter.seeds) == len(set(painter.seeds)) == 3
    assert sum(attempt.chosen for attempt in picture.attempts) == 1
    assert picture.seed == next(attempt.seed for attempt in picture.attempts if attempt.chosen)


def test_what_was_drawn_is_kept_for_a_resumed_attempt() -> None:
    kept: list[Work] = []
    kit = tools(Painter(RED), keep=kept.append)
    correct(diffuse(encode(intent(work()), kit), kit), kit)
    assert len(kept) == 1 and kept[0].pictures[0].attempts
