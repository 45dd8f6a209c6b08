"""Of sixty prompts as people type them, those outside of the vocabulary all say what was not understood."""

from __future__ import annotations

import pytest

from training.sheets.first_prompts import FOREIGN, KNOWN, PROMPTS, UNKNOWN
from worker.prompt_intent.intent_rules import read_intent


def test_there_are_sixty() -> None:
    assert len(set(PROMPTS)) == len(PROMPTS) == 60


@pytest.mark.parametrize("prompt", (*KNOWN, *FOREIGN))
def test_a_prompt_of_the_vocabulary_is_understood(prompt: str) -> None:
    found = read_intent(prompt, scenes_only=True)
    assert found.unrecognized == ()
    assert (found.language is not None) == (prompt in FOREIGN)


@pytest.mark.parametrize("prompt", UNKNOWN)
def test_any_other_says_what_was_not_understood_or_cannot_be_checked(prompt: str) -> None:
    found = read_intent(prompt, scenes_only=True)
    assert found.unrecognized or found.texts or found.without
