"""The drawings of buildings."""

from __future__ import annotations

from worker.scene_vocabulary.colours import RGB

from ..palette import darken_colour, lighten_colour
from ..pen import Pen
from .details import GOLD, INK, WOOD, SubjectDrawing, pattern_colour

_LIT_WINDOW: RGB = (255, 236, 150)


def draw_house(pen: Pen, colour: RGB) -> None:
    pen.box(0.4, -0.9, 0.66, -0.3, (150, 90, 76))
    pen.box(-0.8, -0.2, 0.8, 1.0, colour)
    pen.polygon([(-1.0, -0.1), (0.0, -0.95), (1.0, -0.1)], darken_colour(colour, 0.5))
    pen.box(-0.2, 0.4, 0.2, 1.0, WOOD)
    for left in (-0.66, 0.32):
        pen.box(left, 0.08, left + 0.34, 0.42, _LIT_WINDOW)


def draw_castle(pen: Pen, colour: RGB) -> None:
    pen.box(-0.6, 0.0, 0.6, 1.0, colour)
    for left in (-0.5, -0.1, 0.3):
        pen.box(left, -0.18, left + 0.2, 0.02, colour)
    for side in (-1.0, 1.0):
        pen.box(
            side * 0.96 if side < 0 else 0.5,
            -0.4,
            -0.5 if side < 0 else 0.96,
            1.0,
            lighten_colour(colour, 0.18),
        )
        pen.polygon(
            [(side * 1.0, -0.38), (side * 0.46, -0.38), (side * 0.73, -1.0)], darken_colour(colour, 0.5)
        )
        pen.box(side * 0.73 - 0.1, -0.1, side * 0.73 + 0.1, 0.2, INK)
    pen.polygon([(-0.26, 1.0), (-0.26, 0.56), (0.0, 0.34), (0.26, 0.56), (0.26, 1.0)], WOOD)


def draw_lighthouse(pen: Pen, colour: RGB) -> None:
    pen.polygon([(-0.3, -0.46), (0.3, -0.46), (0.5, 1.0), (-0.5, 1.0)], colour)
    pen.polygon([(-0.35, -0.06), (0.35, -0.06), (0.4, 0.24), (-0.4, 0.24)], pattern_colour(colour))
    pen.polygon([(-0.44, 0.54), (0.44, 0.54), (0.48, 0.82), (-0.48, 0.82)], pattern_colour(colour))
    pen.box(-0.26, -0.78, 0.26, -0.46, GOLD)
    pen.box(-0.44, -0.54, 0.44, -0.42, INK)
    pen.polygon([(-0.36, -0.74), (0.36, -0.74), (0.0, -1.0)], darken_colour(colour, 0.45))


DRAWINGS: dict[str, SubjectDrawing] = {
    "house": draw_house,
    "castle": draw_castle,
    "lighthouse": draw_lighthouse,
}
