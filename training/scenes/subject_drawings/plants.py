"""The drawings of plants and fruit."""

from __future__ import annotations

import math

from worker.scene_vocabulary.colours import RGB

from ..palette import darken_colour, lighten_colour, luma
from ..pen import Pen
from ..pixel_canvas import arc_points
from .details import CREAM, GOLD, LEAF, WOOD, SubjectDrawing, pattern_colour


def draw_tree(pen: Pen, colour: RGB) -> None:
    pen.polygon([(-0.16, 0.2), (0.16, 0.2), (0.22, 1.0), (-0.22, 1.0)], WOOD)
    for x, y, radius in ((-0.46, 0.0, 0.46), (0.46, 0.0, 0.46), (0.0, -0.44, 0.54)):
        pen.ellipse(x, y, radius, radius, colour)
    pen.ellipse(0.0, 0.0, 0.4, 0.4, colour)
    pen.ellipse(-0.14, -0.58, 0.24, 0.2, lighten_colour(colour, 0.35))


def draw_flower(pen: Pen, colour: RGB) -> None:
    pen.line([(0.0, 0.0), (0.0, 1.0)], 0.15, LEAF)
    pen.ellipse(0.34, 0.7, 0.32, 0.15, LEAF)
    pen.ellipse(-0.34, 0.8, 0.32, 0.15, LEAF)
    for turn in range(6):
        angle = math.radians(60 * turn + 30)
        pen.ellipse(0.42 * math.cos(angle), -0.36 + 0.42 * math.sin(angle), 0.27, 0.27, colour)
    pen.ellipse(0.0, -0.36, 0.27, 0.27, GOLD if luma(colour) < 0.75 else (136, 84, 44))


def draw_mushroom(pen: Pen, colour: RGB) -> None:
    pen.polygon([(-0.28, 0.0), (0.28, 0.0), (0.38, 1.0), (-0.38, 1.0)], CREAM)
    pen.polygon([*arc_points(0.0, 0.14, 0.98, 1.06, 180, 360)], colour)
    for x, y, radius in (
        (-0.48, -0.26, 0.17),
        (0.08, -0.54, 0.19),
        (0.52, -0.16, 0.16),
        (-0.02, -0.06, 0.12),
    ):
        pen.ellipse(x, y, radius, radius, pattern_colour(colour))


def draw_cactus(pen: Pen, colour: RGB) -> None:
    pen.line([(-0.68, -0.3), (-0.68, 0.16), (0.0, 0.16)], 0.32, colour)
    pen.line([(0.68, -0.54), (0.68, -0.06), (0.0, -0.06)], 0.32, colour)
    pen.line([(0.0, -0.72), (0.0, 0.6)], 0.52, colour)
    pen.line([(0.0, -0.66), (0.0, 0.4)], 0.08, lighten_colour(colour, 0.4))
    pen.polygon([(-0.5, 0.5), (0.5, 0.5), (0.36, 1.0), (-0.36, 1.0)], (196, 104, 62))
    pen.box(-0.56, 0.44, 0.56, 0.6, (166, 82, 46))


def draw_apple(pen: Pen, colour: RGB) -> None:
    pen.line([(0.0, -0.4), (0.1, -0.9)], 0.13, WOOD)
    pen.polygon([*arc_points(0.42, -0.72, 0.34, 0.18)], LEAF)
    for side in (-0.3, 0.3):
        pen.ellipse(side, 0.14, 0.54, 0.64, colour)
    pen.ellipse(0.0, 0.4, 0.56, 0.56, colour)
    pen.ellipse(-0.44, 0.0, 0.14, 0.24, lighten_colour(colour, 0.6))


def draw_banana(pen: Pen, colour: RGB) -> None:
    pen.polygon(
        [*arc_points(0.0, -0.5, 0.96, 1.36, 0, 180), *arc_points(0.0, -0.62, 0.82, 0.7, 180, 0)], colour
    )
    pen.line(arc_points(0.0, -0.52, 0.8, 1.12, 35, 145), 0.12, darken_colour(colour, 0.25))
    pen.polygon([(0.78, -0.5), (0.98, -0.5), (0.94, -0.86), (0.78, -0.86)], WOOD)
    pen.ellipse(-0.88, -0.52, 0.12, 0.1, WOOD)


DRAWINGS: dict[str, SubjectDrawing] = {
    "tree": draw_tree,
    "flower": draw_flower,
    "mushroom": draw_mushroom,
    "cactus": draw_cactus,
    "apple": draw_apple,
    "banana": draw_banana,
}
