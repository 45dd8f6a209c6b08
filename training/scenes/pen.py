"""A pen that draws in a figure's own frame, and the surfaces that it draws on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from worker.scene_vocabulary.colours import RGB

from .pixel_canvas import Point, Points, arc_points, corner_points, fixed_point

_CIRCLE: Points = np.asarray(arc_points(0.0, 0.0, 1.0, 1.0)[:-1], np.float64)


class Surface(Protocol):
    """A surface for a pen. Coordinates are pixels of the picture."""

    def polygon(self, points: Points, colour: RGB) -> None: ...

    def line(self, points: Points, width: float, colour: RGB) -> None: ...


def keep_colour(colour: RGB) -> RGB:
    """Returns the colour as it is."""
    return colour


class Pen:
    """Draws in a subject's own frame: x and y from -1 to 1, y downwards, y = 1 where it stands."""

    def __init__(
        self,
        surface: Surface,
        centre: Point,
        half: float,
        *,
        flip: bool = False,
        tint: Callable[[RGB], RGB] = keep_colour,
    ) -> None:
        """``half`` is half the frame's side in pixels. ``tint`` is applied to every colour."""
        self._surface = surface
        self._centre = np.asarray(centre, np.float64)
        self._half = half
        self._scale = np.asarray((-half if flip else half, half), np.float64)
        self._tint = tint

    def polygon(self, points: Sequence[Point] | Points, colour: RGB) -> None:
        self._surface.polygon(self._placed(points), self._tint(colour))

    def ellipse(self, x: float, y: float, rx: float, ry: float, colour: RGB) -> None:
        self.polygon(_CIRCLE * (rx, ry) + (x, y), colour)

    def box(self, left: float, top: float, right: float, bottom: float, colour: RGB) -> None:
        self.polygon(corner_points(left, top, right, bottom), colour)

    def line(self, points: Sequence[Point], width: float, colour: RGB) -> None:
        self._surface.line(self._placed(points), width * self._half, self._tint(colour))

    def _placed(self, points: Sequence[Point] | Points) -> Points:
        return np.asarray(points, np.float64) * self._scale + self._centre


class Contour:
    """A surface that grows every shape by ``width`` pixels and gives it one colour.

    The figure is then drawn over it, so that an outline remains."""

    def __init__(self, surface: Surface, width: float, colour: RGB) -> None:
        self._surface = surface
        self._width = width
        self._colour = colour

    def polygon(self, points: Points, colour: RGB) -> None:
        del colour
        self._surface.polygon(points, self._colour)
        self._surface.line(np.concatenate([points, points[:1]]), 2 * self._width, self._colour)

    def line(self, points: Points, width: float, colour: RGB) -> None:
        del colour
        self._surface.line(points, width + 2 * self._width, self._colour)


class Extent:
    """A surface that only records the bounding box of its shapes."""

    def __init__(self) -> None:
        self._low = np.full(2, np.inf)
        self._high = np.full(2, -np.inf)

    def polygon(self, points: Points, colour: RGB) -> None:
        del colour
        self._include(points, 0.0)

    def line(self, points: Points, width: float, colour: RGB) -> None:
        del colour
        self._include(points, width / 2)

    @property
    def box(self) -> tuple[float, float, float, float]:
        """Returns left, top, right, bottom in pixels."""
        left, top = self._low.tolist()
        right, bottom = self._high.tolist()
        return left, top, right, bottom

    def _include(self, points: Points, margin: float) -> None:
        self._low = np.minimum(self._low, points.min(axis=0) - margin)
        self._high = np.maximum(self._high, points.max(axis=0) + margin)


class Silhouette:
    """A surface of whole numbers: every pixel that a shape covers becomes ``number``."""

    def __init__(self, width: int, height: int) -> None:
        self.pixels: NDArray[np.uint8] = np.zeros((height, width), np.uint8)
        self.number = 1

    def polygon(self, points: Points, colour: RGB) -> None:
        del colour
        cv2.fillPoly(self.pixels, [fixed_point(points)], (self.number,), lineType=cv2.LINE_8, shift=6)

    def line(self, points: Points, width: float, colour: RGB) -> None:
        del colour
        thickness = max(1, round(width))
        cv2.polylines(self.pixels, [fixed_point(points)], False, (self.number,), thickness, cv2.LINE_8, 6)
