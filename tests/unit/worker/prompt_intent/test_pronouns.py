"""The "it" of an instruction for a named region."""

from __future__ import annotations

import pytest

from worker.prompt_intent.pronouns import name_pronoun


@pytest.mark.parametrize(
    ("instruction", "name", "named"),
    [
        ("make it blue", "the red boat", "make the boat blue"),
        ("Make IT blue!", "red boat", "Make the boat blue!"),
        ("remove it", "a boat", "remove the boat"),
        ("replace it with a lighthouse", "the boat", "replace the boat with a lighthouse"),
        ("paint them green", "the two birds", "paint the two birds green"),
        ("make it bigger and move it up", "the boat", "make the boat bigger and move it up"),
        ('write "it is me" on it', "the mug", 'write "it is me" on the mug'),
    ],
)
def test_it_is_what_the_region_names(instruction: str, name: str, named: str) -> None:
    assert name_pronoun(instruction, name) == named


@pytest.mark.parametrize(
    ("instruction", "name"),
    [
        ("make the boat blue", "the boat"),
        ("make the red boat blue", "the boat"),
        ("make it night", "the boat"),
        ("let it snow", "the house"),
        ("make it watercolour", "the boat"),
        ("make it blue", ""),
        ("make it blue", "the thing on the left"),
        ("make it blue", "das rote Boot"),
        ("mach es blau", "the boat"),
        ("make sure it's blue", "the boat"),
        ('write "it"', "the boat"),
        ("make its sail blue", "the boat"),
        ("", "the boat"),
    ],
)
def test_other_instructions_stay_as_they_are(instruction: str, name: str) -> None:
    assert name_pronoun(instruction, name) == instruction
