"""Instructions to the embedded model, in the words that it was trained on."""

from __future__ import annotations

from collections.abc import Callable

from functions.contract.intent_facts import FigureFacts
from worker.scene_vocabulary.appearance import SEASONS, STYLES
from worker.scene_vocabulary.english import NUMBERS, join_words, with_article
from worker.scene_vocabulary.lights import LIGHT_NAMES
from worker.scene_vocabulary.places import PLACES
from worker.scene_vocabulary.scene_settings import SETTINGS
from worker.scene_vocabulary.subjects import SUBJECTS

_SEVERAL = 3
_WEATHERS = {
    "clear": "make the weather clear",
    "rain": "let it rain",
    "snow": "let it snow",
    "fog": "make it foggy",
}
SURROUNDINGS_INSTRUCTIONS: dict[str, Callable[[str], str]] = {
    "setting": lambda setting: f"put it {SETTINGS[setting].phrases[0]}",
    "place": lambda place: f"put it in {PLACES[place].names[0]}",
    "light": lambda light: f"make it {LIGHT_NAMES[light][0]}",
    "season": lambda season: f"make it {SEASONS[season].name}",
    "weather": lambda weather: _WEATHERS[weather],
    "style": lambda style: f"turn it into {STYLES[style].name}",
}
"""Builds, for each fact of the surroundings, the instruction that gives it an answer."""


def recolour_instruction(subject: str, colour: str) -> str:
    """Returns the instruction that gives the subject a colour."""
    return f"make the {SUBJECTS[subject].names[0]} {colour}"


def removal_instruction(subject: str) -> str:
    """Returns the instruction that removes the subject."""
    return f"remove the {SUBJECTS[subject].names[0]}"


def describe_figure(figure: FigureFacts) -> str:
    """Returns the figure's words: "a small red boat", "two cats".

    A plural without a number is three, and four is the most that the embedded model draws.
    """
    kind, attributes = SUBJECTS[figure.subject], join_words(figure.size or "", figure.colour or "")
    count = _SEVERAL if figure.several else min(figure.count or 1, max(NUMBERS))
    if count in NUMBERS:
        return join_words(NUMBERS[count], attributes, kind.plural[0])
    return with_article("a", join_words(attributes, kind.names[0]))
