"""A picture's canonical view in blocks: what each of them says, and which of them the pieces of it hold."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from worker.watermark.canonical_view import Luma, Pixels
from worker.watermark.carriers import RING, TILE, Carriers, Floats, Waves, Whole

BLOCK = 64  # pixels of the canonical view, about
# Shares of the area that pieces have, and from how many places along each side they are cut.
PIECES = ((0.5, 3), (0.25, 5))
# A piece of a quarter matters more, being read the worst.
WEIGHTS = (1.0, 3.0)


class Blocks:
    """The blocks of a view (h, w), in order of rows; n of them."""

    def __init__(self, height: int, width: int) -> None:
        self._rows, self._columns = _edges(height), _edges(width)
        self._across = _turns(np.arange(width), np.arange(RING[1] + 1))
        down = _turns(np.arange(height), np.arange(-RING[1], RING[1] + 1)).T
        self._down = np.stack([down.real, down.imag])

    def means(self, values: Luma) -> Floats:
        """Of values (h, w), in each block: (n,)."""
        down = np.add.reduceat(values, self._rows[:-1], axis=0)
        sums = np.add.reduceat(down, self._columns[:-1], axis=1)
        return (sums / np.outer(np.diff(self._rows), np.diff(self._columns))).ravel().astype(np.float32)

    def shares(self, down: Sequence[Pixels], across: Sequence[Pixels]) -> Pixels:
        """How much each block has of parts whose weights are ``down`` times ``across``: (n, p)."""
        rows, columns = (
            np.array([np.add.reduceat(weights, edges[:-1]) / np.diff(edges) for weights in side]).T
            for side, edges in ((down, self._rows), (across, self._columns))
        )
        return np.kron(rows, columns).astype(np.float32)

    def pieces(self) -> tuple[Pixels, Pixels]:
        """How much of each block is in each of some pieces, the whole first: (m, n); their weights (m,)."""
        blocks = (len(self._rows) - 1) * (len(self._columns) - 1)
        held: list[Floats] = [np.ones((1, blocks))]
        weights: list[Floats] = [np.ones(1)]
        for (keep, places), weight in zip(PIECES, WEIGHTS, strict=True):
            held.append(
                np.kron(*(_covered(edges, keep**0.5, places) for edges in (self._rows, self._columns)))
            )
            weights.append(np.full(places**2, weight / places**2))
        return np.concatenate(held).astype(np.float32), np.concatenate(weights).astype(np.float32)

    def whole(self) -> tuple[Pixels, Pixels]:
        """As ``pieces``, and none but the whole."""
        held, weights = self.pieces()
        return held[:1], weights[:1]

    def gathered(self, residual: Luma, carriers: Carriers, trust: Floats) -> Floats:
        """What each block says of the code bits, its frequencies weighted by ``trust`` (k,): (n, 312)."""
        rows, columns = carriers.data[:, 0] + RING[1], carriers.data[:, 1]
        said: list[Floats] = []
        for top, bottom in pairwise(self._rows):
            # Real numbers, and only the ring's frequencies: less to do than in a fast transform.
            down = (self._down[:, :, top:bottom] @ residual[top:bottom]).transpose(1, 2, 0)
            waves = np.ascontiguousarray(down).view(np.complex64)[..., 0]
            blocks = [
                waves[:, left:right] @ self._across[left:right] for left, right in pairwise(self._columns)
            ]
            heard = np.array([each[rows, columns] for each in blocks])
            said.append(carriers.gather(heard * trust.astype(np.float32)))
        return np.concatenate(said)


def _edges(side: int) -> Whole:
    return np.rint(np.linspace(0, side, max(1, round(side / BLOCK)) + 1)).astype(np.int64)


def _covered(edges: Whole, share: float, places: int) -> Floats:
    """How much of each block is in stretches that are this share of the side: (places, blocks)."""
    starts = np.linspace(0, edges[-1] * (1 - share), places)[:, None]
    overlap = np.minimum(starts + edges[-1] * share, edges[1:]) - np.maximum(starts, edges[:-1])
    return np.clip(overlap, 0, None) / np.diff(edges)


def _turns(places: Whole, frequencies: Whole) -> Waves:
    return np.exp(-2j * np.pi / TILE * np.outer(places, frequencies)).astype(np.complex64)
