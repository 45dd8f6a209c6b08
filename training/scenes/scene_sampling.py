"""Random scenes: mostly one subject in a colour, a setting and a light; sometimes much more."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import Literal

from worker.scene_vocabulary.appearance import SEASONS, STYLES, WEATHERS
from worker.scene_vocabulary.colours import COLOURS
from worker.scene_vocabulary.places import PLACES
from worker.scene_vocabulary.scene_settings import SETTINGS
from worker.scene_vocabulary.subjects import SUBJECTS

from .character_sampling import sample_character
from .composition import RELATIONS, Figure, Scene
from .holdout import is_held_out
from .rendering import render_scene
from .word_board import WORDS

__all__ = [
    "BUCKETS",
    "Figure",
    "Layout",
    "Scene",
    "mirror_figures",
    "render_scene",
    "sample_figure",
    "sample_scene",
]

BUCKETS: tuple[tuple[int, int], ...] = (
    (64, 64),
    (80, 48),
    (48, 80),
    (72, 56),
    (56, 72),
    (96, 40),
    (40, 96),
)
"""Width and height, in pixels, of the smallest model's training pictures: about 4,096 pixels each."""

Layout = Literal["one", "pair", "some"]
"""One figure, two in a relation, or two to four equal ones."""

_LAYOUTS: dict[Layout, int] = {"one": 58, "pair": 26, "some": 16}
_LIGHT_WEIGHTS = {"day": 4, "sunset": 3, "night": 3, "dawn": 2}
_RELATION_WEIGHTS = {"left of": 4, "right of": 4, "above": 2, "below": 2, "in front of": 2, "behind": 2}
_NARROW_RELATIONS = ("above", "below", "in front of", "behind")
_EXTRAS = {"style": 32, "place": 12, "season": 6, "weather": 10, "word": 3, "size": 3, "position": 3}
_EXTRA_SHARE = 0.5
_COLOUR_WEIGHTS = [2.5 if name == "black" else 1.0 for name in COLOURS]
"""Black figures have light outlines, unlike all others, and took the longest to learn."""
_STYLES = tuple(style for style in STYLES if style != "flat")
_SKETCHES = tuple(style for style in _STYLES if style != "pixel")
"""The styles for several small figures, which the pixel style would make unrecognisable."""
_EXCLUSIVE = frozenset({"place", "word", "size", "position"})
"""Extras that exclude each other, because each decides where the figure stands."""


def sample_scene(
    rng: random.Random, *, wide: bool = True, held_out: bool = False, layout: Layout | None = None
) -> Scene:
    """Samples a scene.

    Args:
        wide: True if the picture has room for two figures side by side.
        held_out: True samples held-out scenes only, False none of them.
        layout: the only layout to sample; None for any.
    """
    while True:
        scene = _sample_scene(rng, wide, layout)
        if is_held_out(scene) == held_out:
            return scene


def sample_figure(rng: random.Random, slot: str, *, but: str = "", count: int = 1) -> Figure:
    """Samples a figure at ``slot``, of any subject except ``but``.

    It looks the way in which its subject is drawn. No caption names a side: a model that saw both would draw
    the mean of the two, such as a dog with a head at either end.
    """
    subject = rng.choice([name for name in SUBJECTS if name != but])
    usual = SUBJECTS[subject].colours
    colour = (
        rng.choice(usual) if rng.random() < 0.12 else rng.choices(tuple(COLOURS), weights=_COLOUR_WEIGHTS)[0]
    )
    return Figure(
        subject,
        colour,
        slot,
        count,
        shift=rng.uniform(-0.02, 0.02),
        scale=rng.uniform(0.94, 1.0),
        character=sample_character(rng) if subject == "figurine" else None,
    )


def mirror_figures(scene: Scene, rng: random.Random) -> Scene:
    """Turns each figure to the other side with even chance, for a scene that the model is shown."""
    return replace(scene, figures=tuple(replace(f, flip=rng.random() < 0.5) for f in scene.figures))


def _sample_scene(rng: random.Random, wide: bool, layout: Layout | None) -> Scene:
    layout = layout or rng.choices(tuple(_LAYOUTS), weights=tuple(_LAYOUTS.values()))[0]
    setting = rng.choice(tuple(SETTINGS))
    lights = SETTINGS[setting].lights
    light = rng.choices(lights, weights=[_LIGHT_WEIGHTS[name] for name in lights])[0]
    scene = Scene(_sample_figures(rng, wide, layout), setting, light, rng.getrandbits(32))
    if rng.random() < _EXTRA_SHARE:
        return _add_extras(scene, layout, rng)
    return scene


def _sample_figures(rng: random.Random, wide: bool, layout: Layout) -> tuple[Figure, ...]:
    if layout == "some":
        return (sample_figure(rng, "centre", count=rng.choice((2, 3, 4))),)
    if layout == "one":
        return (sample_figure(rng, "centre"),)
    names = tuple(RELATIONS) if wide else _NARROW_RELATIONS
    relation = rng.choices(names, weights=[_RELATION_WEIGHTS[name] for name in names])[0]
    first, second = RELATIONS[relation]
    one = sample_figure(rng, first)
    return one, sample_figure(rng, second, but=one.subject)


def _add_extras(scene: Scene, layout: Layout, rng: random.Random) -> Scene:
    """Adds one or two of the rarer things that the scene can have."""
    setting = SETTINGS[scene.setting]
    possible = {
        name: weight
        for name, weight in _EXTRAS.items()
        if (layout == "one" or name not in _EXCLUSIVE)
        and (setting.seasons or name != "season")
        and (setting.outdoors or name != "weather")
    }
    wanted = 2 if rng.random() < 0.25 else 1
    for _ in range(wanted):
        if not possible:
            break
        name = rng.choices(tuple(possible), weights=tuple(possible.values()))[0]
        scene = _with_extra(scene, name, rng)
        gone = _EXCLUSIVE if name in _EXCLUSIVE else {name}
        if name in {"place", "season"}:
            gone |= {"place", "season"}
        possible = {key: weight for key, weight in possible.items() if key not in gone}
    return scene


def _with_extra(scene: Scene, name: str, rng: random.Random) -> Scene:
    figure = scene.figures[0]
    match name:
        case "style":
            return replace(scene, style=rng.choice(_SKETCHES if _is_crowded(scene) else _STYLES))
        case "season":
            return replace(scene, season=rng.choice(tuple(SEASONS)))
        case "weather":
            return replace(scene, weather=rng.choice([weather for weather in WEATHERS if weather != "clear"]))
        case "place":
            return move_to_place(scene, rng.choice(tuple(PLACES)), rng)
        case "word":
            figures = (replace(figure, slot="under the word"),)
            return replace(scene, figures=figures, word=rng.choice(WORDS))
        case "size":
            return replace(scene, figures=(replace(figure, size=rng.choice(("small", "large"))),))
        case _:
            return replace(scene, figures=(replace(figure, slot=rng.choice(("left", "right"))),))


def move_to_place(scene: Scene, place: str, rng: random.Random) -> Scene:
    """Moves the scene's single figure to the landmark of ``place``."""
    figure = replace(scene.figures[0], slot="by the sign")
    light = scene.light
    if len(SETTINGS[scene.setting].lights) == 1:
        light = rng.choice(("day", "sunset", "night"))
    return replace(scene, figures=(figure,), setting="plain", light=light, season="", place=place)


def _is_crowded(scene: Scene) -> bool:
    return len(scene.figures) > 1 or any(figure.count > 1 for figure in scene.figures)
