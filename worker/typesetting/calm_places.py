"""Calm places of a picture: where little happens, so that words can stand there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from worker.engines.protocol import Picture
from worker.typesetting.text_block import TextBlock
from worker.vision.contrast_finder import contrast_to_border

Flags = NDArray[np.bool_]
Cost = NDArray[np.float32]

_AS_GOOD = 1.06
_PADDING = 0.25  # of the size of letters, around them
_STEPS = 24  # sizes that are tried between the least and the largest
_FLAT = 4.0  # of CIELAB's units a pixel: below it a surface is even, or slowly shaded
_CLUTTER, _THING, _OFF_CENTRE, _MIDDLE = 1.0, 1.4, 0.45, 0.35  # how much each of them costs


@dataclass(frozen=True)
class Rectangle:
    """A rectangle in pixels: its upper left corner, its width and its height."""

    x: int
    y: int
    width: int
    height: int

    @property
    def corners(self) -> NDArray[np.float32]:
        """Returns (4, 2), from the upper left one on, clockwise."""
        right, bottom = self.x + self.width, self.y + self.height
        return np.array([(self.x, self.y), (right, self.y), (right, bottom), (self.x, bottom)], np.float32)


def measure_clutter(picture: Picture) -> Cost:
    """Returns (H, W): how fast the colours change at each pixel, in CIELAB's units a pixel."""
    lab = cv2.GaussianBlur(cv2.cvtColor(picture, cv2.COLOR_RGB2LAB), (0, 0), 1.0)
    across, down = (
        cv2.Sobel(lab, cv2.CV_32F, 1, 0, scale=0.125),
        cv2.Sobel(lab, cv2.CV_32F, 0, 1, scale=0.125),
    )
    return np.sqrt((across**2 + down**2).sum(axis=2)).astype(np.float32)


def find_flat(picture: Picture) -> Flags:
    """Returns (H, W): True where a surface is even."""
    return measure_clutter(picture) < _FLAT


def measure_cost(picture: Picture) -> Cost:
    """Returns (H, W): what it costs to cover each pixel with words: clutter, things, and the very middle."""
    height, width = picture.shape[:2]
    clutter = np.minimum(cv2.GaussianBlur(measure_clutter(picture), (0, 0), 3.0) / _FLAT, 2.0)
    things = np.minimum(contrast_to_border(picture) / 40.0, 1.5)
    x = np.abs(np.linspace(-1, 1, width, dtype=np.float32))[None, :]
    y = np.abs(np.linspace(-1, 1, height, dtype=np.float32))[:, None]
    return np.asarray(_CLUTTER * clutter + _THING * things + _OFF_CENTRE * x + _MIDDLE * (1 - y), np.float32)


def largest_fit(
    allowed: Flags,
    blocks: Sequence[TextBlock],
    least: float,
    most: float,
    height_share: float = 0.5,
) -> Rectangle | None:
    """Returns the rectangle, all allowed, in which a block's letters are the largest; None if none fits.

    Sizes are in pixels. Of equal places the one nearest to the middle wins; that lies at ``height_share`` of
    the allowed area's height, from above.
    """
    if not allowed.any():
        return None
    sums = np.asarray(cv2.integral(allowed.astype(np.uint8)), np.int32)
    middle = _middle_of(allowed, height_share)
    for size in np.geomspace(most, least, _STEPS):
        for block in blocks:
            width, height = (round((side + 2 * _PADDING) * size) for side in (block.width, block.height))
            if place := _fit(sums, width, height, middle):
                return place
    return None


def calmest_place(cost: Cost, width: int, height: int, margin: int) -> Rectangle:
    """Returns the place of that size, ``margin`` from the edges, where covering costs the least."""
    sums = cv2.integral(cost.astype(np.float64))
    rows, columns = cost.shape[0] - height + 1, cost.shape[1] - width + 1
    covered = sums[height:, width:] - sums[:rows, width:] - sums[height:, :columns] + sums[:rows, :columns]
    inset_y, inset_x = min(margin, (rows - 1) // 2), min(margin, (columns - 1) // 2)
    within = covered[inset_y : rows - inset_y, inset_x : columns - inset_x]
    good = within <= within.min() * _AS_GOOD + 1e-6
    away = np.abs(np.arange(within.shape[1]) - within.shape[1] / 2)[None, :] + np.where(good, 0, cost.size)
    x = int(away.min(axis=0).argmin())  # of places that are about as good, the one in the middle
    y = int(np.where(good[:, x], within[:, x], np.inf).argmin())
    return Rectangle(int(x) + inset_x, int(y) + inset_y, width, height)


def _fit(sums: NDArray[np.int32], width: int, height: int, middle: tuple[float, float]) -> Rectangle | None:
    rows, columns = sums.shape[0] - height, sums.shape[1] - width
    if rows <= 0 or columns <= 0 or width < 1 or height < 1:
        return None
    held = sums[height:, width:] - sums[:rows, width:] - sums[height:, :columns] + sums[:rows, :columns]
    y, x = np.nonzero(held == width * height)
    if not len(x):
        return None
    nearest = int(np.argmin(np.hypot(x + width / 2 - middle[0], y + height / 2 - middle[1])))
    return Rectangle(int(x[nearest]), int(y[nearest]), width, height)


def _middle_of(allowed: Flags, height_share: float) -> tuple[float, float]:
    y, x = np.nonzero(allowed)
    return float(x.mean()), float(np.quantile(y, height_share))
