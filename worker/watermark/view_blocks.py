"""The blocks of a canonical view: what each block says, and which blocks a piece of the picture holds."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise

import numpy as np

from worker.watermark.canonical_view import Luma, Pixels
from worker.watermark.carriers import RING_ROWS, Carriers, Floats, Integers, ring_basis
from worker.watermark.convolutional_code import CODE_BITS

BLOCK = 64  # pixels of the canonical view, approximately
# A piece's share of the area, and the number of places along each side from which such pieces are cut.
PIECES = ((0.5, 3), (0.25, 5))
# A piece of a quarter matters more, because it is read the worst.
WEIGHTS = (1.0, 6.0)


@lru_cache(maxsize=8)
def divide_view(height: int, width: int) -> ViewBlocks:
    """Returns the blocks of a view (h, w), the same for every picture of this shape."""
    return ViewBlocks(height, width)


class ViewBlocks:
    """The n blocks of a view (h, w), in row order."""

    def __init__(self, height: int, width: int) -> None:
        self._rows, self._columns = _block_edges(height), _block_edges(width)
        down, across = ring_basis(height).T.copy(), ring_basis(width)
        self._cos_down, self._sin_down = down[:RING_ROWS], down[RING_ROWS:]
        # What the rows' cosines are multiplied by, and their sines: the waves are sums of the two products.
        self._across = across
        self._turned_across = np.hstack([-across[:, RING_ROWS:], across[:, :RING_ROWS]])
        self._row_means, self._column_means = _averages(self._rows), _averages(self._columns)

    def block_means(self, values: Luma) -> Floats:
        """Returns the mean of ``values`` (h, w) in each block: (n,)."""
        return (self._row_means @ values @ self._column_means.T).ravel()

    def part_shares(self, down: Sequence[Pixels], across: Sequence[Pixels]) -> Pixels:
        """Returns each block's shares (n, p) of the parts whose weights are ``down`` times ``across``."""
        return np.kron(self._row_means @ np.transpose(down), self._column_means @ np.transpose(across))

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
        rows, columns = list(pairwise(self._rows)), list(pairwise(self._columns))
        # Only the ring's frequencies of real numbers: cheaper than a fast transform.
        cosines, sines = (
            _transform_rows(basis, residual, rows) for basis in (self._cos_down, self._sin_down)
        )
        waves = np.empty((len(rows), 2, RING_ROWS, 2 * RING_ROWS), np.float32)
        soft_bits = np.empty((len(rows), len(columns), CODE_BITS), np.float32)
        for n, (left, right) in enumerate(columns):
            even = (cosines[:, left:right] @ self._across[left:right]).reshape(waves[:, 0].shape)
            odd = (sines[:, left:right] @ self._turned_across[left:right]).reshape(waves[:, 0].shape)
            np.add(even, odd, out=waves[:, 0])
            np.subtract(even, odd, out=waves[:, 1])
            soft_bits[:, n] = carriers.gather_ring(waves, weights)
        return soft_bits.reshape(-1, CODE_BITS)


def _transform_rows(basis: Pixels, residual: Luma, rows: Sequence[tuple[int, int]]) -> Pixels:
    """Returns the products (rows · 57, w) of the basis (57, h) with each of the residual's rows of blocks."""
    products = np.empty((len(rows), len(basis), residual.shape[1]), np.float32)
    for product, (top, bottom) in zip(products, rows, strict=True):
        np.matmul(basis[:, top:bottom], residual[top:bottom], out=product)
    return products.reshape(-1, residual.shape[1])


def _averages(edges: Integers) -> Pixels:
    """Returns the matrix (blocks, side) that takes the pixels of a side to the means between its edges."""
    places = np.arange(edges[-1])
    inside = (places >= edges[:-1, None]) & (places < edges[1:, None])
    return (inside / np.diff(edges)[:, None]).astype(np.float32)


def _block_edges(side: int) -> Integers:
    return np.rint(np.linspace(0, side, max(1, round(side / BLOCK)) + 1)).astype(np.int64)


def _covered_shares(edges: Integers, share: float, places: int) -> Floats:
    """Returns how much of each block lies in intervals that are ``share`` of the side: (places, blocks)."""
    starts = np.linspace(0, edges[-1] * (1 - share), places)[:, None]
    overlap = np.minimum(starts + edges[-1] * share, edges[1:]) - np.maximum(starts, edges[:-1])
    return np.clip(overlap, 0, None) / np.diff(edges)
