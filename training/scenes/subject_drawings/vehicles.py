"""The drawings of vehicles, from the side."""

from __future__ import annotations

from worker.scene_vocabulary.colours import RGB

from ..palette import darken_colour, lighten_colour
from ..pen import Pen
from ..pixel_canvas import arc_points
from .details import GLASS, INK, WHITE, WOOD, SubjectDrawing

_RIM: RGB = (206, 206, 212)


def draw_boat(pen: Pen, colour: RGB) -> None:
    pen.line([(0.0, -0.95), (0.0, 0.4)], 0.1, WOOD)
    pen.polygon([(0.08, -0.95), (0.08, 0.22), (0.86, 0.22)], WHITE)
    pen.polygon([(-0.08, -0.7), (-0.08, 0.22), (-0.7, 0.22)], lighten_colour(colour, 0.35))
    pen.polygon([(-1.0, 0.36), (1.0, 0.36), (0.7, 1.0), (-0.7, 1.0)], colour)
    pen.polygon([(-1.0, 0.36), (1.0, 0.36), (0.92, 0.52), (-0.92, 0.52)], darken_colour(colour, 0.3))


def draw_car(pen: Pen, colour: RGB) -> None:
    pen.polygon([(-0.66, 0.14), (-0.44, -0.5), (0.3, -0.5), (0.62, 0.14)], colour)
    pen.polygon([(-0.5, 0.1), (-0.36, -0.36), (-0.1, -0.36), (-0.1, 0.1)], GLASS)
    pen.polygon([(0.06, 0.1), (0.06, -0.36), (0.24, -0.36), (0.46, 0.1)], GLASS)
    pen.polygon([(-1.0, 0.2), (-0.9, 0.06), (0.84, 0.06), (1.0, 0.26), (1.0, 0.66), (-1.0, 0.66)], colour)
    pen.box(0.82, 0.24, 1.0, 0.42, (255, 240, 160))
    for x in (-0.54, 0.54):
        pen.ellipse(x, 0.68, 0.3, 0.3, INK)
        pen.ellipse(x, 0.68, 0.14, 0.14, _RIM)


def draw_train(pen: Pen, colour: RGB) -> None:
    """Draws a steam engine that heads right."""
    pen.ellipse(0.36, -0.86, 0.2, 0.14, (228, 230, 236))
    pen.polygon([(0.44, -0.66), (0.84, -0.66), (0.76, -0.1), (0.52, -0.1)], darken_colour(colour, 0.5))
    pen.box(-0.3, -0.2, 0.92, 0.46, colour)
    pen.box(-0.94, -0.62, -0.2, 0.46, colour)
    pen.box(-1.0, -0.78, -0.12, -0.56, darken_colour(colour, 0.45))
    pen.box(-0.76, -0.44, -0.38, -0.06, GLASS)
    pen.box(0.3, -0.2, 0.42, 0.46, darken_colour(colour, 0.3))
    pen.box(-1.0, 0.4, 1.0, 0.58, darken_colour(colour, 0.45))
    for x in (-0.64, -0.04, 0.56):
        pen.ellipse(x, 0.72, 0.27, 0.27, INK)
        pen.ellipse(x, 0.72, 0.12, 0.12, _RIM)


def draw_rocket(pen: Pen, colour: RGB) -> None:
    pen.polygon([(-0.26, 0.6), (0.26, 0.6), (0.0, 1.0)], (255, 166, 30))
    for side in (-1.0, 1.0):
        pen.polygon(
            [(side * 0.3, 0.0), (side * 0.78, 0.46), (side * 0.78, 0.78), (side * 0.3, 0.6)], (222, 60, 60)
        )
    pen.polygon(
        [(0.0, -1.0), (0.3, -0.6), (0.42, -0.1), (0.36, 0.64), (-0.36, 0.64), (-0.42, -0.1), (-0.3, -0.6)],
        colour,
    )
    pen.polygon([(0.0, -1.0), (0.3, -0.6), (-0.3, -0.6)], lighten_colour(colour, 0.55))
    pen.ellipse(0.0, -0.14, 0.25, 0.25, WHITE)
    pen.ellipse(0.0, -0.14, 0.17, 0.17, (80, 150, 220))


def draw_balloon(pen: Pen, colour: RGB) -> None:
    for side in (-1.0, 1.0):
        pen.line([(side * 0.42, 0.26), (side * 0.2, 0.72)], 0.07, WOOD)
    pen.polygon([*arc_points(0.0, -0.24, 0.76, 0.74, 160, 380), (0.24, 0.54), (-0.24, 0.54)], colour)
    pen.polygon(
        [*arc_points(0.0, -0.24, 0.28, 0.74, 160, 380), (0.12, 0.54), (-0.12, 0.54)],
        lighten_colour(colour, 0.5),
    )
    pen.box(-0.26, 0.68, 0.26, 1.0, WOOD)


DRAWINGS: dict[str, SubjectDrawing] = {
    "boat": draw_boat,
    "car": draw_car,
    "train": draw_train,
    "rocket": draw_rocket,
    "balloon": draw_balloon,
}
