"""What people say of a scene, from terse to chatty, and exactly which facts each way of saying it gives."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Literal

from training.scenes.composition import Figure, Scene
from worker.scene_vocabulary.appearance import SEASONS, STYLES, WEATHERS
from worker.scene_vocabulary.english import NUMBERS, joined, with_article
from worker.scene_vocabulary.lights import LIGHT_NAMES, LIGHT_PHRASES
from worker.scene_vocabulary.places import PLACES
from worker.scene_vocabulary.scene_settings import SETTINGS
from worker.scene_vocabulary.subjects import SUBJECTS

from .vocabulary import FACTS, VOCABULARY, Caption, no_facts
from .wording import POSITION_PHRASES, SIZE_WORDS, place_phrase, spelled, thing

__all__ = ["FACTS", "LIGHT_PHRASES", "VOCABULARY", "Caption", "Phrasing", "caption", "tell", "with_article"]

Phrasing = Literal["training", "held_out"]

# "A and b" says nothing of the order; it stands for a on the left, as people tell what they see.
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


def caption(scene: Scene, dice: random.Random, *, phrasing: Phrasing = "training") -> Caption:
    """One of the many ways to ask for ``scene``.

    What everybody would expect anyway (a boat's sea, daylight, a banana's yellow) is often left out, so
    that a prompt that leaves it out gets what everybody expects. With the phrasing ``held_out`` all is
    said, in plain words and in sentences that training never sees.
    """
    facts = no_facts("generate") | _surroundings(scene, dice, everything=phrasing == "held_out")
    if phrasing == "held_out":
        return _held_out(scene, facts, dice)
    if len(scene.figures) == 1 and not scene.word and dice.random() < 0.15:
        text = _key_words(scene, facts, dice)
    else:
        text = _sentence(_who(scene, facts, dice), facts, dice)
    return Caption(spelled(text, dice), facts)


def _surroundings(scene: Scene, dice: random.Random, *, everything: bool) -> dict[str, str]:
    """What will be said of all but the figures."""
    home = scene.setting in SUBJECTS[scene.figures[0].subject].homes
    facts = {"place": scene.place, "season": scene.season, "word": scene.word, "position": ""}
    if not scene.place and (everything or dice.random() > (0.4 if home else 0.03)):
        facts["setting"] = scene.setting
    if (len(SETTINGS[scene.setting].lights) > 1 or scene.place) and (
        everything or dice.random() > (0.55 if scene.light == "day" else 0.03)
    ):
        facts["light"] = scene.light
    if scene.style != "flat" or dice.random() < 0.03:
        facts["style"] = scene.style
    if scene.weather != "clear" or (dice.random() < 0.02 and SETTINGS[scene.setting].outdoors):
        facts["weather"] = scene.weather
    if scene.position != "centre":
        facts["position"] = scene.position
    return facts


def tell(scene: Scene, who: str, facts: dict[str, str], dice: random.Random) -> str:
    """``scene`` in a sentence that calls its first figure ``who``; what else it says goes into ``facts``."""
    facts |= _surroundings(scene, dice, everything=False)
    return _sentence(_with_company(scene, who, facts, dice), facts, dice)


def _who(scene: Scene, facts: dict[str, str], dice: random.Random) -> str:
    article = dice.choices(("a", "one", "", "the"), weights=(16, 1, 2, 1))[0]
    return _with_company(scene, thing(scene.figures[0], facts, dice, article), facts, dice)


def _with_company(scene: Scene, first: str, facts: dict[str, str], dice: random.Random) -> str:
    """The first figure, in words, and where it stands or what stands by it."""
    figures = scene.figures
    if len(figures) == 1:
        if facts["position"]:
            first = f"{first} {dice.choice(POSITION_PHRASES[facts['position']])}"
        return f"{first} {_board(facts, dice)}" if facts["word"] else first
    facts["relation"] = scene.relation
    second = thing(figures[1], facts, dice, second=True)
    return dice.choice(RELATION_FORMS[scene.relation]).format(first, second)


def _board(facts: dict[str, str], dice: random.Random) -> str:
    word = facts["word"]
    forms = (
        'with a sign that says "{}"',
        "with a sign saying {}",
        'and the word "{}"',
        'with the text "{}"',
        'under a sign "{}"',
    )
    return dice.choice(forms).format(word)


def _sentence(who: str, facts: dict[str, str], dice: random.Random) -> str:
    where, when, rest = _where(facts, dice), _when(facts, dice), _rest(facts, dice)
    opening = dice.choice(_OPENINGS) if dice.random() < (0.35 if not rest else 0.1) else ""
    if when and not opening and dice.random() < 0.12:
        return joined(f"{when},", who, where, rest)
    if rest and dice.random() < 0.3:
        return ", ".join(filter(None, (joined(opening + who, where, when), rest)))
    if where and dice.random() < 0.1:
        return ", ".join(filter(None, (opening + who, where, when, rest)))
    return joined(opening + who, where, when, rest)


def _where(facts: dict[str, str], dice: random.Random) -> str:
    if facts["place"]:
        return place_phrase(facts["place"], dice)
    return _often_first(SETTINGS[facts["setting"]].phrases, dice) if facts["setting"] else ""


def _when(facts: dict[str, str], dice: random.Random) -> str:
    return _often_first(LIGHT_PHRASES[facts["light"]], dice) if facts["light"] else ""


def _rest(facts: dict[str, str], dice: random.Random) -> str:
    """Season, weather and style."""
    parts = [
        dice.choice(SEASONS[facts["season"]].phrases) if facts["season"] else "",
        dice.choice(WEATHERS[facts["weather"]].phrases) if facts["weather"] else "",
        dice.choice(STYLES[facts["style"]].phrases) if facts["style"] else "",
    ]
    return joined(*parts)


def _key_words(scene: Scene, facts: dict[str, str], dice: random.Random) -> str:
    parts = [thing(scene.figures[0], facts, dice, "")]
    if facts["setting"]:
        parts.append(SETTINGS[facts["setting"]].name)
    if facts["place"]:
        parts.append(PLACES[facts["place"]].names[0])
    if facts["light"]:
        parts.append(dice.choice(LIGHT_NAMES[facts["light"]]))
    if facts["season"]:
        parts.append(SEASONS[facts["season"]].name)
    if facts["weather"]:
        parts.append(WEATHERS[facts["weather"]].name)
    if facts["style"]:
        parts.append(STYLES[facts["style"]].name)
    if facts["position"]:
        parts.append(facts["position"])
    dice.shuffle(parts)
    return dice.choice((", ", ", ", " ")).join(parts)


def _held_out(scene: Scene, facts: dict[str, str], dice: random.Random) -> Caption:
    """Everything there is to say, in the plainest words and in a sentence of its own kind."""
    words = [_plainly(figure, facts, second=number > 0) for number, figure in enumerate(scene.figures)]
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
    return Caption(dice.choice(_HELD_OUT_FORMS).format(who=who, rest=joined(*parts)), facts)


_PLAIN_RELATIONS = {
    "left of": "to the left of",
    "right of": "to the right of",
    "above": "above",
    "below": "below",
    "in front of": "in front of",
    "behind": "behind",
}


def _plainly(figure: Figure, facts: dict[str, str], *, second: bool) -> str:
    kind = SUBJECTS[figure.subject]
    facts["second" if second else "subject"] = figure.subject
    facts["second_colour" if second else "colour"] = figure.colour
    if not second:
        facts["count"] = str(figure.count)
    size = SIZE_WORDS[figure.size][0] if figure.size != "normal" else ""
    if figure.size != "normal":
        facts["size"] = figure.size
    if figure.count > 1:
        return joined(NUMBERS[figure.count], size, figure.colour, kind.plural[0])
    return with_article("a", joined(size, figure.colour, kind.names[0]))


def _often_first(phrases: Sequence[str], dice: random.Random) -> str:
    return phrases[0] if dice.random() < 0.4 else dice.choice(phrases)
