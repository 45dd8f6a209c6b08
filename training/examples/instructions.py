"""Instructions: how people ask for an edit, and exactly which facts each way of asking gives."""

from __future__ import annotations

import random

from training.scenes.composition import Figure
from worker.scene_vocabulary.appearance import SEASONS, STYLES, WEATHERS
from worker.scene_vocabulary.english import with_article
from worker.scene_vocabulary.lights import LIGHT_NAMES, LIGHT_PHRASES
from worker.scene_vocabulary.scene_settings import SETTINGS

from .captions import Phrasing
from .edits import Edit
from .vocabulary import Caption, no_facts
from .wording import COLOUR_WORDS, name_of, place_phrase, spelled, thing

Facts = dict[str, str]

_OPPOSITES = {
    "left of": "right of",
    "right of": "left of",
    "above": "below",
    "below": "above",
    "in front of": "behind",
    "behind": "in front of",
}
_BESIDE = {
    "left of": ("to the left of", "left of"),
    "right of": ("to the right of", "right of", "next to", "beside"),
    "above": ("above", "over"),
    "below": ("below", "under"),
    "in front of": ("in front of",),
    "behind": ("behind",),
}
_HELD_OUT_OPENINGS = ("now i would rather have this: {}", "one more change, {}", "{}, and keep all else")


def instruction(edit: Edit, dice: random.Random, *, phrasing: Phrasing = "training") -> Caption:
    """One of the many ways to ask for ``edit``; ``held_out`` wraps it in words that training never sees."""
    facts = no_facts(edit.kind)
    words = _WAYS[edit.kind](edit, facts, dice)
    if phrasing == "held_out":
        return Caption(dice.choice(_HELD_OUT_OPENINGS).format(words), facts)
    if dice.random() < 0.1 and not words.startswith(("the ", "without ", "instead ")):
        words = f"please {words}"
    return Caption(spelled(words, dice), facts)


def _recolour(edit: Edit, facts: Facts, dice: random.Random) -> str:
    old, new = edit.before.figures[edit.target], edit.after.figures[edit.target]
    name, colour = _called(old, dice), dice.choice(COLOUR_WORDS[new.colour])
    facts |= {"subject": old.subject, "colour": new.colour}
    forms = (
        "make the {name} {colour}",
        "make the {name} {colour}",
        "change the {name} to {colour}",
        "paint the {name} {colour}",
        "turn the {name} {colour}",
        "recolour the {name} {colour}",
        "recolor the {name} to {colour}",
        "the {name} should be {colour}",
        "change the color of the {name} to {colour}",
        "change the colour of the {name} to {colour}",
    )
    return dice.choice(forms).format(name=name, colour=colour)


def _relight(edit: Edit, facts: Facts, dice: random.Random) -> str:
    light = facts["light"] = edit.after.light
    name, phrase = dice.choice(LIGHT_NAMES[light]), dice.choice(LIGHT_PHRASES[light])
    forms = (
        f"make it {name}",
        f"turn it into {name}",
        f"change the time to {name}",
        f"change it to {name}",
        f"make it look like {name}",
        f"show it {phrase}",
        f"the same {phrase}",
        f"set the scene {phrase}",
    )
    return dice.choice(forms)


def _replace(edit: Edit, facts: Facts, dice: random.Random) -> str:
    old, new = edit.before.figures[edit.target], edit.after.figures[edit.target]
    name = name_of(old, dice)
    facts |= {"subject": old.subject, "second": new.subject}
    new_name = name_of(new, dice)
    if new.colour == old.colour:
        words = new_name
    else:
        words = f"{dice.choice(COLOUR_WORDS[new.colour])} {new_name}"
        facts["second_colour"] = new.colour
    if new.count == 1:
        words = with_article("a", words)
    forms = (
        "replace the {name} with {words}",
        "replace the {name} by {words}",
        "turn the {name} into {words}",
        "change the {name} into {words}",
        "swap the {name} for {words}",
        "instead of the {name} show {words}",
    )
    return dice.choice(forms).format(name=name, words=words)


def _move(edit: Edit, facts: Facts, dice: random.Random) -> str:
    name = name_of(edit.before.figures[edit.target], dice)
    if edit.after.place:
        facts["place"] = edit.after.place
        phrase = place_phrase(edit.after.place, dice)
        background = "change the background to {}".format(phrase.removeprefix("in ").removeprefix("by "))
    else:
        setting = SETTINGS[edit.after.setting]
        facts["setting"] = edit.after.setting
        phrase = dice.choice(setting.phrases)
        background = f"change the background to {_with_the(setting.name)}"
    forms = (
        f"put it {phrase}",
        f"move it {phrase}",
        f"put the {name} {phrase}",
        background,
        f"place the {name} {phrase}",
        f"the same {phrase}",
    )
    return dice.choice(forms)


def _add(edit: Edit, facts: Facts, dice: random.Random) -> str:
    there, new = edit.after.figures[0], edit.after.figures[1]
    words = thing(new, facts, dice, second=True)
    relation = edit.after.relation
    if relation == "left of" and dice.random() < 0.5:
        return dice.choice((f"add {words}", f"add {words} to the picture", f"put {words} beside it"))
    facts["subject"], facts["relation"] = there.subject, relation
    side = dice.choice(_BESIDE[_OPPOSITES[relation]])
    name = name_of(there, dice)
    forms = (
        f"add {words} {side} the {name}",
        f"put {words} {side} the {name}",
        f"place {words} {side} the {name}",
    )
    return dice.choice(forms)


def _remove(edit: Edit, facts: Facts, dice: random.Random) -> str:
    gone = edit.before.figures[edit.target]
    name = name_of(gone, dice)
    facts["subject"] = gone.subject
    if dice.random() < 0.2:
        facts["colour"] = gone.colour
        name = f"{dice.choice(COLOUR_WORDS[gone.colour])} {name}"
    forms = (
        f"remove the {name}",
        f"remove the {name}",
        f"take the {name} away",
        f"delete the {name}",
        f"erase the {name}",
        f"without the {name}",
        f"get rid of the {name}",
    )
    return dice.choice(forms)


def _restyle(edit: Edit, facts: Facts, dice: random.Random) -> str:
    style = facts["style"] = edit.after.style
    name, phrase = STYLES[style].name, dice.choice(STYLES[style].phrases)
    forms = (
        f"draw it {phrase}",
        f"show it {phrase}",
        f"the same {phrase}",
        f"turn it into {name}",
        f"change the style to {name}",
        f"make it {name} style",
    )
    return dice.choice(forms)


def _season(edit: Edit, facts: Facts, dice: random.Random) -> str:
    season = facts["season"] = edit.after.season
    name, phrase = SEASONS[season].name, dice.choice(SEASONS[season].phrases)
    forms = (
        f"make it {name}",
        f"change the season to {name}",
        f"turn it into {name}",
        f"show it {phrase}",
        f"the same {phrase}",
    )
    return dice.choice(forms)


def _weather(edit: Edit, facts: Facts, dice: random.Random) -> str:
    weather = facts["weather"] = edit.after.weather
    name, phrase = WEATHERS[weather].name, dice.choice(WEATHERS[weather].phrases)
    verbs = {
        "rain": ("let it rain", "make it rain", "add rain"),
        "snow": ("let it snow", "make it snow", "add falling snow"),
        "fog": ("make it foggy", "add fog"),
        "clear": ("make the weather clear", "clear up the weather"),
    }[weather]
    forms = (*verbs, f"change the weather to {name}", f"show it {phrase}", f"the same {phrase}")
    return dice.choice(forms)


_WAYS = {
    "recolour": _recolour,
    "relight": _relight,
    "replace": _replace,
    "move": _move,
    "add": _add,
    "remove": _remove,
    "restyle": _restyle,
    "season": _season,
    "weather": _weather,
}


def _called(figure: Figure, dice: random.Random) -> str:
    """What is recoloured: of a figurine its clothes, however it is put."""
    if figure.character and figure.count == 1 and dice.random() < 0.5:
        return figure.character.outfit
    return name_of(figure, dice)


def _with_the(name: str) -> str:
    return name if name in {"space", "snow", "underwater"} else f"a {name}"
