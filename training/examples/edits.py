"""Edits: a scene, what somebody wants changed, and the scene afterwards, alike in all else."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Protocol

from training.scenes.characters import sample_character
from training.scenes.composition import Figure, Scene
from training.scenes.holdout import held_out as is_held_out
from training.scenes.scene import Layout, at_place, figure_of, sample_scene
from worker.scene_vocabulary.appearance import SEASONS, STYLES, WEATHERS
from worker.scene_vocabulary.colours import COLOURS
from worker.scene_vocabulary.lights import LIGHTS
from worker.scene_vocabulary.places import PLACES
from worker.scene_vocabulary.scene_settings import SETTINGS
from worker.scene_vocabulary.subjects import SUBJECTS

EDIT_KINDS: dict[str, int] = {
    "recolour": 5,
    "relight": 3,
    "replace": 3,
    "move": 2,
    "add": 3,
    "remove": 2,
    "restyle": 1,
    "season": 2,
    "weather": 2,
}
"""The kinds of edits, and how often each is drawn."""


class Draw(Protocol):
    """Draws the scene that an edit starts from."""

    def __call__(self, layout: Layout | None = None) -> Scene: ...


@dataclass(frozen=True)
class Edit:
    before: Scene
    after: Scene
    kind: str
    """A key of ``EDIT_KINDS``."""
    target: int = 0
    """Which figure is changed or goes (of the scene before) or comes (of the scene afterwards)."""


def sample_edit(
    dice: random.Random, *, wide: bool = True, held_out: bool = False, kind: str | None = None
) -> Edit:
    """A random edit of a random scene; ``wide`` as in :func:`~training.scenes.scene.sample_scene`.

    Neither scene is one of those kept for measuring, unless ``held_out`` asks for edits of those alone.
    ``kind`` asks for edits of that kind alone.
    """
    wanted = kind or dice.choices(tuple(EDIT_KINDS), weights=tuple(EDIT_KINDS.values()))[0]

    def draw(layout: Layout | None = None) -> Scene:
        return sample_scene(dice, wide=wide, held_out=held_out, layout=layout)

    while True:
        edit = _MAKERS[wanted](dice, draw)
        if edit is not None and (held_out or not (is_held_out(edit.before) or is_held_out(edit.after))):
            return edit


def has_weather(scene: Scene) -> bool:
    return bool(scene.place) or SETTINGS[scene.setting].outdoors


def has_lights(scene: Scene) -> bool:
    return bool(scene.place) or len(SETTINGS[scene.setting].lights) > 1


def _recolour(dice: random.Random, draw: Draw) -> Edit:
    before = draw()
    target = dice.randrange(len(before.figures))
    figure = before.figures[target]
    changed = replace(figure, colour=_other(COLOURS, figure.colour, dice))
    return Edit(before, _with_figure(before, target, changed), "recolour", target)


def _replace(dice: random.Random, draw: Draw) -> Edit:
    before = draw()
    target = dice.randrange(len(before.figures))
    figure = before.figures[target]
    taken = {other.subject for other in before.figures}
    subject = dice.choice([name for name in SUBJECTS if name not in taken])
    # Half of the time only the subject changes, and the instruction names no colour.
    colour = _other(COLOURS, figure.colour, dice) if dice.random() < 0.5 else figure.colour
    character = sample_character(dice) if subject == "figurine" else None
    changed = replace(figure, subject=subject, colour=colour, character=character)
    return Edit(before, _with_figure(before, target, changed), "replace", target)


def _relight(dice: random.Random, draw: Draw) -> Edit | None:
    before = draw()
    if not has_lights(before):
        return None
    return Edit(before, replace(before, light=_other(LIGHTS, before.light, dice)), "relight")


def _move(dice: random.Random, draw: Draw) -> Edit | None:
    before = draw()
    if before.place or before.season or before.weather != "clear":
        return None
    figure = before.figures[0]
    alone = len(before.figures) == 1 and figure.count == 1 and figure.slot == "centre"
    if alone and figure.size == "normal" and dice.random() < 0.2:
        return Edit(before, at_place(before, dice.choice(tuple(PLACES)), dice), "move")
    setting = _other(SETTINGS, before.setting, dice)
    if before.light not in SETTINGS[setting].lights:
        return None
    return Edit(before, replace(before, setting=setting), "move")


def _add(dice: random.Random, draw: Draw) -> Edit:
    """To a figure that leaves room; or a smaller one aside of a figure in the middle."""
    if dice.random() < 0.35:
        after = draw("one")
        while after.place or after.word or after.position != "centre" or after.figures[0].size == "large":
            after = draw("one")
        first = after.figures[0]
        after = replace(after, figures=(first, figure_of(dice, "aside", but=first.subject)))
    else:
        after = draw("pair")
        if dice.random() < 0.5:
            after = replace(after, figures=after.figures[::-1])
    return Edit(replace(after, figures=after.figures[:1]), after, "add", 1)


def _remove(dice: random.Random, draw: Draw) -> Edit:
    added = _add(dice, draw)
    return Edit(added.after, added.before, "remove", 1)


def _restyle(dice: random.Random, draw: Draw) -> Edit:
    before = draw()
    return Edit(before, replace(before, style=_other(STYLES, before.style, dice)), "restyle")


def _reseason(dice: random.Random, draw: Draw) -> Edit | None:
    before = draw()
    if before.place or not SETTINGS[before.setting].seasons:
        return None
    return Edit(before, replace(before, season=_other(SEASONS, before.season, dice)), "season")


def _reweather(dice: random.Random, draw: Draw) -> Edit | None:
    before = draw()
    if not has_weather(before):
        return None
    return Edit(before, replace(before, weather=_other(WEATHERS, before.weather, dice)), "weather")


_MAKERS: dict[str, Callable[[random.Random, Draw], Edit | None]] = {
    "recolour": _recolour,
    "relight": _relight,
    "replace": _replace,
    "move": _move,
    "add": _add,
    "remove": _remove,
    "restyle": _restyle,
    "season": _reseason,
    "weather": _reweather,
}


def _other(choices: Iterable[str], but: str, dice: random.Random) -> str:
    return dice.choice([name for name in choices if name != but])


def _with_figure(scene: Scene, target: int, figure: Figure) -> Scene:
    figures = (*scene.figures[:target], figure, *scene.figures[target + 1 :])
    return replace(scene, figures=figures)
