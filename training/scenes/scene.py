"""Scenes drawn by lot: mostly one subject in a colour, a setting and a light, and now and then much more."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import Literal

from worker.scene_vocabulary.appearance import SEASONS, STYLES, WEATHERS
from worker.scene_vocabulary.colours import COLOURS
from worker.scene_vocabulary.places import PLACES
from worker.scene_vocabulary.scene_settings import SETTINGS
from worker.scene_vocabulary.subjects import SUBJECTS

from .characters import sample_character
from .composition import RELATIONS, Figure, Scene
from .drawing import render
from .holdout import held_out as is_held_out
from .lettering import WORDS

__all__ = ["BUCKETS", "Figure", "Layout", "Scene", "figure_of", "render", "sample_scene"]

BUCKETS: tuple[tuple[int, int], ...] = (
    (64, 64),
    (80, 48),
    (48, 80),
    (72, 56),
    (56, 72),
    (96, 40),
    (40, 96),
)
"""Width and height, in pixels, of the pictures that the smallest model is trained on: about 4,096 each."""

Layout = Literal["one", "pair", "some"]
"""One figure, two in a relation, or two to four alike."""

_LAYOUTS: dict[Layout, int] = {"one": 68, "pair": 22, "some": 10}
_LIGHT_WEIGHTS = {"day": 4, "sunset": 3, "night": 3, "dawn": 2}
_RELATION_WEIGHTS = {"left of": 4, "right of": 4, "above": 2, "below": 2, "in front of": 2, "behind": 2}
_NARROW_RELATIONS = ("above", "below", "in front of", "behind")
_EXTRAS = {"style": 10, "place": 8, "season": 6, "weather": 6, "word": 3, "size": 3, "position": 3}
_EXTRA_SHARE = 0.28
_STYLES = tuple(style for style in STYLES if style != "flat")
_SKETCHES = tuple(style for style in _STYLES if style != "pixel")
"""Of several small figures, the pixel style leaves nothing to recognise."""
_EXCLUSIVE = frozenset({"place", "word", "size", "position"})
"""Each of these decides where the figure stands."""


def sample_scene(
    dice: random.Random, *, wide: bool = True, held_out: bool = False, layout: Layout | None = None
) -> Scene:
    """A random scene; ``wide`` says whether the picture has room for two side by side.

    It is never one of those kept for measuring, unless ``held_out`` asks for one of those and no other.
    ``layout`` asks for scenes of that layout alone.
    """
    while True:
        scene = _scene(dice, wide, layout)
        if is_held_out(scene) == held_out:
            return scene


def figure_of(dice: random.Random, slot: str, *, but: str = "", count: int = 1) -> Figure:
    """A random figure at ``slot``, of any subject other than ``but``."""
    subject = dice.choice([name for name in SUBJECTS if name != but])
    usual = SUBJECTS[subject].colours
    colour = dice.choice(usual if dice.random() < 0.12 else tuple(COLOURS))
    return Figure(
        subject,
        colour,
        slot,
        count,
        flip=dice.random() < 0.5,
        shift=dice.uniform(-0.02, 0.02),
        scale=dice.uniform(0.94, 1.0),
        character=sample_character(dice) if subject == "figurine" else None,
    )


def _scene(dice: random.Random, wide: bool, layout: Layout | None) -> Scene:
    layout = layout or dice.choices(tuple(_LAYOUTS), weights=tuple(_LAYOUTS.values()))[0]
    setting = dice.choice(tuple(SETTINGS))
    lights = SETTINGS[setting].lights
    light = dice.choices(lights, weights=[_LIGHT_WEIGHTS[name] for name in lights])[0]
    scene = Scene(_figures(dice, wide, layout), setting, light, dice.getrandbits(32))
    if dice.random() < _EXTRA_SHARE:
        return _enriched(scene, layout, dice)
    return scene


def _figures(dice: random.Random, wide: bool, layout: Layout) -> tuple[Figure, ...]:
    if layout == "some":
        return (figure_of(dice, "centre", count=dice.choice((2, 3, 4))),)
    if layout == "one":
        return (figure_of(dice, "centre"),)
    names = tuple(RELATIONS) if wide else _NARROW_RELATIONS
    relation = dice.choices(names, weights=[_RELATION_WEIGHTS[name] for name in names])[0]
    first, second = RELATIONS[relation]
    one = figure_of(dice, first)
    return one, figure_of(dice, second, but=one.subject)


def _enriched(scene: Scene, layout: Layout, dice: random.Random) -> Scene:
    """The scene with one or two of the rarer things that it can have."""
    setting = SETTINGS[scene.setting]
    possible = {
        name: weight
        for name, weight in _EXTRAS.items()
        if (layout == "one" or name not in _EXCLUSIVE)
        and (setting.seasons or name != "season")
        and (setting.outdoors or name != "weather")
    }
    wanted = 2 if dice.random() < 0.25 else 1
    for _ in range(wanted):
        if not possible:
            break
        name = dice.choices(tuple(possible), weights=tuple(possible.values()))[0]
        scene = _with(scene, name, dice)
        gone = _EXCLUSIVE if name in _EXCLUSIVE else {name}
        if name in {"place", "season"}:
            gone |= {"place", "season"}
        possible = {key: weight for key, weight in possible.items() if key not in gone}
    return scene


def _with(scene: Scene, name: str, dice: random.Random) -> Scene:
    figure = scene.figures[0]
    match name:
        case "style":
            return replace(scene, style=dice.choice(_SKETCHES if _crowded(scene) else _STYLES))
        case "season":
            return replace(scene, season=dice.choice(tuple(SEASONS)))
        case "weather":
            return replace(
                scene, weather=dice.choice([weather for weather in WEATHERS if weather != "clear"])
            )
        case "place":
            return at_place(scene, dice.choice(tuple(PLACES)), dice)
        case "word":
            figures = (replace(figure, slot="under the word"),)
            return replace(scene, figures=figures, word=dice.choice(WORDS))
        case "size":
            return replace(scene, figures=(replace(figure, size=dice.choice(("small", "large"))),))
        case _:
            return replace(scene, figures=(replace(figure, slot=dice.choice(("left", "right"))),))


def at_place(scene: Scene, place: str, dice: random.Random) -> Scene:
    """The scene's single figure by the sign of ``place``."""
    figure = replace(scene.figures[0], slot="by the sign")
    light = scene.light
    if len(SETTINGS[scene.setting].lights) == 1:
        light = dice.choice(("day", "sunset", "night"))
    return replace(scene, figures=(figure,), setting="plain", light=light, season="", place=place)


def _crowded(scene: Scene) -> bool:
    return len(scene.figures) > 1 or any(figure.count > 1 for figure in scene.figures)
