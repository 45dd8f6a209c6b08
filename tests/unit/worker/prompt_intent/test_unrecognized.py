"""What a prompt asks for and was not understood is listed, in its own words."""

from __future__ import annotations

import random

import pytest

from training.examples.captions import sample_caption
from training.scenes.scene_sampling import sample_scene
from worker.prompt_intent.intent_rules import read_intent
from worker.prompt_intent.unrecognized import MAX_PHRASES


@pytest.mark.parametrize(
    ("prompt", "phrases"),
    [
        ("a red boat on the sea at night", ()),
        ("Please draw me a picture of two small cats in front of a house, in winter.", ()),
        ("asdfghjkl qwerty", ("asdfghjkl qwerty",)),
        ("czerwona łódka na morzu", ("czerwona łódka na morzu",)),
        ("Красная лодка в море", ("красная лодка в море",)),
        ("빨간 배", ("빨간 배",)),
        ("a cat 🦄", ("🦄",)),
        ("a unicorn jumping over a fence", ("unicorn jumping", "fence")),
        ("three tiny unicorns and a small cat", ("three tiny unicorns",)),
        ("a red boat on a blue table", ("blue table",)),
        ("a red boat on a table, blue", ()),
        ("a boat in a big city", ("big city",)),
        ("make it small", ("small",)),
        ("a cat on the sea in the forest", ("in the forest",)),
        ("a cat in 1920", ("1920",)),
        ('a mug that says "unicorn"', ()),
        ("a mug that says 'unicorn'", ()),
        ("a cat without a unicorn", ()),
        ("a unicorn, a unicorn and a UNICORN", ("unicorn",)),
    ],
)
def test_what_is_not_understood_is_listed(prompt: str, phrases: tuple[str, ...]) -> None:
    assert read_intent(prompt).unrecognized == phrases


@pytest.mark.parametrize(
    ("prompt", "phrases"),
    [
        ("a horse and a boat", ("horse",)),
        ("a huge elephant and a small boat", ("huge elephant",)),
        ("a boat as an oil painting", ("oil painting",)),
        ("a cosy house", ("cosy",)),
        ("a photo of a woman", ("photo of", "woman")),
    ],
)
def test_what_a_model_of_scenes_does_not_draw_is_listed_for_it_alone(
    prompt: str, phrases: tuple[str, ...]
) -> None:
    assert read_intent(prompt, scenes_only=True).unrecognized == phrases
    assert read_intent(prompt).unrecognized == ()


def test_what_must_not_be_seen_is_read_from_short_forms_as_well() -> None:
    assert read_intent("a dog that doesn't have a hat").without == ("have hat",)


def test_a_photo_of_is_an_opening_where_another_style_is_named() -> None:
    read = read_intent("a photo of a fish as a pencil drawing", scenes_only=True)
    assert (read.style, read.unrecognized) == ("pencil", ("photo of",))
    assert read_intent("a photo of a fish").style == "photo"


_NO_FACTS = {
    "cute",
    "photo of",
    "side",
    "left",
    "right",
    "on the left",
    "on the right",
    "left side",
    "right side",
}


def test_of_the_captions_of_scenes_nothing_but_clothes_is_unknown() -> None:
    rng = random.Random(3)
    known = 0
    for _ in range(300):
        scene = sample_scene(rng)
        if any(figure.character for figure in scene.figures) or scene.word:
            continue
        said = sample_caption(scene, rng).text
        unknown = read_intent(said, scenes_only=True).unrecognized
        # Positions ("on the left side") and openings ("a cute drawing of", "a photo of") are no facts.
        assert set(unknown) <= _NO_FACTS, said
        known += 1
    assert known > 100


def test_a_prompt_of_nothing_but_noise_has_a_list_with_an_end() -> None:
    noise = ", ".join(f"{n}" for n in range(100, 2_000))
    assert len(read_intent(noise).unrecognized) == MAX_PHRASES
    assert max(map(len, read_intent("x" * 32_000).unrecognized)) <= 80
