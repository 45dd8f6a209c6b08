"""What a kind of subject is: how it is drawn, what people call it, and where it is at home."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ..palette import COLOURS, Colour, brightness
from ..pen import Pen

WHITE = COLOURS["white"]
INK: Colour = (30, 26, 38)
GLASS: Colour = (178, 224, 244)
WOOD: Colour = (124, 78, 44)
CREAM: Colour = (252, 234, 200)
GOLD: Colour = (252, 206, 60)
LEAF: Colour = (64, 158, 70)


@dataclass(frozen=True)
class Kind:
    """A kind of subject, drawn in its own frame (see :class:`~training.scenes.pen.Pen`) in any colour."""

    draw: Callable[[Pen, Colour], None]
    names: tuple[str, ...]
    """The first is the plain one."""
    plural: tuple[str, ...]
    """Of each name, in the same order."""
    homes: tuple[str, ...]
    """The settings that nobody needs to name."""
    colours: tuple[str, ...]
    """What it is mostly coloured, where nobody says."""
    flies: bool = False


def eye(pen: Pen, x: float, y: float, radius: float) -> None:
    """A big round eye that looks at whoever looks at the picture."""
    pen.ellipse(x, y, radius, radius * 1.1, WHITE)
    pen.ellipse(x, y + radius * 0.08, radius * 0.62, radius * 0.72, INK)
    pen.ellipse(x - radius * 0.2, y - radius * 0.26, radius * 0.24, radius * 0.24, WHITE)


def pattern(colour: Colour) -> Colour:
    """Stripes and dots upon ``colour``: white where white shows, else grey."""
    return WHITE if brightness(colour) < 0.9 else (190, 196, 208)


def ink(colour: Colour) -> Colour:
    """Eyes and mouths upon ``colour``: dark where dark shows, else light."""
    return INK if brightness(colour) > 0.25 else WHITE
