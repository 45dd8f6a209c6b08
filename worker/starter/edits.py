"""Edits: a scene, what somebody wants changed, and the scene afterwards, alike in all else."""

from __future__ import annotations

import random
from collections.abc import Iterable
from dataclasses import dataclass, replace

from .captions import COLOUR_WORDS, FACTS, LIGHT_NAMES, LIGHT_PHRASES, Caption, spelled, with_article
from .palette import COLOURS, LIGHTS
from .scene import Figure, Scene, sample_scene
from .settings import SETTINGS
from .subjects import SUBJECTS


@dataclass(frozen=True)
class Edit:
    before: Scene
    after: Scene
    kind: str
    """``recolour``, ``relight``, ``replace`` or ``move``."""
    target: int = 0
    """Which figure is changed, where one is."""


def sample_edit(dice: random.Random, *, wide: bool = True) -> Edit:
    """A random edit of a random scene; ``wide`` as in :func:`~worker.starter.scene.sample_scene`."""
    before = sample_scene(dice, wide=wide)
    kind = dice.choices(("recolour", "relight", "replace", "move"), weights=(4, 3, 2, 1))[0]
    target = dice.randrange(len(before.figures))
    if kind == "relight":
        return Edit(before, replace(before, light=_other(LIGHTS, before.light, dice)), kind, target)
    if kind == "move":
        return Edit(before, replace(before, setting=_other(SETTINGS, before.setting, dice)), kind, target)
    return Edit(before, _with_figure(before, target, _changed(before, target, kind, dice)), kind, target)


def instruction(edit: Edit, dice: random.Random) -> Caption:
    """One of the many ways to ask for ``edit``."""
    old, new = edit.before.figures[edit.target], edit.after.figures[edit.target]
    facts = dict.fromkeys(FACTS, "") | {"kind": edit.kind}
    words = {
        "recolour": _recolour,
        "relight": _relight,
        "replace": _replace,
        "move": _move,
    }[edit.kind](old, new, edit.after, facts, dice)
    if dice.random() < 0.1:
        words = f"please {words}"
    return Caption(spelled(words, dice), facts)


def _other(choices: Iterable[str], but: str, dice: random.Random) -> str:
    return dice.choice([name for name in choices if name != but])


def _changed(scene: Scene, target: int, kind: str, dice: random.Random) -> Figure:
    figure = scene.figures[target]
    colour = _other(COLOURS, figure.colour, dice)
    if kind == "recolour":
        return replace(figure, colour=colour)
    taken = {f.subject for f in scene.figures}
    subject = dice.choice([name for name in SUBJECTS if name not in taken])
    # Half of the time only the subject changes, and the instruction names no colour.
    return replace(figure, subject=subject, colour=colour if dice.random() < 0.5 else figure.colour)


def _with_figure(scene: Scene, target: int, figure: Figure) -> Scene:
    figures = (*scene.figures[:target], figure, *scene.figures[target + 1 :])
    return replace(scene, figures=figures)


def _recolour(old: Figure, new: Figure, after: Scene, facts: dict[str, str], dice: random.Random) -> str:
    del after
    name, colour = dice.choice(SUBJECTS[old.subject].names), dice.choice(COLOUR_WORDS[new.colour])
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


def _relight(old: Figure, new: Figure, after: Scene, facts: dict[str, str], dice: random.Random) -> str:
    del old, new
    facts["light"] = after.light
    name, phrase = dice.choice(LIGHT_NAMES[after.light]), dice.choice(LIGHT_PHRASES[after.light])
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


def _replace(old: Figure, new: Figure, after: Scene, facts: dict[str, str], dice: random.Random) -> str:
    del after
    name = dice.choice(SUBJECTS[old.subject].names)
    facts |= {"subject": old.subject, "second": new.subject}
    if new.colour == old.colour:
        words = with_article("a", dice.choice(SUBJECTS[new.subject].names))
    else:
        words = with_article(
            "a", f"{dice.choice(COLOUR_WORDS[new.colour])} {dice.choice(SUBJECTS[new.subject].names)}"
        )
        facts["second_colour"] = new.colour
    forms = (
        "replace the {name} with {words}",
        "replace the {name} by {words}",
        "turn the {name} into {words}",
        "change the {name} into {words}",
        "swap the {name} for {words}",
        "instead of the {name} show {words}",
    )
    return dice.choice(forms).format(name=name, words=words)


def _move(old: Figure, new: Figure, after: Scene, facts: dict[str, str], dice: random.Random) -> str:
    del new
    facts["setting"] = after.setting
    place = SETTINGS[after.setting]
    name, phrase = dice.choice(SUBJECTS[old.subject].names), dice.choice(place.phrases)
    forms = (
        f"put it {phrase}",
        f"move it {phrase}",
        f"put the {name} {phrase}",
        f"change the background to the {place.name}",
        f"place the {name} {phrase}",
        f"the same {phrase}",
    )
    return dice.choice(forms)
