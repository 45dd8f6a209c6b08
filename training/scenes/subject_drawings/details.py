"""The colours and details that the drawings of subjects share."""

from __future__ import annotations

from collections.abc import Callable

from worker.scene_vocabulary.colours import COLOURS, RGB

from ..palette import luma
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


def draw_eye(pen: Pen, x: float, y: float, radius: float) -> None:
    """Draws a big round eye that looks at the viewer."""
    pen.ellipse(x, y, radius, radius * 1.1, WHITE)
    pen.ellipse(x, y + radius * 0.08, radius * 0.62, radius * 0.72, INK)
    pen.ellipse(x - radius * 0.2, y - radius * 0.26, radius * 0.24, radius * 0.24, WHITE)


def pattern_colour(colour: RGB) -> RGB:
    """Returns the colour of stripes and dots on ``colour``: white if it shows, else grey."""
    return WHITE if luma(colour) < 0.9 else (190, 196, 208)


def ink_colour(colour: RGB) -> RGB:
    """Returns the colour of eyes and mouths on ``colour``: dark if it shows, else light."""
    return INK if luma(colour) > 0.25 else WHITE
