"""Rendering: the setting, the figures from far to near, the weather, then the style."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from worker.scene_vocabulary.colours import COLOURS, RGB

from .composition import SLOTS, Figure, Scene, Spot, figure_spots
from .palette import LIGHTINGS, apply_light, mix_colours
from .pen import Contour, Extent, Pen, Silhouette, Surface
from .pixel_canvas import Picture, PixelCanvas
from .place_drawings import draw_place
from .scene_canvas import SceneCanvas, draw_precipitation
from .setting_drawings import SETTING_DRAWINGS
from .style_effects import STYLE_EFFECTS
from .subject_drawings import SUBJECT_DRAWINGS
from .subject_drawings.figurine import draw_figurine
from .weather_effects import WEATHER_EFFECTS
from .word_board import draw_board

_HORIZON = (0.6, 0.66)
_VEIL_ON_FIGURES = 0.25


def render_scene(scene: Scene, width: int, height: int) -> Picture:
    """Renders the scene as (height, width, 3), RGB, from 0 to 255."""
    pixels = PixelCanvas(width, height)
    canvas = SceneCanvas(
        pixels,
        _part_rng(scene, "setting"),
        scene.light,
        scene.season,
        scene.weather,
        scene.style,
        _part_rng(scene, "horizon").uniform(*_HORIZON),
    )
    if scene.place:
        draw_place(canvas, scene.place)
    else:
        SETTING_DRAWINGS[scene.setting](canvas)
    for figure in sort_by_depth(scene.figures):
        _draw_figure(figure, scene, pixels)
    draw_precipitation(replace(canvas, rng=_part_rng(scene, "weather")))
    if scene.word:
        draw_board(canvas, scene.word)
    return STYLE_EFFECTS[scene.style].finish(pixels.picture(), _part_rng(scene, "style"))


def sort_by_depth(figures: Sequence[Figure]) -> list[Figure]:
    """Sorts figures from the farthest to the nearest."""
    return sorted(figures, key=lambda figure: SLOTS[figure.slot].depth)


def trace_figure(figure: Figure, spot: Spot, surface: Surface) -> None:
    """Draws one copy of ``figure`` on a surface that ignores colours."""
    _draw_shape(figure, Pen(surface, (spot.x, spot.y), spot.half, flip=figure.flip))


def figure_silhouettes(scene: Scene, width: int, height: int) -> NDArray[np.uint8]:
    """Returns, as (height, width), the number from 1 of the figure at each pixel; 0 is the background."""
    surface = Silhouette(width, height)
    for figure in sort_by_depth(scene.figures):
        surface.number = 1 + scene.figures.index(figure)
        for spot in figure_spots(figure, width, height):
            trace_figure(figure, spot, surface)
    return surface.pixels


def figure_boxes(figure: Figure, width: int, height: int) -> list[tuple[float, float, float, float]]:
    """Returns left, top, right, bottom of every copy, in shares of the sides, hidden parts included."""
    result: list[tuple[float, float, float, float]] = []
    for spot in figure_spots(figure, width, height):
        extent = Extent()
        trace_figure(figure, spot, extent)
        left, top, right, bottom = extent.box
        result.append((left / width, top / height, right / width, bottom / height))
    return result


def _draw_figure(figure: Figure, scene: Scene, pixels: PixelCanvas) -> None:
    style = STYLE_EFFECTS[scene.style]
    light, weather = LIGHTINGS[scene.light].subject, WEATHER_EFFECTS[scene.weather]
    veil = apply_light(weather.veil, LIGHTINGS[scene.light].ground)

    def tint(colour: RGB) -> RGB:
        return style.figure(
            mix_colours(apply_light(colour, light), veil, weather.thickness * _VEIL_ON_FIGURES)
        )

    outline = style.outline(COLOURS[figure.colour])
    for spot in figure_spots(figure, pixels.width, pixels.height):
        trace_figure(figure, spot, Contour(pixels, style.outline_width * spot.half, outline))
        _draw_shape(figure, Pen(pixels, (spot.x, spot.y), spot.half, flip=figure.flip, tint=tint))


def _draw_shape(figure: Figure, pen: Pen) -> None:
    colour = COLOURS[figure.colour]
    if figure.character:
        draw_figurine(pen, colour, figure.character)
    else:
        SUBJECT_DRAWINGS[figure.subject](pen, colour)


def _part_rng(scene: Scene, part: str) -> random.Random:
    """Returns a generator for one part of the scene: a change to one part leaves the others as they were."""
    return random.Random(f"{scene.seed} {part}")
