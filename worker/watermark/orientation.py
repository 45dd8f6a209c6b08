"""The eight ways in which a picture can lie: turned by quarters, and mirrored or not.

One transform tells of all of them: what a view's waves would be, had it been turned or mirrored, follows from
the waves that it has.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from worker.watermark.carriers import TILE, Floats, Waves, Whole


@dataclass(frozen=True)
class Orientation:
    """How the picture that is seen lies, compared with the one that was marked.

    It was mirrored, left for right, if ``flipped``; then it was turned clockwise by ``turned`` degrees: 0,
    90, 180 or 270.
    """

    flipped: bool = False
    turned: int = 0


UPRIGHT, MIRRORED = Orientation(), Orientation(flipped=True)
TURNED = tuple(Orientation(flipped, turned) for turned in (90, 180, 270) for flipped in (False, True))
EVERY = (UPRIGHT, MIRRORED, *TURNED)


def upright(grid: Floats, orientation: Orientation) -> Floats:
    """The picture (h, w) as it lay when it was marked, where it is seen in ``orientation``."""
    turned = np.rot90(grid, orientation.turned // 90)  # against the clock
    return turned[:, ::-1] if orientation.flipped else turned


def righted(waves: Waves, shape: tuple[int, ...], orientation: Orientation) -> Waves:
    """The waves (256, 129) of ``upright`` of a view of this shape (h, w), from those of the view."""
    height, width = shape
    quarters = orientation.turned // 90
    if quarters % 2:
        # Against the clock by 90°: the rows become the columns, and then the picture stands on its head.
        waves, height, width = _transposed(waves), width, height
    if quarters in (1, 2):
        waves = _upside_down(waves, height)
    if (quarters in (2, 3)) != orientation.flipped:
        waves = _mirrored(waves, width)
    return waves


def every_way(waves: Waves, shape: tuple[int, ...]) -> Iterator[tuple[Orientation, Waves]]:
    """Each orientation but the upright one, with the waves that the view would have without it."""
    for orientation in EVERY[1:]:
        yield orientation, righted(waves, shape, orientation)


def _mirrored(waves: Waves, width: int) -> Waves:
    """Left for right."""
    rows = -np.arange(TILE) % TILE
    return waves[rows].conj() * _delays(width, np.arange(waves.shape[1]))


def _upside_down(waves: Waves, height: int) -> Waves:
    rows = -np.arange(TILE) % TILE
    return waves[rows] * _delays(height, np.arange(TILE))[:, None]


def _transposed(waves: Waves) -> Waves:
    """Rows for columns: of a real picture's transform the other half mirrors this one."""
    columns = waves.shape[1]
    rows = -np.arange(TILE) % TILE
    whole = np.hstack([waves, waves[rows, columns - 2 : 0 : -1].conj()])
    return np.ascontiguousarray(whole.T[:, :columns])


@lru_cache(maxsize=64)
def _turning(side: int) -> Waves:
    return np.exp(-2j * np.pi / TILE * (side - 1) * np.arange(TILE)).astype(np.complex64)


def _delays(side: int, frequencies: Whole) -> Waves:
    """How far each frequency turns when a side is read from its other end."""
    return _turning(side)[frequencies]
