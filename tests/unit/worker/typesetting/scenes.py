"""Pictures of surfaces, drawn as plainly as tests need them."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from worker.engines.protocol import Picture

SIGN = ((0.25, 0.2), (0.8, 0.28), (0.78, 0.55), (0.27, 0.52))
"""The corners of the sign, in fractions of the sides."""


def meadow(side: int = 256) -> Picture:
    """Returns a sky over a meadow with bushes."""
    picture = np.empty((side, side, 3), np.float32)
    picture[:] = (0.55, 0.75, 0.95)
    picture[round(0.68 * side) :] = (0.45, 0.6, 0.35)
    random = np.random.default_rng(3)
    for x, y, radius in zip(
        random.uniform(0, 1, 12), random.uniform(0.6, 0.75, 12), random.uniform(0.03, 0.08, 12), strict=True
    ):
        centre = (round(x * side), round(y * side))
        cv2.circle(picture, centre, round(radius * side), (0.2, 0.3, 0.2), -1, cv2.LINE_AA)
    return picture


def sign(side: int = 256) -> Picture:
    """Returns the meadow with a sign in perspective."""
    picture = meadow(side)
    _fill(picture, SIGN, (0.93, 0.88, 0.76))
    cv2.polylines(picture, [_pixels(SIGN, side)], True, (0.3, 0.18, 0.1), max(1, side // 90), cv2.LINE_AA)
    return picture


def shirt(side: int = 256) -> Picture:
    """Returns a person in a blue shirt before a wall."""
    picture = np.full((side, side, 3), (0.8, 0.8, 0.78), np.float32)
    outline = (
        (0.3, 0.42),
        (0.7, 0.42),
        (0.82, 0.6),
        (0.72, 0.66),
        (0.68, 0.58),
        (0.68, 0.98),
        (0.32, 0.98),
        (0.32, 0.58),
        (0.28, 0.66),
        (0.18, 0.6),
    )
    _fill(picture, outline, (0.15, 0.3, 0.7))
    cv2.circle(
        picture, (side // 2, round(0.24 * side)), round(0.13 * side), (0.9, 0.72, 0.6), -1, cv2.LINE_AA
    )
    return picture


def cake(side: int = 256) -> Picture:
    """Returns a pink cake on a table."""
    picture = np.full((side, side, 3), (0.95, 0.88, 0.8), np.float32)
    picture[round(0.8 * side) :] = (0.6, 0.4, 0.3)
    _fill(picture, ((0.17, 0.42), (0.83, 0.42), (0.83, 0.85), (0.17, 0.85)), (0.97, 0.7, 0.78))
    return picture


def _fill(
    picture: Picture, corners: tuple[tuple[float, float], ...], colour: tuple[float, float, float]
) -> None:
    cv2.fillPoly(picture, [_pixels(corners, len(picture))], colour, cv2.LINE_AA)


def _pixels(corners: tuple[tuple[float, float], ...], side: int) -> NDArray[np.int32]:
    return np.round(np.array(corners) * side).astype(np.int32)
