"""The colours and details that the drawings of subjects share."""

from __future__ import annotations

from collections.abc import Callable

from worker.scene_vocabulary.colours import COLOURS, RGB

from ..palette import brightness
from ..pen import Pen

WHITE = COLOURS["white"]
INK: RGB = (30, 26, 38)
GLASS: RGB = (178, 224, 244)
WOOD: RGB = (124, 78, 44)
CREAM: RGB = (252, 234, 200)
GOLD: RGB = (252, 206, 60)
LEAF: RGB = (64, 158, 70)


SubjectDrawing = Callable[[Pen, RGB], None]
"""Draws a subject in its own frame (see :class:`~training.scenes.pen.Pen`), in the given colour."""


def eye(pen: Pen, x: float, y: float, radius: float) -> None:
    """A big round eye that looks at whoever looks at the picture."""
    pen.ellipse(x, y, radius, radius * 1.1, WHITE)
    pen.ellipse(x, y + radius * 0.08, radius * 0.62, radius * 0.72, INK)
    pen.ellipse(x - radius * 0.2, y - radius * 0.26, radius * 0.24, radius * 0.24, WHITE)


def pattern(colour: RGB) -> RGB:
    """Stripes and dots upon ``colour``: white where white shows, else grey."""
    return WHITE if brightness(colour) < 0.9 else (190, 196, 208)


def ink(colour: RGB) -> RGB:
    """Eyes and mouths upon ``colour``: dark where dark shows, else light."""
    return INK if brightness(colour) > 0.25 else WHITE
