"""The blocks of a canonical view: what each block says, and which blocks a piece of the picture holds."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from worker.watermark.canonical_view import Luma, Pixels
from worker.watermark.carriers import RING, TILE, Carriers, Floats, Integers, Waves

BLOCK = 64  # pixels of the canonical view, approximately
# A piece's share of the area, and the number of places along each side from which such pieces are cut.
PIECES = ((0.5, 3), (0.25, 5))
# A piece of a quarter matters more, because it is read the worst.
WEIGHTS = (1.0, 3.0)


class ViewBlocks:
    """The n blocks of a view (h, w), in row order."""

    def __init__(self, height: int, width: int) -> None:
        self._rows, self._columns = _block_edges(height), _block_edges(width)
        self._across = _fourier_basis(np.arange(width), np.arange(RING[1] + 1))
        down = _fourier_basis(np.arange(height), np.arange(-RING[1], RING[1] + 1)).T
        self._down = np.stack([down.real, down.imag])

    def block_means(self, values: Luma) -> Floats:
        """Returns the mean of ``values`` (h, w) in each block: (n,)."""
        down = np.add.reduceat(values, self._rows[:-1], axis=0)
        sums = np.add.reduceat(down, self._columns[:-1], axis=1)
        return (sums / np.outer(np.diff(self._rows), np.diff(self._columns))).ravel().astype(np.float32)

    def part_shares(self, down: Sequence[Pixels], across: Sequence[Pixels]) -> Pixels:
        """Returns each block's shares (n, p) of the parts whose weights are ``down`` times ``across``."""
        rows, columns = (
            np.array([np.add.reduceat(weights, edges[:-1]) / np.diff(edges) for weights in side]).T
            for side, edges in ((down, self._rows), (across, self._columns))
        )
        return np.kron(rows, columns).astype(np.float32)

    def piece_shares(self) -> tuple[Pixels, Pixels]:
        """Returns each block's share in m pieces, the whole first: (m, n); and the pieces' weights (m,)."""
        blocks = (len(self._rows) - 1) * (len(self._columns) - 1)
        piece_rows: list[Floats] = [np.ones((1, blocks))]
        weights: list[Floats] = [np.ones(1)]
        for (keep, places), weight in zip(PIECES, WEIGHTS, strict=True):
            piece_rows.append(
                np.kron(*(_covered_shares(edges, keep**0.5, places) for edges in (self._rows, self._columns)))
            )
            weights.append(np.full(places**2, weight / places**2))
        return np.concatenate(piece_rows).astype(np.float32), np.concatenate(weights).astype(np.float32)

    def whole_share(self) -> tuple[Pixels, Pixels]:
        """Returns the same as ``piece_shares``, for the whole picture only."""
        piece_rows, weights = self.piece_shares()
        return piece_rows[:1], weights[:1]

    def gather_code_bits(self, residual: Luma, carriers: Carriers, trust: Floats) -> Floats:
        """Returns what each block says of the code bits (n, 312); ``trust`` (k,) weights the frequencies."""
        rows, columns = carriers.data[:, 0] + RING[1], carriers.data[:, 1]
        soft_bits: list[Floats] = []
        for top, bottom in pairwise(self._rows):
            # Only the ring's frequencies of real numbers: cheaper than a fast transform.
            down = (self._down[:, :, top:bottom] @ residual[top:bottom]).transpose(1, 2, 0)
            waves = np.ascontiguousarray(down).view(np.complex64)[..., 0]
            blocks = [
                waves[:, left:right] @ self._across[left:right] for left, right in pairwise(self._columns)
            ]
            ring_waves = np.array([each[rows, columns] for each in blocks])
            soft_bits.append(carriers.gather(ring_waves * trust.astype(np.float32)))
        return np.concatenate(soft_bits)


def _block_edges(side: int) -> Integers:
    return np.rint(np.linspace(0, side, max(1, round(side / BLOCK)) + 1)).astype(np.int64)


def _covered_shares(edges: Integers, share: float, places: int) -> Floats:
    """Returns how much of each block lies in intervals that are ``share`` of the side: (places, blocks)."""
    starts = np.linspace(0, edges[-1] * (1 - share), places)[:, None]
    overlap = np.minimum(starts + edges[-1] * share, edges[1:]) - np.maximum(starts, edges[:-1])
    return np.clip(overlap, 0, None) / np.diff(edges)


def _fourier_basis(places: Integers, frequencies: Integers) -> Waves:
    return np.exp(-2j * np.pi / TILE * np.outer(places, frequencies)).astype(np.complex64)
