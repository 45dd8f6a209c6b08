"""Enlargement in tiles, by networks whose output pixels depend only on nearby input pixels."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float32]

TILE = 256  # pixels of the small picture: feature maps fit a CPU's cache, margins are a sixth


def enlarge_in_tiles(
    rgb: Array, tile: int, factor: int, reach: int, network: Callable[[Array], Array]
) -> Array:
    """Enlarges (h, w, 3) to float32 (factor·h, factor·w, 3) in 0–1.

    Args:
        tile: in pixels of the small picture; the result is the same for every size.
        reach: how far ``network`` sees around a pixel, in small pixels. The tiles overlap by it, and the
            picture's edge is repeated by it.
        network: enlarges (h, w, 3) to (factor·h, factor·w, 3).
    """
    height, width = rgb.shape[:2]
    padded = np.pad(rgb, ((reach, reach), (reach, reach), (0, 0)), "edge").astype(np.float32, copy=False)
    out = np.empty((height * factor, width * factor, 3), np.float32)
    inner = slice(reach * factor, -reach * factor)
    for top in range(0, height, tile):
        for left in range(0, width, tile):
            rows, columns = min(tile, height - top), min(tile, width - left)
            piece = padded[top : top + rows + 2 * reach, left : left + columns + 2 * reach]
            into = out[top * factor : (top + rows) * factor, left * factor : (left + columns) * factor]
            np.clip(network(np.ascontiguousarray(piece))[inner, inner], 0, 1, out=into)
    return out
