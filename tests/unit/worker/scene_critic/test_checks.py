"""What was asked for is held against what is seen, and what the critic never learnt is let pass."""

from __future__ import annotations

import random

import pytest

from benchmarks.drawing.judge import wish_of
from functions.contract.manifest import IntentFacts
from tests.unit.worker.scene_critic.seeing import perfect, seen, sight
from training.scenes.scene import sample_scene
from worker.prompts.intent_rules import understand
from worker.scene_critic.checks import Check, checks
from worker.scene_critic.detections import Sight, Sighting
from worker.scene_critic.facts import FACTS
from worker.scene_critic.repairs import SURROUNDINGS, repair


def failed(sight: Sight, prompt: str | IntentFacts) -> list[Check]:
    intent = understand(prompt) if isinstance(prompt, str) else prompt
    return [check for check in checks(sight, intent) if not check.holds]


def reasons(sight: Sight, prompt: str) -> list[str]:
    return [check.reason for check in failed(sight, prompt)]


def mended(sight: Sight, prompt: str) -> str | None:
    [wrong] = failed(sight, prompt)
    return repair(wrong, sight, understand(prompt))


def test_nothing_is_wrong_with_what_is_as_the_scene_says() -> None:
    dice = random.Random(3)
    for _ in range(300):
        scene = sample_scene(dice)
        assert failed(perfect(scene), wish_of(scene)) == [], scene


@pytest.mark.parametrize(
    ("there", "prompt", "wrong"),
    [
        ((seen("boat"),), "a red boat in a meadow by day", []),
        ((seen("boat", "blue"),), "a red boat", ["the boat is blue and not red"]),
        ((seen("cat"),), "a red boat", ["there is no boat"]),
        ((), "a cat beside a dog", ["there is no cat", "there is no dog"]),
        ((seen("cat", x=0.7), seen("dog", x=0.2)), "a cat to the right of a dog", []),
        (
            (seen("cat", x=0.7), seen("dog", x=0.2)),
            "a cat to the left of a dog",
            ["the cat is not left of the dog"],
        ),
        ((seen("cat", y=0.2), seen("dog", y=0.7)), "a cat above a dog", []),
        (
            (seen("cat", y=0.2), seen("dog", y=0.7)),
            "a cat in front of a dog",
            ["the cat is not in front of the dog"],
        ),
        ((seen("boat"),), "three boats", ["there are not 3 boats"]),
        ((seen("boat"),), "a boat at night", ["the light is day and not night"]),
        ((seen("boat"),), "a boat in Paris", ["the place is not paris"]),
        ((seen("boat"),), "a dragon", []),
        ((seen("boat"),), "a boat as an oil painting", []),
    ],
)
def test_what_is_wrong_is_said(there: tuple[Sighting, ...], prompt: str, wrong: list[str]) -> None:
    assert reasons(sight(*there), prompt) == wrong


def test_what_the_critic_is_not_sure_of_is_not_held_against_a_picture() -> None:
    assert reasons(sight(seen("boat"), sure=0.3), "three boats at night") == []


@pytest.mark.parametrize(
    ("there", "prompt", "words"),
    [
        ((seen("boat", "blue"),), "a red boat", "make the boat red"),
        ((seen("boat"),), "a boat at night", "make it night"),
        ((seen("boat"),), "a boat in Tokyo", "put it in Tokyo"),
        ((seen("boat"),), "a boat in the rain", "let it rain"),
        ((seen("cat"),), "a red boat", "replace the cat with a red boat"),
        ((), "a red boat", None),
        ((seen("boat"),), "three boats", None),
    ],
)
def test_a_fault_has_the_instruction_that_would_mend_it(
    there: tuple[Sighting, ...], prompt: str, words: str | None
) -> None:
    assert mended(sight(*there), prompt) == words


@pytest.mark.parametrize(
    ("there", "words"),
    [
        (seen("dog", "brown"), "add a red cat to the left of the dog"),
        (seen("cat"), "add a brown dog to the right of the cat"),
    ],
)
def test_what_is_missing_is_added_where_it_belongs(there: Sighting, words: str) -> None:
    intent, found = understand("a red cat to the left of a brown dog"), sight(there)
    wrong = next(check for check in checks(found, intent) if not check.holds)
    assert repair(wrong, found, intent) == words


def test_there_is_an_instruction_for_every_answer() -> None:
    for name, say in SURROUNDINGS.items():
        for answer in FACTS[name]:
            assert not answer or say(answer)
