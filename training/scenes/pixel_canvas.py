"""A canvas of pixels for shapes with smooth edges."""

from __future__ import annotations

import math
from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from worker.scene_vocabulary.colours import RGB

Point = tuple[float, float]
Points = NDArray[np.float64]
"""(n, 2): x and y."""
Picture = NDArray[np.uint8]
"""(height, width, 3), RGB, from 0 to 255."""

_SUBPIXEL_BITS = 6


class PixelCanvas:
    """Draws at a multiple of the final size and averages down, so that edges are smooth.

    Coordinates are pixels of the final picture, y downwards.
    """

    def __init__(self, width: int, height: int) -> None:
        self.width = width
        self.height = height
        self._scale = 4 if max(width, height) <= 256 else 2
        self._pixels = np.zeros((height * self._scale, width * self._scale, 3), np.uint8)

    @property
    def short(self) -> int:
        """Returns the short side in pixels."""
        return min(self.width, self.height)

    def fill(self, top: RGB, bottom: RGB, *, start: float = 0.0, end: float = 1.0) -> None:
        """Fills the rows from ``start`` to ``end`` (shares of the height) with a vertical gradient."""
        first, last = round(start * len(self._pixels)), round(end * len(self._pixels))
        shares = np.linspace(0.0, 1.0, max(last - first, 1))[: last - first, None, None]
        rows = np.asarray(top) * (1 - shares) + np.asarray(bottom) * shares
        self._pixels[first:last] = rows.round().astype(np.uint8)

    def polygon(self, points: Points, colour: RGB) -> None:
        cv2.fillPoly(
            self._pixels,
            [fixed_point(points * self._scale)],
            colour,
            lineType=cv2.LINE_8,
            shift=_SUBPIXEL_BITS,
        )

    def line(self, points: Points, width: float, colour: RGB) -> None:
        """Draws a line ``width`` pixels thick, with round ends."""
        thickness = max(1, round(width * self._scale))
        cv2.polylines(
            self._pixels,
            [fixed_point(points * self._scale)],
            isClosed=False,
            color=colour,
            thickness=thickness,
            lineType=cv2.LINE_8,
            shift=_SUBPIXEL_BITS,
        )

    def stamp(self, coverage: NDArray[np.uint8], centre: Point, height: float, colour: RGB) -> None:
        """Blends ``colour`` in by ``coverage`` (0 to 255), ``height`` pixels high around ``centre``."""
        rows = max(1, round(height * self._scale))
        columns = max(1, round(rows * coverage.shape[1] / coverage.shape[0]))
        left = round(centre[0] * self._scale - columns / 2)
        top = round(centre[1] * self._scale - rows / 2)
        shown = np.asarray(cv2.resize(coverage, (columns, rows), interpolation=cv2.INTER_AREA), np.float32)
        y0, x0 = max(top, 0), max(left, 0)
        target = self._pixels[y0 : top + rows, x0 : left + columns]
        inside = shown[y0 - top :, x0 - left :][: target.shape[0], : target.shape[1], None] / 255
        target[:] = (target * (1 - inside) + np.asarray(colour) * inside).round().astype(np.uint8)

    def picture(self) -> Picture:
        """Returns the picture at its final size."""
        size = (self.width, self.height)
        return np.asarray(cv2.resize(self._pixels, size, interpolation=cv2.INTER_AREA), np.uint8)


def fixed_point(points: Points) -> NDArray[np.int32]:
    """Converts to OpenCV's fixed-point coordinates. Its pixel centres are whole numbers, ours are halves."""
    return ((points - 0.5) * (1 << _SUBPIXEL_BITS)).round().astype(np.int32)


def arc_points(
    x: float, y: float, rx: float, ry: float, start: float = 0.0, end: float = 360.0
) -> list[Point]:
    """Returns points along an ellipse, from ``start`` to ``end`` degrees, clockwise from the right."""
    steps = max(3, round(abs(end - start) / 10))
    angles = [math.radians(start + (end - start) * i / steps) for i in range(steps + 1)]
    return [(x + rx * math.cos(a), y + ry * math.sin(a)) for a in angles]


def corner_points(left: float, top: float, right: float, bottom: float) -> Sequence[Point]:
    """Returns the corners of a box."""
    return [(left, top), (right, top), (right, bottom), (left, bottom)]
