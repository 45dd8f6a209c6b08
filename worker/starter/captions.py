"""What people say of a scene, from terse to chatty, and exactly which facts each way of saying it gives."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field

from .scene import Figure, Scene
from .settings import SETTINGS
from .subjects import SUBJECTS

COLOUR_WORDS: dict[str, tuple[str, ...]] = {
    "red": ("red", "red", "red", "bright red", "crimson", "scarlet"),
    "orange": ("orange",),
    "yellow": ("yellow", "yellow", "yellow", "golden"),
    "green": ("green", "green", "green", "dark green"),
    "blue": ("blue", "blue", "blue", "deep blue"),
    "purple": ("purple", "purple", "purple", "violet"),
    "pink": ("pink",),
    "white": ("white",),
    "black": ("black",),
}
LIGHT_PHRASES: dict[str, tuple[str, ...]] = {
    "day": ("by day", "in daylight", "on a sunny day", "in the morning", "at noon", "during the day"),
    "sunset": ("at sunset", "at dusk", "in the evening", "at sundown", "in the evening light"),
    "night": (
        "at night",
        "by night",
        "under the stars",
        "in the moonlight",
        "at midnight",
        "on a starry night",
    ),
}
LIGHT_NAMES: dict[str, tuple[str, ...]] = {
    "day": ("day", "daylight", "sunny day"),
    "sunset": ("sunset", "evening", "dusk"),
    "night": ("night", "moonlight", "starry night"),
}
FACTS = ("kind", "subject", "colour", "second", "second_colour", "setting", "light")
_OPENINGS = (
    "draw me ",
    "draw ",
    "paint ",
    "a picture of ",
    "an illustration of ",
    "an image of ",
    "i would like to see ",
    "please show me ",
    "create an image of ",
    "can you draw ",
    "a cute little drawing of ",
    "a photo of ",
    "generate ",
)


@dataclass(frozen=True)
class Caption:
    """A text and what it says: for each of ``FACTS`` a word of the scenes' vocabulary, or "" if unsaid."""

    text: str
    facts: dict[str, str] = field(default_factory=dict[str, str])


def caption(scene: Scene, dice: random.Random) -> Caption:
    """One of the many ways to ask for ``scene``.

    What everybody would expect anyway (a boat's sea, daylight, a banana's yellow) is often left out, so
    that a prompt that leaves it out gets what everybody expects.
    """
    first = scene.figures[0]
    setting_said = dice.random() > (0.4 if scene.setting in SUBJECTS[first.subject].homes else 0.03)
    light_said = dice.random() > (0.55 if scene.light == "day" else 0.03)
    facts = dict.fromkeys(FACTS, "") | {"kind": "generate"}
    facts |= {"setting": scene.setting} if setting_said else {}
    facts |= {"light": scene.light} if light_said else {}
    if len(scene.figures) == 1 and dice.random() < 0.15:
        text = _key_words(first, facts, dice)
    else:
        text = _sentence(_who(scene.figures, facts, dice), facts, dice)
    return Caption(spelled(text, dice), facts)


def thing(figure: Figure, dice: random.Random, article: str = "a") -> tuple[str, str]:
    """A figure in words, and the colour that they say ("" where they leave it out)."""
    kind = SUBJECTS[figure.subject]
    name = _often_first(kind.names, dice)
    if figure.colour in kind.colours and dice.random() < 0.3:
        return with_article(article, name), ""
    return with_article(article, f"{dice.choice(COLOUR_WORDS[figure.colour])} {name}"), figure.colour


def with_article(article: str, words: str) -> str:
    if article == "a" and words[0] in "aeiou":
        article = "an"
    return f"{article} {words}" if article else words


def spelled(text: str, dice: random.Random) -> str:
    """The text as people type it: mostly as it is, often with a capital, sometimes with a full stop."""
    if dice.random() < 0.4:
        text = text[0].upper() + text[1:]
    if dice.random() < 0.15:
        text += dice.choice(".!")
    return text.upper() if dice.random() < 0.01 else text


def _often_first(names: Sequence[str], dice: random.Random) -> str:
    return names[0] if dice.random() < 0.6 else dice.choice(names)


def _who(figures: tuple[Figure, ...], facts: dict[str, str], dice: random.Random) -> str:
    article = dice.choices(("a", "one", "", "the"), weights=(16, 1, 2, 1))[0]
    left, facts["colour"] = thing(figures[0], dice, article)
    facts["subject"] = figures[0].subject
    if len(figures) == 1:
        return left
    right, facts["second_colour"] = thing(figures[1], dice)
    facts["second"] = figures[1].subject
    forms = ("{0} and {1}", "{0} next to {1}", "{0} beside {1}", "{0} to the left of {1}")
    ordered = ("{0} left of {1}", "{1} to the right of {0}", "{0} on the left and {1} on the right")
    return dice.choice(forms + ordered).format(left, right)


def _sentence(who: str, facts: dict[str, str], dice: random.Random) -> str:
    where = dice.choice(SETTINGS[facts["setting"]].phrases) if facts["setting"] else ""
    when = dice.choice(LIGHT_PHRASES[facts["light"]]) if facts["light"] else ""
    opening = dice.choice(_OPENINGS) if dice.random() < 0.35 else ""
    if when and not opening and dice.random() < 0.12:
        return " ".join(filter(None, (f"{when},", who, where)))
    if where and dice.random() < 0.1:
        return ", ".join(filter(None, (opening + who, where, when)))
    return " ".join(filter(None, (opening + who, where, when)))


def _key_words(figure: Figure, facts: dict[str, str], dice: random.Random) -> str:
    words, facts["colour"] = thing(figure, dice, "")
    facts["subject"] = figure.subject
    parts = [words]
    if facts["setting"]:
        parts.append(SETTINGS[facts["setting"]].name)
    if facts["light"]:
        parts.append(dice.choice(LIGHT_NAMES[facts["light"]]))
    dice.shuffle(parts)
    return dice.choice((", ", ", ", " ")).join(parts)
