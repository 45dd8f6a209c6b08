"""The drawings of animals."""

from __future__ import annotations

from worker.scene_vocabulary.colours import RGB

from ..palette import darken_colour, lighten_colour
from ..pen import Pen
from ..pixel_canvas import arc_points
from .details import CREAM, INK, SubjectDrawing, draw_eye

_ROSE: RGB = (244, 150, 160)
_BEAK: RGB = (250, 160, 40)


def draw_cat(pen: Pen, colour: RGB) -> None:
    pen.line([(0.35, 0.85), (0.8, 0.8), (0.9, 0.45), (0.74, 0.2)], 0.2, colour)
    pen.polygon([*arc_points(0.0, 0.62, 0.5, 0.62, 180, 360), (0.56, 1.0), (-0.56, 1.0)], colour)
    for side in (-1.0, 1.0):
        pen.polygon([(side * 0.68, -0.98), (side * 0.05, -0.62), (side * 0.66, -0.1)], colour)
        pen.polygon([(side * 0.58, -0.76), (side * 0.3, -0.6), (side * 0.56, -0.4)], _ROSE)
    pen.ellipse(0.0, -0.22, 0.7, 0.52, colour)
    pen.ellipse(0.0, 0.04, 0.3, 0.2, lighten_colour(colour, 0.5))
    for side in (-0.3, 0.3):
        draw_eye(pen, side, -0.26, 0.19)
    pen.polygon([(-0.1, -0.04), (0.1, -0.04), (0.0, 0.1)], _ROSE)
    pen.line([(0.0, 0.62), (0.0, 1.0)], 0.06, darken_colour(colour))


def draw_dog(pen: Pen, colour: RGB) -> None:
    """Draws it from the side, looking to the right."""
    pen.line([(-0.72, 0.1), (-0.95, -0.35)], 0.2, colour)
    for x in (-0.68, -0.4, 0.12, 0.4):
        pen.box(x - 0.12, 0.3, x + 0.12, 1.0, darken_colour(colour, 0.18) if x in (-0.4, 0.12) else colour)
    pen.polygon(
        [*arc_points(-0.5, 0.22, 0.34, 0.36, 90, 270), *arc_points(0.22, 0.22, 0.36, 0.36, 270, 450)], colour
    )
    pen.polygon([(0.02, 0.1), (0.1, -0.4), (0.6, -0.3), (0.56, 0.3)], colour)
    pen.ellipse(0.34, -0.44, 0.42, 0.38, colour)
    pen.ellipse(0.7, -0.32, 0.28, 0.22, lighten_colour(colour, 0.4))
    pen.ellipse(0.9, -0.42, 0.11, 0.1, INK)
    pen.ellipse(0.06, -0.34, 0.18, 0.4, darken_colour(colour, 0.45))
    draw_eye(pen, 0.46, -0.52, 0.15)
    pen.line([(0.08, 0.12), (0.54, 0.16)], 0.12, (214, 60, 60))


def draw_bird(pen: Pen, colour: RGB) -> None:
    """Draws it from the side, looking to the right."""
    pen.polygon([(-0.4, 0.1), (-1.0, -0.2), (-0.94, 0.34)], darken_colour(colour, 0.25))
    for x in (-0.1, 0.18):
        pen.line([(x, 0.6), (x, 0.94), (x + 0.16, 0.96)], 0.09, _BEAK)
    pen.polygon([(0.66, -0.5), (1.0, -0.32), (0.66, -0.16)], _BEAK)
    pen.ellipse(-0.02, 0.18, 0.62, 0.52, colour)
    pen.ellipse(0.36, -0.36, 0.44, 0.42, colour)
    pen.ellipse(0.16, 0.34, 0.36, 0.3, lighten_colour(colour, 0.5))
    pen.polygon([*arc_points(-0.16, 0.06, 0.46, 0.36, 0, 180)], darken_colour(colour, 0.3))
    draw_eye(pen, 0.46, -0.42, 0.17)


def draw_fish(pen: Pen, colour: RGB) -> None:
    """Draws it from the side, swimming to the right."""
    pen.polygon([(-0.35, 0.0), (-1.0, -0.62), (-0.84, 0.0), (-1.0, 0.62)], darken_colour(colour, 0.2))
    pen.polygon([(-0.2, -0.4), (0.16, -0.86), (0.5, -0.4)], darken_colour(colour, 0.2))
    pen.ellipse(0.2, 0.04, 0.78, 0.58, colour)
    pen.polygon([*arc_points(0.2, 0.04, 0.78, 0.58, 25, 155)], lighten_colour(colour, 0.5))
    pen.polygon([(-0.05, 0.02), (-0.4, 0.3), (0.02, 0.36)], darken_colour(colour, 0.3))
    draw_eye(pen, 0.6, -0.14, 0.2)


def draw_owl(pen: Pen, colour: RGB) -> None:
    for side in (-1.0, 1.0):
        pen.polygon([(side * 0.62, -0.98), (side * 0.1, -0.6), (side * 0.62, -0.4)], colour)
        pen.ellipse(side * 0.28, 0.94, 0.16, 0.1, _BEAK)
    pen.ellipse(0.0, 0.12, 0.68, 0.82, colour)
    for side in (-1.0, 1.0):
        pen.ellipse(side * 0.58, 0.3, 0.2, 0.5, darken_colour(colour, 0.35))
    pen.ellipse(0.0, 0.46, 0.38, 0.42, lighten_colour(colour, 0.55))
    for side in (-0.3, 0.3):
        pen.ellipse(side, -0.26, 0.33, 0.33, CREAM)
        draw_eye(pen, side, -0.26, 0.25)
    pen.polygon([(-0.13, -0.12), (0.13, -0.12), (0.0, 0.14)], _BEAK)


def draw_butterfly(pen: Pen, colour: RGB) -> None:
    for side in (-1.0, 1.0):
        pen.line([(0.0, -0.5), (side * 0.26, -0.92)], 0.07, INK)
        pen.ellipse(side * 0.44, 0.46, 0.38, 0.4, darken_colour(colour, 0.22))
        pen.polygon(
            [(0.0, 0.1), (side * 0.3, -0.7), (side * 0.8, -0.82), (side * 1.0, -0.5), (side * 0.8, 0.14)],
            colour,
        )
        pen.ellipse(side * 0.62, -0.38, 0.19, 0.19, lighten_colour(colour, 0.7))
        pen.ellipse(side * 0.46, 0.5, 0.15, 0.15, lighten_colour(colour, 0.7))
    pen.ellipse(0.0, 0.04, 0.12, 0.66, INK)


DRAWINGS: dict[str, SubjectDrawing] = {
    "cat": draw_cat,
    "dog": draw_dog,
    "bird": draw_bird,
    "fish": draw_fish,
    "owl": draw_owl,
    "butterfly": draw_butterfly,
}
