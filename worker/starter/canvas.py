"""A picture to draw on in shapes, smooth-edged at any resolution."""

from __future__ import annotations

import math
from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from .palette import Colour, lit

Point = tuple[float, float]
Picture = NDArray[np.uint8]
"""Height × width × 3, RGB, 0 to 255."""

_SUBPIXEL_BITS = 6
_WHITE_LIGHT = (1.0, 1.0, 1.0)


class Canvas:
    """Draws at a multiple of the final size and averages down, so that edges are smooth.

    Coordinates are pixels of the final picture, y downwards.
    """

    def __init__(self, width: int, height: int) -> None:
        self.width = width
        self.height = height
        self._scale = 4 if max(width, height) <= 256 else 2
        self._pixels = np.zeros((height * self._scale, width * self._scale, 3), np.uint8)

    def fill(self, top: Colour, bottom: Colour, *, start: float = 0.0, end: float = 1.0) -> None:
        """Fills the rows from ``start`` to ``end`` (shares of the height) with a vertical gradient."""
        first, last = round(start * len(self._pixels)), round(end * len(self._pixels))
        shares = np.linspace(0.0, 1.0, max(last - first, 1))[: last - first, None, None]
        rows = np.asarray(top) * (1 - shares) + np.asarray(bottom) * shares
        self._pixels[first:last] = rows.round().astype(np.uint8)

    def polygon(self, points: Sequence[Point], colour: Colour) -> None:
        cv2.fillPoly(self._pixels, [self._fixed(points)], colour, lineType=cv2.LINE_8, shift=_SUBPIXEL_BITS)

    def line(self, points: Sequence[Point], width: float, colour: Colour) -> None:
        """A line ``width`` pixels thick, with round ends."""
        thickness = max(1, round(width * self._scale))
        cv2.polylines(
            self._pixels, [self._fixed(points)], False, colour, thickness, cv2.LINE_8, _SUBPIXEL_BITS
        )

    def picture(self) -> Picture:
        size = (self.width, self.height)
        return np.asarray(cv2.resize(self._pixels, size, interpolation=cv2.INTER_AREA), np.uint8)

    def _fixed(self, points: Sequence[Point]) -> NDArray[np.int32]:
        # OpenCV's pixel centres lie at whole numbers, ours at halves.
        scaled = np.asarray(points, np.float64) * self._scale - 0.5
        return (scaled * (1 << _SUBPIXEL_BITS)).round().astype(np.int32)


class Pen:
    """Draws in a subject's own frame: x and y from -1 to 1, y downwards, y = 1 where it stands."""

    def __init__(
        self,
        canvas: Canvas,
        centre: Point,
        half: float,
        *,
        flip: bool = False,
        tilt: float = 0.0,
        light: tuple[float, float, float] = _WHITE_LIGHT,
    ) -> None:
        """``half`` is half the frame's side in pixels; ``tilt`` is in radians, clockwise."""
        self._canvas = canvas
        self._centre = centre
        self._half = half
        self._sign = -1.0 if flip else 1.0
        self._cos, self._sin = math.cos(tilt), math.sin(tilt)
        self._light = light

    def polygon(self, points: Sequence[Point], colour: Colour) -> None:
        self._canvas.polygon([self._place(p) for p in points], lit(colour, self._light))

    def ellipse(self, x: float, y: float, rx: float, ry: float, colour: Colour) -> None:
        self.polygon(arc(x, y, rx, ry), colour)

    def box(self, left: float, top: float, right: float, bottom: float, colour: Colour) -> None:
        self.polygon([(left, top), (right, top), (right, bottom), (left, bottom)], colour)

    def line(self, points: Sequence[Point], width: float, colour: Colour) -> None:
        placed = [self._place(p) for p in points]
        self._canvas.line(placed, width * self._half, lit(colour, self._light))

    def _place(self, point: Point) -> Point:
        x, y = point[0] * self._sign, point[1]
        return (
            self._centre[0] + self._half * (x * self._cos - y * self._sin),
            self._centre[1] + self._half * (x * self._sin + y * self._cos),
        )


def arc(x: float, y: float, rx: float, ry: float, start: float = 0.0, end: float = 360.0) -> list[Point]:
    """Points along an ellipse, from ``start`` to ``end`` degrees, clockwise from the right."""
    steps = max(3, round(abs(end - start) / 10))
    angles = [math.radians(start + (end - start) * i / steps) for i in range(steps + 1)]
    return [(x + rx * math.cos(a), y + ry * math.sin(a)) for a in angles]
