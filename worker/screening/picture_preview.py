"""A picture as a classifier looks at it."""

from __future__ import annotations

import cv2
import numpy as np

_LONGEST_SIDE = 1_024  # pixels: ShieldGemma looks at 896, and Gemini at tiles of 768
_JPEG_QUALITY = 92


def as_jpeg(rgb: np.ndarray) -> bytes:
    """float32 (H, W, 3) in 0–1 as a JPEG file, whole and no larger than it need be."""
    height, width = rgb.shape[:2]
    scale = min(1.0, _LONGEST_SIDE / max(height, width))
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    small = cv2.resize(rgb, size, interpolation=cv2.INTER_AREA) if scale < 1 else rgb
    bgr = np.clip(small[..., ::-1] * 255 + 0.5, 0, 255).astype(np.uint8)
    _, data = cv2.imencode(".jpg", np.ascontiguousarray(bgr), [cv2.IMWRITE_JPEG_QUALITY, _JPEG_QUALITY])
    return data.tobytes()
