"""The drawings of things."""

from __future__ import annotations

import math

from worker.scene_vocabulary.colours import RGB

from ..palette import darken_colour, lighten_colour
from ..pen import Pen
from ..pixel_canvas import arc_points
from .details import CREAM, INK, WOOD, SubjectDrawing, ink_colour, pattern_colour

_STEEL: RGB = (172, 178, 190)


def draw_robot(pen: Pen, colour: RGB) -> None:
    pen.line([(0.0, -0.7), (0.0, -0.9)], 0.09, _STEEL)
    pen.ellipse(0.0, -0.9, 0.11, 0.11, (240, 70, 60))
    for side in (-1.0, 1.0):
        pen.box(side * 0.26 - 0.14, 0.6, side * 0.26 + 0.14, 1.0, _STEEL)
        pen.line([(side * 0.6, 0.12), (side * 0.82, 0.52)], 0.2, _STEEL)
    pen.box(-0.56, 0.0, 0.56, 0.72, colour)
    pen.box(-0.62, -0.74, 0.62, -0.06, colour)
    pen.box(-0.5, -0.6, 0.5, -0.2, lighten_colour(colour, 0.6))
    for side in (-0.26, 0.26):
        pen.ellipse(side, -0.4, 0.15, 0.15, INK)
    pen.box(-0.28, 0.18, 0.28, 0.46, darken_colour(colour, 0.45))


def draw_mug(pen: Pen, colour: RGB) -> None:
    pen.line(arc_points(0.5, 0.24, 0.36, 0.36, -85, 85), 0.2, colour)
    pen.polygon([(-0.76, -0.4), (0.58, -0.4), (0.5, 1.0), (-0.68, 1.0)], colour)
    pen.ellipse(-0.09, -0.4, 0.67, 0.2, lighten_colour(colour, 0.4))
    pen.ellipse(-0.09, -0.38, 0.53, 0.14, (92, 54, 34))
    for x in (-0.34, 0.14):
        pen.line([(x, -0.64), (x + 0.1, -0.76), (x, -0.86), (x + 0.1, -0.96)], 0.1, (236, 236, 240))


def draw_star(pen: Pen, colour: RGB) -> None:
    points = [
        (r * math.sin(math.radians(36 * k)), 0.08 - r * math.cos(math.radians(36 * k)))
        for k, r in ((k, 1.05 if k % 2 == 0 else 0.5) for k in range(10))
    ]
    pen.polygon(points, colour)
    for side in (-0.22, 0.22):
        pen.ellipse(side, 0.0, 0.1, 0.13, ink_colour(colour))
    pen.line(arc_points(0.0, 0.14, 0.2, 0.16, 20, 160), 0.08, ink_colour(colour))


def draw_umbrella(pen: Pen, colour: RGB) -> None:
    pen.line([(0.0, -0.9), (0.0, 0.76), (0.06, 0.9), (0.2, 0.92), (0.3, 0.8)], 0.12, WOOD)
    pen.polygon([*arc_points(0.0, 0.14, 1.0, 0.98, 180, 360)], colour)
    pen.polygon([*arc_points(0.0, 0.14, 0.36, 0.98, 180, 360)], lighten_colour(colour, 0.45))
    for x in (-0.68, 0.68):
        pen.polygon([*arc_points(x, 0.16, 0.3, 0.16, 180, 360)], darken_colour(colour, 0.4))


def draw_guitar(pen: Pen, colour: RGB) -> None:
    pen.box(-0.11, -0.9, 0.11, 0.2, WOOD)
    pen.box(-0.2, -1.0, 0.2, -0.72, darken_colour(WOOD, 0.4))
    pen.ellipse(0.0, 0.12, 0.42, 0.34, colour)
    pen.ellipse(0.0, 0.58, 0.6, 0.42, colour)
    pen.ellipse(0.0, 0.3, 0.2, 0.2, INK)
    pen.box(-0.26, 0.66, 0.26, 0.78, INK)
    pen.line([(0.0, -0.7), (0.0, 0.7)], 0.06, CREAM)


def draw_cake(pen: Pen, colour: RGB) -> None:
    pen.ellipse(0.0, 0.92, 1.0, 0.14, (226, 228, 234))
    pen.box(-0.84, 0.24, 0.84, 0.94, colour)
    pen.box(-0.52, -0.36, 0.52, 0.26, colour)
    pen.box(-0.84, 0.24, 0.84, 0.4, pattern_colour(colour))
    pen.box(-0.52, -0.36, 0.52, -0.2, pattern_colour(colour))
    pen.box(-0.07, -0.72, 0.07, -0.36, (120, 190, 240))
    pen.ellipse(0.0, -0.84, 0.1, 0.15, (255, 178, 40))


def draw_snowman(pen: Pen, colour: RGB) -> None:
    for side in (-1.0, 1.0):
        pen.line([(side * 0.4, 0.1), (side * 0.9, -0.16)], 0.08, WOOD)
    pen.ellipse(0.0, 0.52, 0.62, 0.5, colour)
    pen.ellipse(0.0, -0.24, 0.44, 0.42, colour)
    pen.box(-0.32, -0.98, 0.32, -0.58, INK)
    pen.box(-0.5, -0.64, 0.5, -0.54, INK)
    for side in (-0.16, 0.16):
        pen.ellipse(side, -0.34, 0.07, 0.08, INK)
    pen.polygon([(0.0, -0.26), (0.0, -0.08), (0.36, -0.12)], (250, 140, 40))
    pen.box(-0.4, 0.06, 0.4, 0.2, (214, 50, 56))
    for y in (0.42, 0.66):
        pen.ellipse(0.0, y, 0.07, 0.07, INK)


DRAWINGS: dict[str, SubjectDrawing] = {
    "robot": draw_robot,
    "mug": draw_mug,
    "star": draw_star,
    "umbrella": draw_umbrella,
    "guitar": draw_guitar,
    "cake": draw_cake,
    "snowman": draw_snowman,
}
