"""Pixel levels (integers) and their floats: the only place where pixels are rounded."""

from __future__ import annotations

import cv2
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
    rows = max(1, BLOCK // max(1, values[0].size))
    for start in range(0, len(values), rows):
        block = slice(start, start + rows)
        levels[block] = _round_to_bytes(values[block]) if kind is np.uint8 else _round_to_words(values[block])
    return levels


def _round_to_bytes(values: Floats) -> Levels:
    # It rounds and clips as numpy does, and takes a third of the time.
    floats = np.asarray(values, np.float32)
    levels = cv2.addWeighted(floats, 255, floats, 0, 0, dtype=cv2.CV_8U)
    return np.asarray(levels, np.uint8).reshape(values.shape)


def _round_to_words(values: Floats) -> Levels:
    top = np.iinfo(np.uint16).max
    return np.clip(np.rint(values * np.float32(top)), 0, top).astype(np.uint16)


def levels_to_floats(levels: Levels) -> Floats:
    """Converts levels to floats in 0–1."""
    return np.divide(levels, np.float32(np.iinfo(levels.dtype).max), dtype=np.float32)


def to_bytes(levels: Levels) -> Levels:
    """Returns the levels in 8 bits."""
    return levels if levels.dtype == np.uint8 else quantize(levels_to_floats(levels), 8)
