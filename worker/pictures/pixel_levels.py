"""Pixel levels (integers) and their floats: the only place where pixels are rounded."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
Levels = npt.NDArray[np.uint8 | np.uint16]

# About this many values are quantized at a time, so that they stay in the processor's cache.
BLOCK = 1 << 18


def quantize(values: Floats, bit_depth: int) -> Levels:
    """Rounds finite 0–1 values of any shape to levels, clipped: uint8 for a depth of 8, else uint16."""
    kind = np.uint8 if bit_depth == 8 else np.uint16
    levels: Levels = np.empty(values.shape, kind)
    top = np.float32(np.iinfo(kind).max)
    rows = max(1, BLOCK // max(1, values[0].size))
    for start in range(0, len(values), rows):
        block = values[start : start + rows] * top
        np.rint(block, out=block)
        levels[start : start + rows] = np.clip(block, 0, top, out=block)
    return levels


def levels_to_floats(levels: Levels) -> Floats:
    """Converts levels to floats in 0–1."""
    return np.divide(levels, np.float32(np.iinfo(levels.dtype).max), dtype=np.float32)
