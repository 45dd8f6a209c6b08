"""A scene becomes a picture: the setting, the figures from far to near, the weather, the style."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from worker.scene_vocabulary.colours import COLOURS, RGB

from .canvas import Canvas, Picture
from .composition import SLOTS, Figure, Scene, Spot, spots
from .lettering import draw_board
from .palette import LIGHTINGS, lit, mix
from .pen import Contour, Extent, Pen, Silhouette, Surface
from .place_drawings import draw_place
from .scene_canvas import Stage, falling
from .setting_drawings import SETTING_DRAWINGS
from .style_effects import STYLE_EFFECTS
from .subject_drawings import SUBJECT_DRAWINGS
from .subject_drawings.figurine import draw_figurine
from .weather_effects import WEATHER_EFFECTS

_HORIZON = (0.6, 0.66)
_VEIL_ON_FIGURES = 0.25


def render(scene: Scene, width: int, height: int) -> Picture:
    """The scene as a picture of ``height`` × ``width`` × 3, RGB, 0 to 255."""
    canvas = Canvas(width, height)
    stage = Stage(
        canvas,
        _dice(scene, "setting"),
        scene.light,
        scene.season,
        scene.weather,
        scene.style,
        _dice(scene, "horizon").uniform(*_HORIZON),
    )
    if scene.place:
        draw_place(stage, scene.place)
    else:
        SETTING_DRAWINGS[scene.setting](stage)
    for figure in by_depth(scene.figures):
        _draw(figure, scene, canvas)
    falling(replace(stage, dice=_dice(scene, "weather")))
    if scene.word:
        draw_board(stage, scene.word)
    return STYLE_EFFECTS[scene.style].finish(canvas.picture(), _dice(scene, "style"))


def by_depth(figures: Sequence[Figure]) -> list[Figure]:
    """From the farthest to the nearest."""
    return sorted(figures, key=lambda figure: SLOTS[figure.slot].depth)


def trace(figure: Figure, spot: Spot, surface: Surface) -> None:
    """Draws one copy of ``figure`` on a surface that does not care for colours."""
    _shape(figure, Pen(surface, (spot.x, spot.y), spot.half, flip=figure.flip))


def silhouettes(scene: Scene, width: int, height: int) -> NDArray[np.uint8]:
    """``height`` × ``width``: which figure each pixel shows, counted from 1; 0 is the background."""
    surface = Silhouette(width, height)
    for figure in by_depth(scene.figures):
        surface.number = 1 + scene.figures.index(figure)
        for spot in spots(figure, width, height):
            trace(figure, spot, surface)
    return surface.pixels


def boxes(figure: Figure, width: int, height: int) -> list[tuple[float, float, float, float]]:
    """Left, top, right, bottom of every copy, in shares of the sides, whatever stands before it."""
    result: list[tuple[float, float, float, float]] = []
    for spot in spots(figure, width, height):
        extent = Extent()
        trace(figure, spot, extent)
        left, top, right, bottom = extent.box
        result.append((left / width, top / height, right / width, bottom / height))
    return result


def _draw(figure: Figure, scene: Scene, canvas: Canvas) -> None:
    style = STYLE_EFFECTS[scene.style]
    light, weather = LIGHTINGS[scene.light].subject, WEATHER_EFFECTS[scene.weather]
    veil = lit(weather.veil, LIGHTINGS[scene.light].ground)

    def tint(colour: RGB) -> RGB:
        return style.figure(mix(lit(colour, light), veil, weather.thickness * _VEIL_ON_FIGURES))

    outline = style.outline(COLOURS[figure.colour])
    for spot in spots(figure, canvas.width, canvas.height):
        trace(figure, spot, Contour(canvas, style.outline_width * spot.half, outline))
        _shape(figure, Pen(canvas, (spot.x, spot.y), spot.half, flip=figure.flip, tint=tint))


def _shape(figure: Figure, pen: Pen) -> None:
    colour = COLOURS[figure.colour]
    if figure.character:
        draw_figurine(pen, colour, figure.character)
    else:
        SUBJECT_DRAWINGS[figure.subject](pen, colour)


def _dice(scene: Scene, part: str) -> random.Random:
    """Dice of its own for every part, so that changing one part leaves the others as they were."""
    return random.Random(f"{scene.seed} {part}")
