"""What the rules understand, sentence by sentence."""

from __future__ import annotations

import random

import pytest

from functions.contract.intent_facts import FigureFacts
from worker.prompt_intent.intent_rules import read_intent
from worker.prompt_intent.intent_words import COUNTS, KEYWORDS
from worker.scene_vocabulary.appearance import SEASONS, STYLES, WEATHERS
from worker.scene_vocabulary.colours import COLOURS
from worker.scene_vocabulary.lights import LIGHTS
from worker.scene_vocabulary.places import PLACES
from worker.scene_vocabulary.scene_settings import SETTINGS
from worker.scene_vocabulary.subjects import SUBJECTS


def figures(prompt: str, *, is_edit: bool = False) -> list[tuple[str, str | None, int | None]]:
    found = read_intent(prompt, is_edit=is_edit).figures
    return [(figure.subject, figure.colour, figure.count) for figure in found]


def test_a_plain_prompt_is_understood() -> None:
    found = read_intent("A red boat on the sea at night")
    assert (found.subjects, found.colours) == (("boat",), ("red",))
    assert (found.setting, found.light, found.by) == ("sea", "night", "rules")


@pytest.mark.parametrize(
    ("prompt", "things"),
    [
        ("two kitties and a hot air balloon", [("cat", None, 2), ("balloon", None, None)]),
        ("a lighthouse", [("lighthouse", None, None)]),
        ("three cottages", [("house", None, 3)]),
        ("a small red wooden boat beside a blue house", [("boat", "red", None), ("house", "blue", None)]),
        ("a boat that is red", [("boat", "red", None)]),
        ("a cat in a red hat", [("cat", None, None)]),
        ("a red cat and a blue cat", [("cat", "red", None), ("cat", "blue", None)]),
        ("a red cat and a blue cat, " * 1_000, [("cat", "red", None), ("cat", "blue", None)]),
        ("a cat. The cat is black.", [("cat", "black", None)]),
        ("a pair of gray owls", [("owl", "grey", 2)]),
        ("3 green fish", [("fish", "green", 3)]),
        (
            "a house by a tree, a scarlet car",
            [("house", None, None), ("tree", None, None), ("car", "red", None)],
        ),
        ("nothing that is known", []),
        ("a scarred carpet, a catalogue", []),
        ("Ein Boot, 船", [("boat", None, None)]),
        ("", []),
    ],
)
def test_things_have_their_colours_and_numbers(
    prompt: str, things: list[tuple[str, str | None, int | None]]
) -> None:
    assert figures(prompt) == things


@pytest.mark.parametrize(
    ("instruction", "things", "without"),
    [
        ("make the boat blue", [("boat", "blue", None)], ()),
        ("make the red boat blue", [("boat", "blue", None)], ()),
        ("paint the boat in blue", [("boat", "blue", None)], ()),
        ("turn the house from red to green", [("house", "green", None)], ()),
        ("replace the cat with a black dog", [("dog", "black", None)], ("cat",)),
        ("remove the balloon", [], ("balloon",)),
        ("add two yellow stars", [("star", "yellow", 2)], ()),
    ],
)
def test_of_an_instruction_what_there_will_be_is_read(
    instruction: str, things: list[tuple[str, str | None, int | None]], without: tuple[str, ...]
) -> None:
    found = read_intent(instruction, is_edit=True)
    assert figures(instruction, is_edit=True) == things
    assert found.without == without
    assert set(found.colours) == {colour for _, colour, _ in things if colour}


@pytest.mark.parametrize(
    ("prompt", "without", "subjects"),
    [
        ("a boat without people or cars", ("people", "cars"), ("boat",)),
        ("no trees but a red car", ("trees",), ("car",)),
        ("a castle, no clouds, at night", ("clouds",), ("castle",)),
        ("a cat without a hat and a dog", ("hat",), ("cat", "dog")),
    ],
)
def test_what_must_not_be_seen_is_no_subject(
    prompt: str, without: tuple[str, ...], subjects: tuple[str, ...]
) -> None:
    found = read_intent(prompt)
    assert (found.without, found.subjects) == (without, subjects)


@pytest.mark.parametrize("quotes", ['"{}"', "“{}”", "„{}“", "«{}»"])
def test_what_is_quoted_is_to_be_read_and_not_to_be_drawn(quotes: str) -> None:
    found = read_intent(f"a mug that says {quotes.format('Red Boat')}")
    assert found.texts == ("Red Boat",)
    assert (found.subjects, found.colours) == (("mug",), ())


@pytest.mark.parametrize(
    ("prompt", "facts"),
    [
        ("a boat in Tokyo", {"place": "tokyo"}),
        ("a cat in front of the Eiffel Tower", {"place": "paris"}),
        ("a house in the fog", {"weather": "fog"}),
        ("a house while it snows", {"weather": "snow"}),
        ("a tree in the fall", {"season": "autumn"}),
        ("a dog as a watercolor painting", {"style": "watercolour"}),
        ("a cozy room", {"mood": "cosy", "setting": "room"}),
        ("a cat at sundown", {"light": "sunset"}),
        ("a rocket above a castle", {"relation": "above"}),
        ("a cat to the left of a dog", {"relation": "left of"}),
        ("a clear message on a flat roof", {"weather": None, "style": None}),
    ],
)
def test_the_scene_is_understood(prompt: str, facts: dict[str, str | None]) -> None:
    found = read_intent(prompt)
    assert {name: getattr(found, name) for name in facts} == facts


@pytest.mark.parametrize(
    ("kind", "names"),
    [
        ("subject", SUBJECTS),
        ("colour", COLOURS),
        ("setting", SETTINGS),
        ("light", LIGHTS),
        ("season", SEASONS),
        ("weather", WEATHERS),
        ("style", STYLES),
        ("place", PLACES),
    ],
)
def test_everything_that_the_starter_draws_can_be_said(kind: str, names: dict[str, object]) -> None:
    known = {meaning.name for meaning in KEYWORDS.values() if meaning.kind == kind}
    assert set(names) <= known


@pytest.mark.parametrize("subject", SUBJECTS)
def test_every_name_of_a_subject_is_that_subject(subject: str) -> None:
    kind = SUBJECTS[subject]
    for name in (*kind.names, *kind.plural):
        several = name not in kind.names
        assert read_intent(f"the {name}").figures == (FigureFacts(subject=subject, several=several),), name


def test_no_words_whatever_break_the_reading() -> None:
    rng = random.Random(1)
    words = [
        *KEYWORDS,
        *COUNTS,
        "from",
        "without",
        "no",
        "replace",
        "with",
        "by",
        ",",
        ".",
        '"',
        "“",
        "and",
        "the",
    ]
    for _ in range(2_000):
        prompt = " ".join(rng.choices(words, k=rng.randrange(12)))
        assert read_intent(prompt, is_edit=rng.random() < 0.5).prompt == prompt


@pytest.mark.parametrize(
    "instruction",
    [
        "turn the boat into a red car",
        "one more change, change the boat into a red car",
        "instead of the boat show a red car",
        "replace the boat with a red car",
        "swap the boat for a red car",
    ],
)
def test_of_a_swap_what_comes_is_wished_for_and_what_goes_is_not(instruction: str) -> None:
    found = read_intent(instruction, is_edit=True)
    assert [(figure.subject, figure.colour) for figure in found.figures] == [("car", "red")]
    assert found.without == ("boat",)


@pytest.mark.parametrize(
    "instruction",
    ["remove the boat", "get rid of the boat", "take the boat away", "one more change, take the boat away"],
)
def test_however_it_is_removed_it_is_not_wished_for(instruction: str) -> None:
    found = read_intent(instruction, is_edit=True)
    assert (found.subjects, found.without) == ((), ("boat",))


def test_turning_something_into_no_other_thing_swaps_nothing() -> None:
    found = read_intent("turn it into night", is_edit=True)
    assert (found.light, found.without) == ("night", ())
    painted = read_intent("turn the boat into a watercolour", is_edit=True)
    assert (painted.style, painted.subjects, painted.without) == ("watercolour", ("boat",), ())


@pytest.mark.parametrize("instruction", ["let it snow", "make it snow", "change the weather to snowfall"])
def test_falling_snow_is_weather_and_no_place(instruction: str) -> None:
    found = read_intent(instruction, is_edit=True)
    assert (found.weather, found.setting) == ("snow", None)


def test_what_should_be_has_the_colour_that_it_should_have() -> None:
    assert figures("the boat should be red", is_edit=True) == [("boat", "red", None)]
