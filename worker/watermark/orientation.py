"""The eight orientations of a picture: turned by multiples of 90 degrees, mirrored or not.

One Fourier transform serves all of them: the waves of a turned or mirrored view follow from those of the
view.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from worker.watermark.carriers import TILE, Floats, Integers, Waves


@dataclass(frozen=True)
class Orientation:
    """The orientation of a picture relative to the one that was marked.

    The picture was mirrored left to right if ``flipped``, and then turned clockwise by ``turned`` degrees: 0,
    90, 180 or 270.
    """

    flipped: bool = False
    turned: int = 0


UPRIGHT, MIRRORED = Orientation(), Orientation(flipped=True)
TURNED = tuple(Orientation(flipped, turned) for turned in (90, 180, 270) for flipped in (False, True))
ORIENTATIONS = (UPRIGHT, MIRRORED, *TURNED)


def turn_upright(grid: Floats, orientation: Orientation) -> Floats:
    """Returns the picture (h, w) as it was marked, from one that is seen in ``orientation``."""
    turned = np.rot90(grid, orientation.turned // 90)  # counterclockwise
    return turned[:, ::-1] if orientation.flipped else turned


def turn_waves_upright(waves: Waves, shape: tuple[int, ...], orientation: Orientation) -> Waves:
    """Returns the waves (256, 129) of ``turn_upright`` of a view, from the view's waves and shape (h, w)."""
    height, width = shape
    quarters = orientation.turned // 90
    if quarters % 2:
        # Counterclockwise by 90°: transpose, and then flip upside down.
        waves, height, width = _transpose_waves(waves), width, height
    if quarters in (1, 2):
        waves = _flip_waves(waves, height)
    if (quarters in (2, 3)) != orientation.flipped:
        waves = _mirror_waves(waves, width)
    return waves


def waves_in_every_orientation(waves: Waves, shape: tuple[int, ...]) -> Iterator[tuple[Orientation, Waves]]:
    """Yields each orientation except the upright one, with the waves of the view turned upright."""
    for orientation in ORIENTATIONS[1:]:
        yield orientation, turn_waves_upright(waves, shape, orientation)


def _mirror_waves(waves: Waves, width: int) -> Waves:
    """Mirrors left to right."""
    rows = -np.arange(TILE) % TILE
    return waves[rows].conj() * _side_delays(width, np.arange(waves.shape[1]))


def _flip_waves(waves: Waves, height: int) -> Waves:
    rows = -np.arange(TILE) % TILE
    return waves[rows] * _side_delays(height, np.arange(TILE))[:, None]


def _transpose_waves(waves: Waves) -> Waves:
    """Swaps rows and columns; the missing half of a real transform mirrors this one."""
    columns = waves.shape[1]
    rows = -np.arange(TILE) % TILE
    whole = np.hstack([waves, waves[rows, columns - 2 : 0 : -1].conj()])
    return np.ascontiguousarray(whole.T[:, :columns])


@lru_cache(maxsize=64)
def _end_delays(side: int) -> Waves:
    return np.exp(-2j * np.pi / TILE * (side - 1) * np.arange(TILE)).astype(np.complex64)


def _side_delays(side: int, frequencies: Integers) -> Waves:
    """Returns the phase factors of the frequencies when a side is read from its other end."""
    return _end_delays(side)[frequencies]
