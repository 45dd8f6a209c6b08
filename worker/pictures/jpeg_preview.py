"""A small JPEG of a picture: for a classifier, a vision model or a person to look at."""

from __future__ import annotations

import cv2
import numpy as np


def encode_jpeg_preview(rgb: np.ndarray, *, longest_side: int | None = None, quality: int) -> bytes:
    """Returns float32 (H, W, 3) in 0–1 as a JPEG file, whole, with at most ``longest_side`` pixels a side."""
    height, width = rgb.shape[:2]
    scale = min(1.0, longest_side / max(height, width)) if longest_side else 1.0
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    small = cv2.resize(rgb, size, interpolation=cv2.INTER_AREA) if scale < 1 else rgb
    bgr = np.clip(small[..., ::-1] * 255 + 0.5, 0, 255).astype(np.uint8)
    _, data = cv2.imencode(".jpg", np.ascontiguousarray(bgr), [cv2.IMWRITE_JPEG_QUALITY, quality])
    return data.tobytes()
