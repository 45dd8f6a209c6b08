"""The blocks of a canonical view: what each block says, and which blocks a piece of the picture holds."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise

import numpy as np

from worker.watermark.canonical_view import Luma, Pixels
from worker.watermark.carriers import RING_ROWS, Carriers, Floats, Integers, ring_basis

BLOCK = 64  # pixels of the canonical view, approximately
# A piece's share of the area, and the number of places along each side from which such pieces are cut.
PIECES = ((0.5, 3), (0.25, 5))
# A piece of a quarter matters more, because it is read the worst.
WEIGHTS = (1.0, 3.0)


@lru_cache(maxsize=8)
def divide_view(height: int, width: int) -> ViewBlocks:
    """Returns the blocks of a view (h, w), the same for every picture of this shape."""
    return ViewBlocks(height, width)


class ViewBlocks:
    """The n blocks of a view (h, w), in row order."""

    def __init__(self, height: int, width: int) -> None:
        self._rows, self._columns = _block_edges(height), _block_edges(width)
        self._down, self._across = ring_basis(height).T.copy(), ring_basis(width)

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
        weights = carriers.weights_of(trust)
        columns = list(pairwise(self._columns))
        products = np.empty((len(columns), 2 * RING_ROWS, 2 * RING_ROWS), np.float32)
        soft_bits: list[Floats] = []
        for top, bottom in pairwise(self._rows):
            # Only the ring's frequencies of real numbers: cheaper than a fast transform.
            down = self._down[:, top:bottom] @ residual[top:bottom]
            for product, (left, right) in zip(products, columns, strict=True):
                np.matmul(down[:, left:right], self._across[left:right], out=product)
            soft_bits.append(carriers.gather_ring(_ring_waves(products), weights))
        return np.concatenate(soft_bits)


def _ring_waves(products: Floats) -> Floats:
    """Returns ``Carriers.gather_ring``'s waves (n, 4, 57, 57) from products of both bases (n, 114, 114)."""
    cos, sin = products[:, :RING_ROWS], products[:, RING_ROWS:]
    cos_cos, cos_sin = cos[..., :RING_ROWS], cos[..., RING_ROWS:]
    sin_cos, sin_sin = sin[..., :RING_ROWS], sin[..., RING_ROWS:]
    waves = np.empty((len(products), 4, RING_ROWS, RING_ROWS), np.float32)
    np.subtract(cos_cos, sin_sin, out=waves[:, 0])
    np.add(cos_sin, sin_cos, out=waves[:, 1])
    np.negative(waves[:, 1], out=waves[:, 1])
    np.add(cos_cos, sin_sin, out=waves[:, 2])
    np.subtract(sin_cos, cos_sin, out=waves[:, 3])
    return waves


def _block_edges(side: int) -> Integers:
    return np.rint(np.linspace(0, side, max(1, round(side / BLOCK)) + 1)).astype(np.int64)


def _covered_shares(edges: Integers, share: float, places: int) -> Floats:
    """Returns how much of each block lies in intervals that are ``share`` of the side: (places, blocks)."""
    starts = np.linspace(0, edges[-1] * (1 - share), places)[:, None]
    overlap = np.minimum(starts + edges[-1] * share, edges[1:]) - np.maximum(starts, edges[:-1])
    return np.clip(overlap, 0, None) / np.diff(edges)
