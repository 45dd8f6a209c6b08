"""The drawing of a figurine: a little person with hair, clothes and perhaps a hat."""

from __future__ import annotations

from dataclasses import dataclass

from worker.scene_vocabulary.colours import COLOURS, RGB

from ..palette import darken_colour, lighten_colour
from ..pen import Pen
from ..pixel_canvas import arc_points
from .details import INK, SubjectDrawing

HAIR_COLOURS: dict[str, RGB] = {
    "black": (44, 38, 42),
    "brown": (122, 70, 36),
    "blond": (250, 214, 100),
    "red": (214, 70, 30),
    "white": (242, 242, 242),
    "blue": (60, 110, 226),
}
HAIR_STYLES = ("short", "long", "bun")
OUTFITS = ("dress", "shirt", "coat")

SKIN: RGB = (250, 206, 168)
TROUSERS: RGB = (70, 74, 104)


@dataclass(frozen=True)
class Character:
    """What tells one figurine from another. The outfit's colour is the figure's."""

    hair: str = "brown"
    """A key of ``HAIR_COLOURS``."""
    hair_style: str = "short"
    outfit: str = "shirt"
    hat: str = ""
    """Its colour, a key of ``COLOURS``, or "" for none."""


def draw_figurine(pen: Pen, colour: RGB, character: Character) -> None:
    """Draws a figurine whose outfit has ``colour``."""
    hair = HAIR_COLOURS[character.hair]
    if character.hair_style == "long":
        pen.polygon([*arc_points(0.0, -0.46, 0.6, 0.54, 180, 360), (0.64, 0.24), (-0.64, 0.24)], hair)
    elif character.hair_style == "bun" and not character.hat:
        pen.ellipse(0.0, -0.94, 0.2, 0.16, hair)
    _draw_body(pen, colour, character.outfit)
    pen.ellipse(0.0, -0.4, 0.48, 0.46, SKIN)
    pen.polygon([*arc_points(0.0, -0.4, 0.54, 0.54, 172, 368), (0.36, -0.58), (-0.36, -0.58)], hair)
    for side in (-0.19, 0.19):
        pen.ellipse(side, -0.32, 0.08, 0.11, INK)
    pen.line(arc_points(0.0, -0.2, 0.14, 0.1, 20, 160), 0.07, (196, 70, 70))
    if character.hat:
        _draw_hat(pen, COLOURS[character.hat])


def _draw_body(pen: Pen, colour: RGB, outfit: str) -> None:
    legs = SKIN if outfit == "dress" else TROUSERS
    for side in (-1.0, 1.0):
        pen.box(side * 0.17 - 0.11, 0.6, side * 0.17 + 0.11, 1.0, legs)
        pen.line([(side * 0.28, 0.18), (side * 0.6, 0.5)], 0.2, colour)
        pen.ellipse(side * 0.64, 0.54, 0.12, 0.12, SKIN)
    if outfit == "dress":
        pen.polygon([(-0.26, 0.04), (0.26, 0.04), (0.62, 0.84), (-0.62, 0.84)], colour)
    elif outfit == "coat":
        pen.polygon([(-0.34, 0.04), (0.34, 0.04), (0.42, 0.86), (-0.42, 0.86)], colour)
        pen.line([(0.0, 0.1), (0.0, 0.84)], 0.07, darken_colour(colour, 0.5))
    else:
        pen.box(-0.34, 0.04, 0.34, 0.62, colour)
        pen.box(-0.34, 0.28, 0.34, 0.4, lighten_colour(colour, 0.55))


def _draw_hat(pen: Pen, colour: RGB) -> None:
    pen.polygon([(-0.4, -0.64), (-0.3, -1.02), (0.3, -1.02), (0.4, -0.64)], colour)
    pen.box(-0.66, -0.74, 0.66, -0.6, darken_colour(colour, 0.3))


def _draw_default_figurine(pen: Pen, colour: RGB) -> None:
    draw_figurine(pen, colour, Character())


DRAWINGS: dict[str, SubjectDrawing] = {"figurine": _draw_default_figurine}
