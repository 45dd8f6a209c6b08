"""Writing a mark: made in the canonical view, and carried to the picture's own size."""

from __future__ import annotations

import numpy as np

from worker.watermark.canonical_view import Luma, Pixels, canonical, resized
from worker.watermark.carriers import Carriers, Floats
from worker.watermark.informed_embedding import SHARED, Aim, Mark, deviation_of, with_deviation

# Rows of a large picture are marked in runs of this many, which stay in the processor's cache.
ROWS = 128


def embed(rgb: Pixels, code: Floats, carriers: Carriers, psnr: float, aim: Aim = SHARED) -> Pixels:
    """``rgb`` (H, W, 3) in 0–1 with the codeword (312,) in its luma, at least ``psnr`` decibels from it."""
    deviation = 255 * 10 ** (-psnr / 20)
    height, width = rgb.shape[:2]
    pattern = Mark(canonical(rgb), code, carriers, deviation, min(height, width), aim).informed()
    return _added(rgb, with_deviation(resized(pattern, width, height), deviation_of(pattern)) / 255)


def _added(rgb: Pixels, pattern: Luma) -> Pixels:
    marked = np.empty(rgb.shape, np.float32)
    for start in range(0, len(rgb), ROWS):
        rows = slice(start, start + ROWS)
        np.add(rgb[rows], pattern[rows, :, None], out=marked[rows])
        np.clip(marked[rows], 0, 1, out=marked[rows])
    return marked
