"""Enlargement in tiles, by networks whose output pixels depend only on nearby input pixels."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float32]

EDGE = 8
"""Pixels by which a picture's edge is repeated, at most. A network sees farther, but what lies farther out
changes a flat area by under 1/255."""

TILE = 256  # pixels of the small picture: feature maps fit a CPU's cache, margins are a sixth


def enlarge_in_tiles(
    rgb: Array, tile: int, factor: int, reach: int, network: Callable[[Array], Array]
) -> Array:
    """Enlarges (h, w, 3) to float32 (factor·h, factor·w, 3) in 0–1.

    Args:
        tile: in pixels of the small picture, made even; the result is the same for every size.
        reach: how far ``network`` sees around a pixel, in small pixels; a multiple of 2 for a network that
            takes 2 x 2 pixels together. The tiles overlap by it, and the picture's edge is repeated by at
            most ``EDGE``.
        network: enlarges (h, w, 3) to (factor·h, factor·w, 3).
    """
    height, width = rgb.shape[:2]
    edge = min(reach, EDGE)
    padded = np.pad(rgb, ((edge, edge), (edge, edge), (0, 0)), "edge").astype(np.float32, copy=False)
    out = np.empty((height * factor, width * factor, 3), np.float32)
    for rows in _tile_spans(height, tile + tile % 2, reach, edge):
        for columns in _tile_spans(width, tile + tile % 2, reach, edge):
            made = network(np.ascontiguousarray(padded[rows.seen, columns.seen]))
            into = out[rows.filled(factor), columns.filled(factor)]
            np.clip(made[rows.kept(factor), columns.kept(factor)], 0, 1, out=into)
    return out


@dataclass(frozen=True)
class _TileSpan:
    """A tile along one axis: pixels from ``start`` to ``end``, and what is seen of the padded picture."""

    start: int
    end: int
    seen: slice
    before: int  # pixels that are seen before ``start``

    def kept(self, factor: int) -> slice:
        return slice(self.before * factor, (self.before + self.end - self.start) * factor)

    def filled(self, factor: int) -> slice:
        return slice(self.start * factor, self.end * factor)


def _tile_spans(length: int, tile: int, reach: int, edge: int) -> Iterator[_TileSpan]:
    for start in range(0, length, tile):
        end = min(start + tile, length)
        first, last = max(start - reach, -edge), min(end + reach, length + edge)
        yield _TileSpan(start, end, slice(first + edge, last + edge), start - first)
