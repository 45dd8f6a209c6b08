"""The embedder: it carries a pattern from the canonical view to the picture's own size."""

from __future__ import annotations

import cv2
import numpy as np

from worker.watermark.canonical_view import Luma, Pixels, resize_pixels
from worker.watermark.informed_embedding import deviation_of

# Rows that are marked at a time, so that they stay in the processor's cache.
ROWS = 32


def add_pattern(rgb: Pixels, pattern: Luma) -> Pixels:
    """Returns ``rgb`` (H, W, 3) in 0–1 with the view's pattern, in levels of 0–255, in its luma."""
    height, width = rgb.shape[:2]
    enlarged = resize_pixels(pattern, width, height)
    factor = np.float32(deviation_of(pattern) / max(deviation_of(enlarged), 1e-9) / 255)
    marked = np.empty(rgb.shape, np.float32)
    for start in range(0, height, ROWS):
        rows = slice(start, start + ROWS)
        part = marked[rows]
        # A copy for each channel: numpy would broadcast along the shortest axis, in twice the time.
        cv2.merge([enlarged[rows] * factor] * rgb.shape[2], dst=part)
        part += rgb[rows]
        np.clip(part, 0, 1, out=part)
    return marked
