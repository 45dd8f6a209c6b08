"""The synthesis of a pattern from the spectra of its parts' tiles.

The tiles are repeated, and fade into one another from part to part. Only the ring's frequencies are not zero,
so multiplications by matrices of cosines and sines are cheaper than fast transforms.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from worker.watermark.canonical_view import Pixels
from worker.watermark.carriers import RING_ROWS, TILE, Floats, ring_basis

# In each part of the picture every code bit has its own strength.
PART = 128  # pixels of the canonical view
MOST_PARTS = 4, 6  # along the short and the long side


def part_weights(height: int, width: int) -> tuple[list[Pixels], list[Pixels]]:
    """Returns weights of parts down (h,) and across (w,): smooth, overlapping, with a sum of one."""
    short, long = sorted((height, width))
    counts = {short: min(MOST_PARTS[0], round(short / PART)), long: min(MOST_PARTS[1], round(long / PART))}
    return _fading_weights(height, max(1, counts[height])), _fading_weights(width, max(1, counts[width]))


def synthesize_pattern(waves: Floats, down: Sequence[Pixels], across: Sequence[Pixels]) -> Pixels:
    """Returns the pattern (h, w) of parts with weights ``down`` and ``across``.

    Args:
        waves: what ``Carriers.spread`` returns for all parts, (p, 2, 57, 114), in row order.
    """
    height, width = len(down[0]), len(across[0])
    parts = _between_bases(waves).reshape(len(down), len(across), 2 * RING_ROWS, 2 * RING_ROWS)
    rows = np.zeros((len(across), height, 2 * RING_ROWS), np.float32)
    for some, weights in zip(parts, down, strict=True):
        part, faded = _faded_basis(weights)
        rows[:, part] += faded @ some
    pattern = np.zeros((height, width), np.float32)
    for some, weights in zip(rows, across, strict=True):
        part, faded = _faded_basis(weights)
        pattern[:, part] += some @ faded.T
    return pattern


def _faded_basis(weights: Pixels) -> tuple[slice, Pixels]:
    """Returns the pixels of a side in which a part is seen, and the ring's basis there times its weights."""
    seen = np.flatnonzero(weights)
    part = slice(int(seen[0]), int(seen[-1]) + 1)
    return part, ring_basis(len(weights))[part] * weights[part, None]


def _between_bases(waves: Floats) -> Floats:
    """Returns the matrices (p, 114, 114) between the bases of the rows and columns of the parts' tiles."""
    count, _, rows, columns = waves.shape
    matrices = np.empty((count, 2 * rows, columns), np.float32)
    cosines, sines = matrices[:, :rows], matrices[:, rows:]
    np.add(waves[:, 0], waves[:, 1], out=cosines)
    np.subtract(waves[:, 0, :, rows:], waves[:, 1, :, rows:], out=sines[..., :rows])
    np.subtract(waves[:, 1, :, :rows], waves[:, 0, :, :rows], out=sines[..., rows:])
    matrices /= TILE
    return matrices


def _fading_weights(side: int, count: int) -> list[Pixels]:
    middles = (np.arange(count) + 0.5) * side / count
    return [np.interp(np.arange(side), middles, each).astype(np.float32) for each in np.eye(count)]
