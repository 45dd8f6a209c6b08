"""Tells photographs from illustrations by their texture: drawn areas are smooth, photographed ones not."""

from __future__ import annotations

import cv2
import numpy as np

from worker.engines.protocol import Picture
from worker.vision.rules_critic import luma_of

PHOTOGRAPH_FROM = 4.0
"""The texture from which a picture counts as a photograph (``benchmarks.photographs`` measures it)."""
_SIDE = 256  # px of the longer side at which the texture is measured: noise and JPEG's blocks are averaged
_LEAST_SIDE = 192  # px: smaller pictures are not judged, since nothing of them is averaged


def is_photograph(rgb: Picture) -> bool:
    """Returns True if the picture, float32 (H, W, 3) in 0–1, looks like a photograph.

    It is False in doubt: of a small picture, and of a photograph that is mostly sky or out of focus.
    """
    return max(rgb.shape[:2]) >= _LEAST_SIDE and measure_texture(rgb) >= PHOTOGRAPH_FROM


def measure_texture(rgb: Picture) -> float:
    """Returns the median of the luma's absolute Laplacian, in levels of 255, at 256 pixels."""
    height, width = rgb.shape[:2]
    scale = _SIDE / max(height, width)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    way = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    small = np.asarray(cv2.resize(rgb.astype(np.float32), size, interpolation=way), np.float32)
    luma = luma_of(small).astype(np.float32) * 255
    return float(np.median(np.abs(cv2.Laplacian(luma, cv2.CV_32F))))
