"""Checks compare the intent with the detections; what the detector never learnt is not checked."""

from __future__ import annotations

import random

import pytest

from benchmarks.drawing.judge import intent_of_scene
from functions.contract.intent_facts import IntentFacts
from tests.unit.worker.scene_critic.fake_detector import detection, perfect_detections, scene_showing
from training.scenes.scene_sampling import sample_scene
from worker.prompt_intent.intent_rules import read_intent
from worker.scene_critic.checks import SceneCheck, check_scene
from worker.scene_critic.detections import Detection, SceneDetections
from worker.scene_critic.picture_facts import FACTS
from worker.scene_critic.repairs import repair_instruction
from worker.scene_vocabulary.instructions import SURROUNDINGS_INSTRUCTIONS


def failed(detections: SceneDetections, prompt: str | IntentFacts) -> list[SceneCheck]:
    intent = read_intent(prompt) if isinstance(prompt, str) else prompt
    return [check for check in check_scene(detections, intent) if not check.holds]


def reasons(detections: SceneDetections, prompt: str) -> list[str]:
    return [check.reason for check in failed(detections, prompt)]


def mended(detections: SceneDetections, prompt: str) -> str | None:
    [wrong] = failed(detections, prompt)
    return repair_instruction(wrong, detections, read_intent(prompt))


def test_nothing_is_wrong_with_what_is_as_the_scene_says() -> None:
    rng = random.Random(3)
    for _ in range(300):
        scene = sample_scene(rng)
        assert failed(perfect_detections(scene), intent_of_scene(scene)) == [], scene


@pytest.mark.parametrize(
    ("there", "prompt", "wrong"),
    [
        ((detection("boat"),), "a red boat in a meadow by day", []),
        ((detection("boat"),), "red boats", ["there is only one boat"]),
        ((detection("boat", "blue"),), "a red boat", ["the boat is blue and not red"]),
        ((detection("cat"),), "a red boat", ["there is no boat"]),
        ((), "a cat beside a dog", ["there is no cat", "there is no dog"]),
        ((detection("cat", x=0.7), detection("dog", x=0.2)), "a cat to the right of a dog", []),
        (
            (detection("cat", x=0.7), detection("dog", x=0.2)),
            "a cat to the left of a dog",
            ["the cat is not left of the dog"],
        ),
        ((detection("cat", y=0.2), detection("dog", y=0.7)), "a cat above a dog", []),
        (
            (detection("cat", y=0.2), detection("dog", y=0.7)),
            "a cat in front of a dog",
            ["the cat is not in front of the dog"],
        ),
        ((detection("boat"),), "three boats", ["there are not 3 boats"]),
        ((detection("boat"),), "a boat at night", ["the light is day and not night"]),
        ((detection("boat"),), "a boat in Paris", ["the place is not paris"]),
        ((detection("boat"),), "a dragon", []),
        ((detection("boat"),), "a boat as an oil painting", []),
    ],
)
def test_what_is_wrong_is_said(there: tuple[Detection, ...], prompt: str, wrong: list[str]) -> None:
    assert reasons(scene_showing(*there), prompt) == wrong


def test_what_the_critic_is_not_sure_of_is_not_held_against_a_picture() -> None:
    assert reasons(scene_showing(detection("boat"), sure=0.3), "three boats at night") == []


@pytest.mark.parametrize(
    ("there", "prompt", "words"),
    [
        ((detection("boat", "blue"),), "a red boat", "make the boat red"),
        ((detection("boat"),), "a boat at night", "make it night"),
        ((detection("boat"),), "a boat in Tokyo", "put it in Tokyo"),
        ((detection("boat"),), "a boat in the rain", "let it rain"),
        ((detection("cat"),), "a red boat", "replace the cat with a red boat"),
        ((), "a red boat", None),
        ((detection("boat"),), "three boats", None),
    ],
)
def test_a_fault_has_the_instruction_that_would_mend_it(
    there: tuple[Detection, ...], prompt: str, words: str | None
) -> None:
    assert mended(scene_showing(*there), prompt) == words


@pytest.mark.parametrize(
    ("there", "words"),
    [
        (detection("dog", "brown"), "add a red cat to the left of the dog"),
        (detection("cat"), "add a brown dog to the right of the cat"),
    ],
)
def test_what_is_missing_is_added_where_it_belongs(there: Detection, words: str) -> None:
    intent, found = read_intent("a red cat to the left of a brown dog"), scene_showing(there)
    wrong = next(check for check in check_scene(found, intent) if not check.holds)
    assert repair_instruction(wrong, found, intent) == words


def test_there_is_an_instruction_for_every_answer() -> None:
    for name, say in SURROUNDINGS_INSTRUCTIONS.items():
        for answer in FACTS[name]:
            assert not answer or say(answer)
