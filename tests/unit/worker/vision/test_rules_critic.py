from __future__ import annotations

import numpy as np
import pytest

from tests.unit.worker.stages.making import noise
from worker.prompt_intent.intent_rules import read_intent
from worker.vision.protocol import BeforeEdit, Score
from worker.vision.rules_critic import RulesCritic, is_blank


def flat(*colour: float) -> np.ndarray:
    return np.broadcast_to(np.array(colour, np.float32), (32, 32, 3)).copy()


def judged(picture: np.ndarray, prompt: str | None, before: BeforeEdit | None = None) -> Score:
    return RulesCritic().score(picture, read_intent(prompt) if prompt else None, before)


def test_a_blank_or_broken_picture_is_noticed() -> None:
    assert is_blank(flat(0.5, 0.5, 0.5))
    assert is_blank(flat(np.nan, 0.5, 0.5))
    assert not is_blank(noise(32, 32))


def test_the_light_that_was_asked_for_is_checked_and_can_be_mended() -> None:
    dark = noise(32, 32) * 0.3
    assert judged(dark, "a boat at night").value == 1.0
    found = judged(dark, "a boat by day")
    assert (found.reasons, found.repairs) == (("the light is not day",), ("make it day",))


def test_a_missing_colour_is_mended_on_the_thing_that_should_have_it() -> None:
    found = judged(noise(32, 32) * (0, 0, 1), "a red boat")
    assert (found.reasons, found.repairs) == (("red is missing",), ("make the boat red",))
    assert (found.by, found.value) == ("rules", 0.5)


def test_a_colour_of_nothing_in_particular_has_no_repair() -> None:
    assert judged(noise(32, 32) * (0, 0, 1), "something red").repairs == ()


def test_colours_that_have_no_measure_are_not_held_against_a_picture() -> None:
    intent = read_intent("a boat").model_copy(update={"colours": ("heliotrope",)})
    found = RulesCritic().score(noise(32, 32), intent)
    assert (found.value, found.unchecked) == (None, ("boat", "heliotrope"))


@pytest.mark.parametrize("prompt", ["asdfghjkl qwerty", "czerwona łódka na morzu", "a cat", "🐱"])
def test_where_nothing_can_be_checked_there_is_no_score(prompt: str) -> None:
    found = judged(noise(32, 32), prompt)
    assert (found.value, found.reported, found.rank, found.reasons) == (None, None, 1.0, ())
    assert found.unchecked


def test_a_blank_picture_scores_0_whatever_was_asked_for() -> None:
    assert judged(flat(0.5, 0.5, 0.5), "asdfghjkl qwerty").reported == 0


def test_the_score_that_is_told_counts_what_was_not_checked() -> None:
    found = judged(noise(32, 32) * 0.3, 'a small cat at night with the words "HELLO", without a hat')
    assert (found.value, found.reported) == (1.0, 1 / 5)
    assert found.unchecked == ("cat", "small cat", 'the words "HELLO"', "no hat")


def test_an_edit_that_changes_nothing_is_noticed() -> None:
    before = noise(64, 64)
    assert judged(before, None, BeforeEdit(before)).reasons == ("nothing was changed",)
    assert judged(1 - before, None, BeforeEdit(before)).rank == 1.0


def test_a_small_region_is_judged_by_itself() -> None:
    before, mask = noise(64, 64), np.zeros((64, 64), np.float32)
    mask[:4, :4] = 1
    after = np.where(mask[..., None] > 0, 1 - before, before)
    assert judged(after, None, BeforeEdit(before, mask)).rank == 1.0
    assert judged(before, None, BeforeEdit(before, mask)).reasons == ("nothing was changed",)


def test_a_colour_that_the_picture_had_before_is_no_edit() -> None:
    sea = noise(64, 64)
    sea[32:] = (0.1, 0.2, 0.9)
    changed, blue_boat = sea.copy(), sea.copy()
    changed[:32] = 1 - changed[:32]
    changed[:32, :, 2] = 0  # what was changed became anything but blue
    blue_boat[:16] = (0.1, 0.2, 0.9)
    before = BeforeEdit(sea)
    assert judged(changed, "make it blue", before).reasons == ("nothing became blue",)
    assert judged(blue_boat, "make it blue", before).rank == 1.0


def test_what_became_of_a_colour_is_looked_at_where_it_may_change() -> None:
    before, mask = noise(64, 64), np.zeros((64, 64), np.float32)
    mask[:4, :4] = 1
    after = before.copy()
    after[:4, :4] = (0.1, 0.2, 0.9)
    elsewhere = 1 - before
    elsewhere[:4, :4] = (0.9, 0.1, 0.1)
    elsewhere[32:] = (0.1, 0.2, 0.9)
    assert judged(after, "make it blue", BeforeEdit(before, mask)).rank == 1.0
    assert judged(elsewhere, "make it blue", BeforeEdit(before, mask)).reasons == ("nothing became blue",)
