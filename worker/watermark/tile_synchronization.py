"""Where the tile begins in a view: its pilots propose places, and the code bits say which of them is right.

At the right place the carriers of a code bit agree, whatever the bit is, so that the bits' energy stands out;
in texture it is heard farther than the pilots are.
"""

from __future__ import annotations

import cv2
import numpy as np

from worker.watermark.canonical_view import Spectrum
from worker.watermark.carriers import RING, TILE, Carriers, Floats, Waves, Whole
from worker.watermark.convolutional_code import CODE_BITS

# The highest of the pilots' peaks whose places the code bits are asked about, and the most that are decoded.
PROPOSED, MANY, PLACES = 48, 256, 2
# Deviations, the pilots' and the code bits' together, of which chance's best has 7 in one view of a hundred.
HEARD = 6.5
# A tile that was scaled seldom begins at a whole pixel.
FINER = (0.5, 0.25)
NEIGHBOURS = np.stack(np.meshgrid(*[[-1.0, 0.0, 1.0]] * 2, indexing="ij"), -1).reshape(-1, 2)


def places(seen: Spectrum, carriers: Carriers, proposed: int = PROPOSED) -> list[Floats]:
    """The likeliest beginnings (row, column), to a quarter of a pixel; none where nothing is heard."""
    return [begins for _, begins in loudest(seen, carriers, PLACES, proposed)]


def loudest(
    seen: Spectrum, carriers: Carriers, most: int, proposed: int = PROPOSED
) -> list[tuple[float, Floats]]:
    """The likeliest beginnings, ``most`` at most, each after how loud it is; none where nothing is heard."""
    begins = _proposed(seen, carriers, proposed)
    loud = loudness_at(seen, begins, carriers)
    likely = np.argsort(-loud)[:most]
    return [(float(loud[n]), _finer(seen, begins[n], carriers)) for n in likely if loud[n] >= HEARD]


def likeliest(seen: Spectrum, carriers: Carriers) -> list[Floats]:
    """The likeliest beginning alone, however little is heard there."""
    begins = _proposed(seen, carriers)
    return [_finer(seen, begins[loudness_at(seen, begins, carriers).argmax()], carriers)]


def _proposed(seen: Spectrum, carriers: Carriers, most: int = PROPOSED) -> Floats:
    """The places (n, 2) of the pilots' highest peaks, n at most, to a fraction of a pixel."""
    rows, columns = carriers.pilots.T
    half = np.zeros((TILE, TILE // 2 + 1), np.complex64)
    # A real transform counts the waves of its first column once and all others twice.
    half[rows, columns] = _aligned(seen, carriers) * np.where(columns == 0, 2, 1)
    surface = np.fft.irfft2(half, (TILE, TILE))
    around = np.pad(surface, 1, mode="wrap")
    peaks = np.flatnonzero(surface == cv2.dilate(around, np.ones((3, 3), np.uint8))[1:-1, 1:-1])
    highest = peaks[np.argsort(-surface.ravel()[peaks])[:most]]
    down, across = np.divmod(highest, TILE)
    return np.stack(
        [down + _top(around, down, across, (1, 0)), across + _top(around, down, across, (0, 1))], 1
    )


def _top(around: Floats, down: Whole, across: Whole, way: tuple[int, int]) -> Floats:
    """How far from each whole pixel a parabola through it and its neighbours has its top."""
    before, here, after = (around[down + 1 + n * way[0], across + 1 + n * way[1]] for n in (-1, 0, 1))
    return np.clip((after - before) / (2 * (2 * here - before - after) + 1e-9), -0.5, 0.5)


def _finer(seen: Spectrum, place: Floats, carriers: Carriers) -> Floats:
    for step in FINER:
        near = place + NEIGHBOURS * step
        place = near[loudness_at(seen, near, carriers).argmax()]
    return place


def loudness_at(seen: Spectrum, begins: Floats, carriers: Carriers) -> Floats:
    """How far the pilots and the code bits are above chance at each of these places (n, 2)."""
    aligned = _aligned(seen, carriers)
    turned = _turns(begins, carriers.pilots)
    peaks = (turned @ aligned).real / (np.sqrt(np.square(np.abs(aligned)).sum() / 2) + 1e-9)
    data = (seen.data * seen.strength**-0.8).astype(np.complex64)
    bits = carriers.gather(_turns(begins, carriers.data) * data)
    chance = float(np.square(np.abs(data)).sum()) / CODE_BITS + 1e-9
    return peaks + (np.square(bits).sum(axis=1) / chance - CODE_BITS) / np.sqrt(2 * CODE_BITS)


def _aligned(seen: Spectrum, carriers: Carriers) -> Waves:
    return (seen.pilots * np.exp(-1j * carriers.pilot_phases)).astype(np.complex64)


def _turns(begins: Floats, frequencies: Whole) -> Waves:
    """How far each frequency (k, 2) has turned at each place (n, 2): (n, k)."""
    every = np.arange(-RING[1], RING[1] + 1)
    down, across = (
        np.exp(2j * np.pi / TILE * np.outer(side, every)).astype(np.complex64) for side in begins.T
    )
    rows, columns = (frequencies + RING[1]).T
    return down[:, rows] * across[:, columns]
