"""A picture as a classifier sees it."""

from __future__ import annotations

import numpy as np

from worker.pictures.jpeg_preview import encode_jpeg_preview

_LONGEST_SIDE = 1_024  # pixels: ShieldGemma looks at 896, and Gemini at tiles of 768
_JPEG_QUALITY = 92


def encode_for_classifier(rgb: np.ndarray) -> bytes:
    """Returns float32 (H, W, 3) in 0–1 as a JPEG file, no larger than classifiers need."""
    return encode_jpeg_preview(rgb, longest_side=_LONGEST_SIDE, quality=_JPEG_QUALITY)
