"""Captions: the many ways to ask for a scene, each with the facts that it states."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Literal

from training.scenes.composition import Figure, Scene
from worker.scene_vocabulary.appearance import SEASONS, STYLES, WEATHERS
from worker.scene_vocabulary.english import NUMBERS, join_words, with_article
from worker.scene_vocabulary.lights import LIGHT_NAMES, LIGHT_PHRASES
from worker.scene_vocabulary.places import PLACES
from worker.scene_vocabulary.scene_settings import SETTINGS
from worker.scene_vocabulary.subjects import SUBJECTS

from .caption_facts import CAPTION_FACTS, FACT_ANSWERS, Caption, no_facts
from .wording import POSITION_PHRASES, SIZE_WORDS, describe_figure, place_phrase, vary_spelling

__all__ = [
    "CAPTION_FACTS",
    "FACT_ANSWERS",
    "LIGHT_PHRASES",
    "Caption",
    "Phrasing",
    "describe_scene",
    "sample_caption",
    "with_article",
]

Phrasing = Literal["training", "held_out"]

# "A and b" names no order; it means a on the left, because people describe pictures from the left.
RELATION_FORMS: dict[str, tuple[str, ...]] = {
    "left of": (
        "{0} to the left of {1}",
        "{0} left of {1}",
        "{1} to the right of {0}",
        "{0} on the left and {1} on the right",
        "{0} and {1}",
        "{0} next to {1}",
        "{0} beside {1}",
    ),
    "right of": (
        "{0} to the right of {1}",
        "{0} right of {1}",
        "{1} to the left of {0}",
        "{0} on the right and {1} on the left",
    ),
    "above": ("{0} above {1}", "{0} over {1}", "{1} with {0} above it"),
    "below": ("{0} below {1}", "{0} under {1}", "{0} beneath {1}"),
    "in front of": ("{0} in front of {1}", "{0} before {1}"),
    "behind": ("{0} behind {1}", "{1} with {0} behind it"),
}
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
    "a cute drawing of ",
    "a photo of ",
    "generate ",
)
_HELD_OUT_FORMS = (
    "i need artwork showing {who} {rest}",
    "{rest} there is {who}",
    "make a scene with {who} {rest}",
    "{who}, all of it {rest}",
)


def sample_caption(scene: Scene, rng: random.Random, *, phrasing: Phrasing = "training") -> Caption:
    """Samples one of the many ways to ask for ``scene``.

    Usual facts (a boat's sea, daylight, a banana's yellow) are often left out, so that the model learns to
    draw them unasked. The phrasing ``held_out`` states everything, in sentences that training never sees.
    """
    facts = no_facts("generate") | _sample_surroundings(scene, rng, everything=phrasing == "held_out")
    if phrasing == "held_out":
        return _held_out_caption(scene, facts, rng)
    if len(scene.figures) == 1 and not scene.word and rng.random() < 0.15:
        text = _sample_keywords(scene, facts, rng)
    else:
        text = _sample_sentence(_describe_figures(scene, facts, rng), facts, rng)
    return Caption(vary_spelling(text, rng), facts)


def _sample_surroundings(scene: Scene, rng: random.Random, *, everything: bool) -> dict[str, str]:
    """Samples the facts about the surroundings that the caption states."""
    home = scene.setting in SUBJECTS[scene.figures[0].subject].homes
    facts = {"place": scene.place, "season": scene.season, "word": scene.word, "position": ""}
    if not scene.place and (everything or rng.random() > (0.4 if home else 0.03)):
        facts["setting"] = scene.setting
    if (len(SETTINGS[scene.setting].lights) > 1 or scene.place) and (
        everything or rng.random() > (0.55 if scene.light == "day" else 0.03)
    ):
        facts["light"] = scene.light
    if scene.style != "flat" or rng.random() < 0.03:
        facts["style"] = scene.style
    if scene.weather != "clear" or (rng.random() < 0.02 and SETTINGS[scene.setting].outdoors):
        facts["weather"] = scene.weather
    if scene.position != "centre":
        facts["position"] = scene.position
    return facts


def describe_scene(scene: Scene, who: str, facts: dict[str, str], rng: random.Random) -> str:
    """Describes ``scene`` in a sentence with ``who`` for its first figure, and adds the stated facts."""
    facts |= _sample_surroundings(scene, rng, everything=False)
    return _sample_sentence(_with_second_figure(scene, who, facts, rng), facts, rng)


def _describe_figures(scene: Scene, facts: dict[str, str], rng: random.Random) -> str:
    article = rng.choices(("a", "one", "", "the"), weights=(16, 1, 2, 1))[0]
    return _with_second_figure(scene, describe_figure(scene.figures[0], facts, rng, article), facts, rng)


def _with_second_figure(scene: Scene, first: str, facts: dict[str, str], rng: random.Random) -> str:
    """Adds to the first figure's words its position, or the second figure."""
    figures = scene.figures
    if len(figures) == 1:
        if facts["position"]:
            first = f"{first} {rng.choice(POSITION_PHRASES[facts['position']])}"
        return f"{first} {_describe_board(facts, rng)}" if facts["word"] else first
    facts["relation"] = scene.relation
    second = describe_figure(figures[1], facts, rng, second=True)
    return rng.choice(RELATION_FORMS[scene.relation]).format(first, second)


def _describe_board(facts: dict[str, str], rng: random.Random) -> str:
    word = facts["word"]
    forms = (
        'with a sign that says "{}"',
        "with a sign saying {}",
        'and the word "{}"',
        'with the text "{}"',
        'under a sign "{}"',
    )
    return rng.choice(forms).format(word)


def _sample_sentence(who: str, facts: dict[str, str], rng: random.Random) -> str:
    where, when, rest = _sample_place(facts, rng), _sample_light(facts, rng), _sample_appearance(facts, rng)
    opening = rng.choice(_OPENINGS) if rng.random() < (0.35 if not rest else 0.1) else ""
    if when and not opening and rng.random() < 0.12:
        return join_words(f"{when},", who, where, rest)
    if rest and rng.random() < 0.3:
        return ", ".join(filter(None, (join_words(opening + who, where, when), rest)))
    if where and rng.random() < 0.1:
        return ", ".join(filter(None, (opening + who, where, when, rest)))
    return join_words(opening + who, where, when, rest)


def _sample_place(facts: dict[str, str], rng: random.Random) -> str:
    if facts["place"]:
        return place_phrase(facts["place"], rng)
    return _often_first(SETTINGS[facts["setting"]].phrases, rng) if facts["setting"] else ""


def _sample_light(facts: dict[str, str], rng: random.Random) -> str:
    return _often_first(LIGHT_PHRASES[facts["light"]], rng) if facts["light"] else ""


def _sample_appearance(facts: dict[str, str], rng: random.Random) -> str:
    """Samples phrases for season, weather and style."""
    parts = [
        rng.choice(SEASONS[facts["season"]].phrases) if facts["season"] else "",
        rng.choice(WEATHERS[facts["weather"]].phrases) if facts["weather"] else "",
        rng.choice(STYLES[facts["style"]].phrases) if facts["style"] else "",
    ]
    return join_words(*parts)


def _sample_keywords(scene: Scene, facts: dict[str, str], rng: random.Random) -> str:
    parts = [describe_figure(scene.figures[0], facts, rng, "")]
    if facts["setting"]:
        parts.append(SETTINGS[facts["setting"]].name)
    if facts["place"]:
        parts.append(PLACES[facts["place"]].names[0])
    if facts["light"]:
        parts.append(rng.choice(LIGHT_NAMES[facts["light"]]))
    if facts["season"]:
        parts.append(SEASONS[facts["season"]].name)
    if facts["weather"]:
        parts.append(WEATHERS[facts["weather"]].name)
    if facts["style"]:
        parts.append(STYLES[facts["style"]].name)
    if facts["position"]:
        parts.append(facts["position"])
    rng.shuffle(parts)
    return rng.choice((", ", ", ", " ")).join(parts)


def _held_out_caption(scene: Scene, facts: dict[str, str], rng: random.Random) -> Caption:
    """States everything, in the plainest words and in sentences that training never uses."""
    words = [
        _describe_plainly(figure, facts, second=number > 0) for number, figure in enumerate(scene.figures)
    ]
    who = words[0]
    if len(words) == 2:
        facts["relation"] = scene.relation
        who = f"{words[0]} that is {_PLAIN_RELATIONS[scene.relation]} {words[1]}"
    if facts["position"]:
        who = f"{who} placed {POSITION_PHRASES[facts['position']][0]}"
    if facts["word"]:
        who = f'{who} below a board reading "{facts["word"]}"'
    where = f"in {PLACES[scene.place].names[0]}" if scene.place else SETTINGS[scene.setting].phrases[0]
    parts = [
        where,
        LIGHT_PHRASES[facts["light"]][0] if facts["light"] else "",
        SEASONS[facts["season"]].phrases[0] if facts["season"] else "",
        WEATHERS[facts["weather"]].phrases[0] if facts["weather"] else "",
        STYLES[facts["style"]].phrases[0] if facts["style"] else "",
    ]
    return Caption(rng.choice(_HELD_OUT_FORMS).format(who=who, rest=join_words(*parts)), facts)


_PLAIN_RELATIONS = {
    "left of": "to the left of",
    "right of": "to the right of",
    "above": "above",
    "below": "below",
    "in front of": "in front of",
    "behind": "behind",
}


def _describe_plainly(figure: Figure, facts: dict[str, str], *, second: bool) -> str:
    kind = SUBJECTS[figure.subject]
    facts["second" if second else "subject"] = figure.subject
    facts["second_colour" if second else "colour"] = figure.colour
    if not second:
        facts["count"] = str(figure.count)
    size = SIZE_WORDS[figure.size][0] if figure.size != "normal" else ""
    if figure.size != "normal":
        facts["size"] = figure.size
    if figure.count > 1:
        return join_words(NUMBERS[figure.count], size, figure.colour, kind.plural[0])
    return with_article("a", join_words(size, figure.colour, kind.names[0]))


def _often_first(phrases: Sequence[str], rng: random.Random) -> str:
    return phrases[0] if rng.random() < 0.4 else rng.choice(phrases)
