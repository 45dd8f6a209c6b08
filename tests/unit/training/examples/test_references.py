"""A reference shows a subject alone; the same subject appears in the scene of the prompt."""

from __future__ import annotations

import random

import pytest

from training.examples.captions import CAPTION_FACTS
from training.examples.references import Reference, sample_reference
from training.scenes.holdout import is_held_out


@pytest.fixture(scope="module")
def references() -> list[Reference]:
    rng = random.Random(0)
    return [sample_reference(rng) for _ in range(600)]


def test_the_same_character_appears_again(references: list[Reference]) -> None:
    for reference in references:
        (alone,) = reference.reference.figures
        again = reference.after.figures[0]
        assert (alone.subject, alone.colour, alone.character, alone.count) == (
            again.subject,
            again.colour,
            again.character,
            1,
        )


def test_it_is_mostly_shown_on_a_plain_background(references: list[Reference]) -> None:
    plain = [reference for reference in references if reference.reference.setting == "plain"]
    assert 0.5 < len(plain) / len(references) < 0.8


def test_the_prompt_mostly_leaves_its_colour_to_the_picture(references: list[Reference]) -> None:
    untold = [reference for reference in references if not reference.prompt.facts["colour"]]
    assert len(untold) > 0.6 * len(references)


def test_what_the_prompt_says_is_true_of_the_scene_afterwards(references: list[Reference]) -> None:
    for reference in references:
        facts, after = reference.prompt.facts, reference.after
        assert tuple(facts) == CAPTION_FACTS
        assert facts["kind"] == "reference"
        assert facts["subject"] in ("", after.figures[0].subject)
        assert facts["light"] in ("", after.light)
        assert facts["setting"] in ("", after.setting)
        assert (facts["place"], facts["season"], facts["relation"]) == (
            after.place,
            after.season,
            after.relation,
        )


def test_nothing_that_is_kept_for_measuring_is_shown(references: list[Reference]) -> None:
    assert not any(
        is_held_out(reference.after) or is_held_out(reference.reference) for reference in references
    )
    assert is_held_out(sample_reference(random.Random(1), held_out=True).after)
