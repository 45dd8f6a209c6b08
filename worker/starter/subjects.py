"""What the scenes are of. Each is drawn in its own frame (see ``canvas.Pen``) in any colour."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from .canvas import Pen, arc
from .palette import COLOURS, Colour, darker, lighter

WHITE = COLOURS["white"]
GLASS: Colour = (176, 222, 240)
WOOD: Colour = (122, 78, 44)
RUBBER: Colour = (44, 44, 52)


def boat(pen: Pen, colour: Colour) -> None:
    pen.line([(0.0, -0.95), (0.0, 0.5)], 0.09, WOOD)
    pen.polygon([(0.07, -0.9), (0.07, 0.3), (0.85, 0.3)], WHITE)
    pen.polygon([(-0.07, -0.7), (-0.07, 0.3), (-0.65, 0.3)], (226, 226, 220))
    pen.polygon([(-1.0, 0.42), (1.0, 0.42), (0.68, 0.98), (-0.68, 0.98)], colour)
    pen.polygon([(-1.0, 0.42), (1.0, 0.42), (0.92, 0.56), (-0.92, 0.56)], darker(colour))


def house(pen: Pen, colour: Colour) -> None:
    pen.box(0.42, -0.85, 0.66, -0.2, (150, 90, 76))
    pen.box(-0.78, -0.2, 0.78, 1.0, colour)
    pen.polygon([(-1.0, -0.1), (0.0, -0.95), (1.0, -0.1)], darker(colour, 0.5))
    pen.box(-0.2, 0.38, 0.2, 1.0, WOOD)
    for left in (-0.64, 0.32):
        pen.box(left, 0.12, left + 0.32, 0.46, (255, 236, 150))


def tree(pen: Pen, colour: Colour) -> None:
    pen.polygon([(-0.15, 0.2), (0.15, 0.2), (0.22, 1.0), (-0.22, 1.0)], WOOD)
    for x, y, radius in ((-0.46, 0.02, 0.46), (0.46, 0.02, 0.46), (0.0, -0.42, 0.56), (0.0, 0.05, 0.5)):
        pen.ellipse(x, y, radius, radius, darker(colour, 0.15))
    pen.ellipse(-0.12, -0.5, 0.4, 0.36, lighter(colour, 0.2))


def cat(pen: Pen, colour: Colour) -> None:
    pen.line([(0.42, 0.86), (0.82, 0.8), (0.88, 0.42), (0.72, 0.18)], 0.17, darker(colour, 0.2))
    pen.ellipse(0.0, 0.6, 0.55, 0.42, darker(colour, 0.12))
    pen.ellipse(0.0, 0.82, 0.6, 0.18, darker(colour, 0.12))
    for side in (-1.0, 1.0):
        pen.polygon([(side * 0.6, -0.9), (side * 0.1, -0.55), (side * 0.58, -0.15)], colour)
        pen.polygon([(side * 0.52, -0.74), (side * 0.25, -0.5), (side * 0.5, -0.3)], (240, 160, 170))
    pen.ellipse(0.0, -0.14, 0.64, 0.52, colour)
    for side in (-0.26, 0.26):
        pen.ellipse(side, -0.18, 0.14, 0.17, (250, 240, 170))
        pen.ellipse(side, -0.18, 0.06, 0.14, (20, 20, 24))
    pen.polygon([(-0.09, 0.06), (0.09, 0.06), (0.0, 0.16)], (236, 120, 140))


def fish(pen: Pen, colour: Colour) -> None:
    pen.polygon([(-0.45, 0.0), (-1.0, -0.5), (-0.86, 0.0), (-1.0, 0.5)], darker(colour, 0.25))
    pen.polygon([(-0.15, -0.4), (0.1, -0.78), (0.42, -0.36)], darker(colour, 0.25))
    pen.polygon([(-0.1, 0.4), (0.1, 0.7), (0.34, 0.36)], darker(colour, 0.25))
    pen.ellipse(0.16, 0.0, 0.76, 0.5, colour)
    pen.polygon([*arc(0.16, 0.0, 0.76, 0.5, 20, 160)], lighter(colour, 0.4))
    pen.line(arc(0.3, 0.0, 0.2, 0.36, 100, 260), 0.07, darker(colour))
    pen.ellipse(0.58, -0.12, 0.14, 0.14, WHITE)
    pen.ellipse(0.61, -0.12, 0.07, 0.07, (20, 20, 24))


def car(pen: Pen, colour: Colour) -> None:
    pen.polygon([(-0.62, 0.22), (-0.4, -0.3), (0.32, -0.3), (0.6, 0.22)], colour)
    pen.polygon([(-0.5, 0.2), (-0.33, -0.2), (-0.06, -0.2), (-0.06, 0.2)], GLASS)
    pen.polygon([(0.06, 0.2), (0.06, -0.2), (0.27, -0.2), (0.47, 0.2)], GLASS)
    pen.polygon([(-1.0, 0.3), (-0.92, 0.18), (0.86, 0.18), (1.0, 0.36), (1.0, 0.76), (-1.0, 0.76)], colour)
    pen.box(-1.0, 0.62, 1.0, 0.76, darker(colour))
    pen.ellipse(0.93, 0.42, 0.07, 0.09, (255, 244, 180))
    for x in (-0.55, 0.55):
        pen.ellipse(x, 0.74, 0.26, 0.26, RUBBER)
        pen.ellipse(x, 0.74, 0.12, 0.12, (206, 206, 212))


def balloon(pen: Pen, colour: Colour) -> None:
    pen.line([(-0.45, 0.1), (-0.17, 0.72)], 0.05, WOOD)
    pen.line([(0.45, 0.1), (0.17, 0.72)], 0.05, WOOD)
    pen.ellipse(0.0, -0.28, 0.72, 0.7, colour)
    pen.polygon([(-0.62, 0.06), (0.62, 0.06), (0.22, 0.5), (-0.22, 0.5)], colour)
    pen.ellipse(0.0, -0.26, 0.3, 0.68, lighter(colour))
    pen.polygon([(-0.26, 0.06), (0.26, 0.06), (0.12, 0.5), (-0.12, 0.5)], lighter(colour))
    pen.box(-0.22, 0.7, 0.22, 1.0, WOOD)


def rocket(pen: Pen, colour: Colour) -> None:
    pen.polygon([(-0.2, 0.62), (0.2, 0.62), (0.0, 1.0)], (255, 176, 40))
    for side in (-1.0, 1.0):
        pen.polygon(
            [(side * 0.28, 0.12), (side * 0.66, 0.5), (side * 0.62, 0.82), (side * 0.26, 0.6)], darker(colour)
        )
    pen.polygon([*arc(0.0, -0.25, 0.36, 0.74, 180, 360), (0.26, 0.64), (-0.26, 0.64)], colour)
    pen.polygon([*arc(0.0, -0.45, 0.31, 0.55, 180, 360)], WHITE)
    pen.ellipse(0.0, -0.06, 0.22, 0.22, WHITE)
    pen.ellipse(0.0, -0.06, 0.15, 0.15, (70, 130, 200))


def banana(pen: Pen, colour: Colour) -> None:
    pen.polygon([*arc(0.0, -0.4, 0.92, 1.25, 5, 175), *arc(0.0, -0.5, 0.78, 0.62, 170, 10)], colour)
    pen.line(arc(0.0, -0.45, 0.82, 0.98, 15, 165), 0.1, lighter(colour, 0.35))
    pen.polygon([(0.74, -0.32), (0.96, -0.3), (0.98, -0.68), (0.82, -0.68)], WOOD)
    pen.ellipse(-0.86, -0.32, 0.1, 0.1, WOOD)


def mug(pen: Pen, colour: Colour) -> None:
    pen.line(arc(0.52, 0.2, 0.38, 0.38, -80, 80), 0.2, darker(colour, 0.2))
    pen.polygon([(-0.72, -0.42), (0.56, -0.42), (0.48, 1.0), (-0.64, 1.0)], colour)
    pen.polygon([(-0.72, -0.42), (-0.46, -0.42), (-0.42, 1.0), (-0.64, 1.0)], lighter(colour, 0.3))
    pen.ellipse(-0.08, -0.42, 0.64, 0.16, darker(colour, 0.3))
    pen.ellipse(-0.08, -0.4, 0.52, 0.11, (92, 54, 34))
    for x in (-0.3, 0.12):
        pen.line([(x, -0.6), (x + 0.08, -0.72), (x, -0.84), (x + 0.08, -0.96)], 0.08, (236, 236, 236))


@dataclass(frozen=True)
class Kind:
    """A kind of subject: how it is drawn, what else people call it, and where it is at home."""

    draw: Callable[[Pen, Colour], None]
    names: tuple[str, ...]
    place: Literal["ground", "sky"]
    homes: tuple[str, ...]
    colours: tuple[str, ...]
    """What it is mostly coloured, where nobody says."""


SUBJECTS: dict[str, Kind] = {
    "boat": Kind(
        boat, ("boat", "sailboat", "ship", "sailing boat"), "ground", ("sea",), ("red", "white", "blue")
    ),
    "house": Kind(
        house, ("house", "home", "cottage"), "ground", ("meadow", "snow", "city"), ("red", "white", "yellow")
    ),
    "tree": Kind(tree, ("tree",), "ground", ("meadow", "snow", "city"), ("green",)),
    "cat": Kind(cat, ("cat", "kitten", "kitty"), "ground", ("room", "meadow"), ("orange", "black", "white")),
    "fish": Kind(fish, ("fish",), "ground", ("sea",), ("orange", "blue", "red")),
    "car": Kind(car, ("car", "automobile"), "ground", ("city", "desert"), ("red", "blue", "white")),
    "balloon": Kind(
        balloon,
        ("hot air balloon", "balloon", "hot-air balloon"),
        "sky",
        ("meadow", "desert"),
        ("red", "yellow", "purple"),
    ),
    "rocket": Kind(
        rocket, ("rocket", "spaceship", "space rocket"), "sky", ("desert", "city"), ("red", "white", "blue")
    ),
    "banana": Kind(banana, ("banana",), "ground", ("room",), ("yellow",)),
    "mug": Kind(
        mug, ("mug", "cup", "coffee cup", "coffee mug"), "ground", ("room",), ("white", "red", "blue")
    ),
}
