"""The plain words in which the embedded model is given a prompt."""

from __future__ import annotations

import pytest

from worker.prompt_intent.english_prompt import write_plain_prompt
from worker.prompt_intent.intent_rules import read_intent

PLAIN = {
    "a red boat on the sea at night": "a red boat on the sea at night",
    "I need artwork showing two black cats in the garden": "two black cats in a garden",
    "a hot air balloon over the desert at dawn": "a red hot air balloon in the desert at dawn",
    "a castle in the mountains, watercolour": "a grey castle in the mountains as a watercolour",
    "cute fluffy kitten, 4k, ultra realistic": "an orange cat on a table",
    "pencil drawing of a house": "a house in a meadow as a pencil drawing",
    "a tiny house": "a small red house in a meadow",
    "a green train in Paris": "a green train in Paris",
    "a red cat beside a dog": "a red cat next to a brown dog on a table",
    "ein Hund": "a brown dog in a meadow",
}


@pytest.mark.parametrize(("prompt", "plain"), PLAIN.items())
def test_a_prompt_is_put_in_the_words_of_the_training(prompt: str, plain: str) -> None:
    assert write_plain_prompt(read_intent(prompt, scenes_only=True)) == plain


@pytest.mark.parametrize("prompt", PLAIN)
def test_a_plain_prompt_asks_for_the_same(prompt: str) -> None:
    before = read_intent(prompt, scenes_only=True)
    after = read_intent(write_plain_prompt(before) or "", scenes_only=True)
    for asked, told in zip(before.figures, after.figures, strict=True):
        assert told == asked.model_copy(update={"colour": asked.colour or told.colour})
    assert (after.relation, after.light) == (before.relation, before.light)
    assert after.unrecognized == ()
    assert before.setting in (None, after.setting)


@pytest.mark.parametrize(
    ("prompt", "plain"),
    [
        ("a cat in the rain", "an orange cat in a meadow in the rain"),  # not on a table
        ("a star by day", "a yellow star by day"),  # not in space, where it is always night
        ("a snowman in winter", "a white snowman in winter"),  # the snow shows no seasons
        ("a dog and a cat", "a brown dog and an orange cat in a meadow"),
        ("a fish and an owl", "an orange fish and a brown owl under water"),  # no home is shared
    ],
)
def test_a_setting_that_is_added_suits_the_prompt(prompt: str, plain: str) -> None:
    assert write_plain_prompt(read_intent(prompt, scenes_only=True)) == plain


@pytest.mark.parametrize(
    ("prompt", "plain"),
    [
        ("yellow flowers in a meadow", "three yellow flowers in a meadow"),
        ("five yellow flowers in a meadow", "four yellow flowers in a meadow"),
        ("fish under water", "an orange fish under water"),
        ("cats and a dog in a meadow", "an orange cat and a brown dog in a meadow"),
    ],
)
def test_a_plural_without_a_number_is_three_and_four_is_the_most(prompt: str, plain: str) -> None:
    assert write_plain_prompt(read_intent(prompt, scenes_only=True)) == plain


@pytest.mark.parametrize(
    "prompt",
    [
        "a panda eating bamboo",  # nothing that the model knows
        "a sunset over the ocean",  # no figure
        "a doll with red hair in a blue dress",
        "a boat on the left",
        'a cake with the words "Happy Birthday"',
    ],
)
def test_a_prompt_is_kept_if_plain_words_would_lose_something(prompt: str) -> None:
    assert write_plain_prompt(read_intent(prompt, scenes_only=True)) is None
