"""Enlargement in tiles, by networks whose output pixels depend only on nearby input pixels."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float32]

TILE = 256  # pixels of the small picture: feature maps fit a CPU's cache, margins are a sixth


def enlarge_in_tiles(
    rgb: Array, tile: int, factor: int, reach: int, network: Callable[[Array], Array]
) -> Array:
    """Enlarges (h, w, 3) to float32 (factor·h, factor·w, 3) in 0–1.

    Tiles overlap where they meet. At the picture's own edges they have no margin: the network ends there as
    it does at the edges of a picture that fits one tile.

    Args:
        tile: in pixels of the small picture, made even; the result is the same for every size.
        reach: how far ``network`` sees around a pixel, in small pixels; even for a network that takes 2 x 2
            pixels together. The tiles overlap by it.
        network: enlarges (h, w, 3) to (factor·h, factor·w, 3).
    """
    height, width = rgb.shape[:2]
    out = np.empty((height * factor, width * factor, 3), np.float32)
    for rows in _tile_spans(height, tile + tile % 2, reach):
        for columns in _tile_spans(width, tile + tile % 2, reach):
            piece = rgb[rows.seen, columns.seen].astype(np.float32, order="C", copy=False)
            made = network(piece)[rows.kept_of(factor), columns.kept_of(factor)]
            np.clip(made, 0, 1, out=out[rows.filled(factor), columns.filled(factor)])
    return out


@dataclass(frozen=True)
class _TileSpan:
    """A tile along one axis: pixels from ``start`` to ``end``, with margins ``before`` and ``after`` them."""

    start: int
    end: int
    before: int
    after: int

    @property
    def seen(self) -> slice:
        return slice(self.start - self.before, self.end + self.after)

    def kept_of(self, factor: int) -> slice:
        return slice(self.before * factor, (self.before + self.end - self.start) * factor)

    def filled(self, factor: int) -> slice:
        return slice(self.start * factor, self.end * factor)


def _tile_spans(length: int, tile: int, reach: int) -> Iterator[_TileSpan]:
    for start in range(0, length, tile):
        end = min(start + tile, length)
        yield _TileSpan(start, end, min(reach, start), min(reach, length - end))
