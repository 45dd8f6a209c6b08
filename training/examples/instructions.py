"""Instructions: the many ways to ask for an edit, each with the facts that it states."""

from __future__ import annotations

import random

from training.scenes.composition import Figure
from worker.scene_vocabulary.appearance import SEASONS, STYLES, WEATHERS
from worker.scene_vocabulary.english import with_article
from worker.scene_vocabulary.lights import LIGHT_NAMES, LIGHT_PHRASES
from worker.scene_vocabulary.scene_settings import SETTINGS

from .caption_facts import Caption, no_facts
from .captions import Phrasing
from .edits import Edit
from .wording import COLOUR_WORDS, describe_figure, place_phrase, sample_name, vary_spelling

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


def sample_instruction(edit: Edit, rng: random.Random, *, phrasing: Phrasing = "training") -> Caption:
    """Samples a way to ask for ``edit``. ``held_out`` adds words that training never sees."""
    facts = no_facts(edit.kind)
    words = _INSTRUCTIONS[edit.kind](edit, facts, rng)
    if phrasing == "held_out":
        return Caption(rng.choice(_HELD_OUT_OPENINGS).format(words), facts)
    if rng.random() < 0.1 and not words.startswith(("the ", "without ", "instead ")):
        words = f"please {words}"
    return Caption(vary_spelling(words, rng), facts)


def _ask_recolour(edit: Edit, facts: Facts, rng: random.Random) -> str:
    old, new = edit.before.figures[edit.target], edit.after.figures[edit.target]
    name, colour = _name_recoloured(old, rng), rng.choice(COLOUR_WORDS[new.colour])
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
    return rng.choice(forms).format(name=name, colour=colour)


def _ask_light(edit: Edit, facts: Facts, rng: random.Random) -> str:
    light = facts["light"] = edit.after.light
    name, phrase = rng.choice(LIGHT_NAMES[light]), rng.choice(LIGHT_PHRASES[light])
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
    return rng.choice(forms)


def _ask_replace(edit: Edit, facts: Facts, rng: random.Random) -> str:
    old, new = edit.before.figures[edit.target], edit.after.figures[edit.target]
    name = sample_name(old, rng)
    facts |= {"subject": old.subject, "second": new.subject}
    new_name = sample_name(new, rng)
    if new.colour == old.colour:
        words = new_name
    else:
        words = f"{rng.choice(COLOUR_WORDS[new.colour])} {new_name}"
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
    return rng.choice(forms).format(name=name, words=words)


def _ask_move(edit: Edit, facts: Facts, rng: random.Random) -> str:
    name = sample_name(edit.before.figures[edit.target], rng)
    if edit.after.place:
        facts["place"] = edit.after.place
        phrase = place_phrase(edit.after.place, rng)
        background = "change the background to {}".format(phrase.removeprefix("in ").removeprefix("by "))
    else:
        setting = SETTINGS[edit.after.setting]
        facts["setting"] = edit.after.setting
        phrase = rng.choice(setting.phrases)
        background = f"change the background to {_with_the(setting.name)}"
    forms = (
        f"put it {phrase}",
        f"move it {phrase}",
        f"put the {name} {phrase}",
        background,
        f"place the {name} {phrase}",
        f"the same {phrase}",
    )
    return rng.choice(forms)


def _ask_add(edit: Edit, facts: Facts, rng: random.Random) -> str:
    there, new = edit.after.figures[0], edit.after.figures[1]
    words = describe_figure(new, facts, rng, second=True)
    relation = edit.after.relation
    if relation == "left of" and rng.random() < 0.5:
        return rng.choice((f"add {words}", f"add {words} to the picture", f"put {words} beside it"))
    facts["subject"], facts["relation"] = there.subject, relation
    side = rng.choice(_BESIDE[_OPPOSITES[relation]])
    name = sample_name(there, rng)
    forms = (
        f"add {words} {side} the {name}",
        f"put {words} {side} the {name}",
        f"place {words} {side} the {name}",
    )
    return rng.choice(forms)


def _ask_remove(edit: Edit, facts: Facts, rng: random.Random) -> str:
    gone = edit.before.figures[edit.target]
    name = sample_name(gone, rng)
    facts["subject"] = gone.subject
    if rng.random() < 0.2:
        facts["colour"] = gone.colour
        name = f"{rng.choice(COLOUR_WORDS[gone.colour])} {name}"
    forms = (
        f"remove the {name}",
        f"remove the {name}",
        f"take the {name} away",
        f"delete the {name}",
        f"erase the {name}",
        f"without the {name}",
        f"get rid of the {name}",
    )
    return rng.choice(forms)


def _ask_style(edit: Edit, facts: Facts, rng: random.Random) -> str:
    style = facts["style"] = edit.after.style
    name, phrase = STYLES[style].name, rng.choice(STYLES[style].phrases)
    forms = (
        f"draw it {phrase}",
        f"show it {phrase}",
        f"the same {phrase}",
        f"turn it into {name}",
        f"change the style to {name}",
        f"make it {name} style",
    )
    return rng.choice(forms)


def _ask_season(edit: Edit, facts: Facts, rng: random.Random) -> str:
    season = facts["season"] = edit.after.season
    name, phrase = SEASONS[season].name, rng.choice(SEASONS[season].phrases)
    forms = (
        f"make it {name}",
        f"change the season to {name}",
        f"turn it into {name}",
        f"show it {phrase}",
        f"the same {phrase}",
    )
    return rng.choice(forms)


def _ask_weather(edit: Edit, facts: Facts, rng: random.Random) -> str:
    weather = facts["weather"] = edit.after.weather
    name, phrase = WEATHERS[weather].name, rng.choice(WEATHERS[weather].phrases)
    verbs = {
        "rain": ("let it rain", "make it rain", "add rain"),
        "snow": ("let it snow", "make it snow", "add falling snow"),
        "fog": ("make it foggy", "add fog"),
        "clear": ("make the weather clear", "clear up the weather"),
    }[weather]
    forms = (*verbs, f"change the weather to {name}", f"show it {phrase}", f"the same {phrase}")
    return rng.choice(forms)


_INSTRUCTIONS = {
    "recolour": _ask_recolour,
    "relight": _ask_light,
    "replace": _ask_replace,
    "move": _ask_move,
    "add": _ask_add,
    "remove": _ask_remove,
    "restyle": _ask_style,
    "season": _ask_season,
    "weather": _ask_weather,
}


def _name_recoloured(figure: Figure, rng: random.Random) -> str:
    """Samples a name for what is recoloured. For a figurine that may be its clothes."""
    if figure.character and figure.count == 1 and rng.random() < 0.5:
        return figure.character.outfit
    return sample_name(figure, rng)


def _with_the(name: str) -> str:
    return name if name in {"space", "snow", "underwater"} else f"a {name}"
