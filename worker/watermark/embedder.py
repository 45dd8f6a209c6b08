"""The embedder: it makes a mark in the canonical view and carries it to the picture's own size."""

from __future__ import annotations

import numpy as np

from worker.watermark.canonical_view import Luma, Pixels, resize_pixels, to_canonical_view
from worker.watermark.carriers import Carriers, Floats
from worker.watermark.informed_embedding import (
    SHARED,
    EmbeddingAim,
    InformedEmbedding,
    deviation_of,
    scale_to_deviation,
)

# Rows that are marked at a time, so that they stay in the processor's cache.
ROWS = 128


def embed_codeword(
    rgb: Pixels, code: Floats, carriers: Carriers, psnr: float, aim: EmbeddingAim = SHARED
) -> Pixels:
    """Returns ``rgb`` (H, W, 3) in 0–1 with the codeword (312,) in its luma; PSNR at least ``psnr``."""
    deviation = 255 * 10 ** (-psnr / 20)
    height, width = rgb.shape[:2]
    pattern = InformedEmbedding(
        to_canonical_view(rgb), code, carriers, deviation, min(height, width), aim
    ).optimize_pattern()
    return _add_pattern(
        rgb, scale_to_deviation(resize_pixels(pattern, width, height), deviation_of(pattern)) / 255
    )


def _add_pattern(rgb: Pixels, pattern: Luma) -> Pixels:
    marked = np.empty(rgb.shape, np.float32)
    for start in range(0, len(rgb), ROWS):
        rows = slice(start, start + ROWS)
        np.add(rgb[rows], pattern[rows, :, None], out=marked[rows])
        np.clip(marked[rows], 0, 1, out=marked[rows])
    return marked
