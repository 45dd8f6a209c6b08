"""The synthesis of a pattern from the spectra of its parts' tiles.

The tiles are repeated, and fade into one another from part to part. Only the ring's frequencies are not zero,
so multiplications by matrices of cosines and sines are cheaper than fast transforms.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from worker.watermark.canonical_view import Pixels
from worker.watermark.carriers import RING_ROWS, TILE, Floats, Waves, ring_basis

# In each part of the picture every code bit has its own strength.
PART = 128  # pixels of the canonical view
MOST_PARTS = 4, 6  # along the short and the long side


def part_weights(height: int, width: int) -> tuple[list[Pixels], list[Pixels]]:
    """Returns weights of parts down (h,) and across (w,): smooth, overlapping, with a sum of one."""
    short, long = sorted((height, width))
    counts = {short: min(MOST_PARTS[0], round(short / PART)), long: min(MOST_PARTS[1], round(long / PART))}
    return _fading_weights(height, max(1, counts[height])), _fading_weights(width, max(1, counts[width]))


def synthesize_pattern(
    spectra: tuple[Waves, Waves], down: Sequence[Pixels], across: Sequence[Pixels]
) -> Pixels:
    """Returns the pattern (h, w) of parts with weights ``down`` and ``across``.

    Args:
        spectra: what ``Carriers.spread`` returns for all parts, (p, 57, 57) each, in row order.
    """
    tile_rows = _rows_of_tiles(*spectra).reshape(TILE, len(down), len(across), -1)
    height, width = len(down[0]), len(across[0])
    rows = np.zeros((height, len(across), 2 * RING_ROWS), np.float32)
    for n, weights in enumerate(down):
        for top in range(0, height, TILE):
            faded = weights[top : top + TILE]
            if faded.any():
                rows[top : top + TILE] += tile_rows[: len(faded), n] * faded[:, None, None]
    pattern = np.zeros((height, width), np.float32)
    for n, weights in enumerate(across):
        columns = np.flatnonzero(weights)
        part = slice(columns[0], columns[-1] + 1)
        faded = weights[part, None] * np.repeat(np.array([1 / TILE, -1 / TILE], np.float32), RING_ROWS)
        pattern[:, part] += rows[:, n] @ (ring_basis(width)[part] * faded).T
    return pattern


def _rows_of_tiles(sums: Waves, differences: Waves) -> Floats:
    """Returns the rows (256, p · 114) of the parts' tiles: real and imaginary parts of each column's wave."""
    mixed = np.concatenate(
        [
            np.concatenate([sums.real, sums.imag], axis=2),
            np.concatenate([-differences.imag, differences.real], axis=2),
        ],
        axis=1,
    )
    return ring_basis(TILE) @ mixed.transpose(1, 0, 2).reshape(2 * RING_ROWS, -1)


def _fading_weights(side: int, count: int) -> list[Pixels]:
    middles = (np.arange(count) + 0.5) * side / count
    return [np.interp(np.arange(side), middles, each).astype(np.float32) for each in np.eye(count)]
