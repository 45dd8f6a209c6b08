"""What a mark meets outside: a JPEG's loss, as the embedder expects it and the read-back proves it."""

from __future__ import annotations

import cv2
import numpy as np

from worker.pictures.pixel_levels import Levels


def through_jpeg(levels: Levels, quality: int) -> Levels:
    """8-bit levels, (H, W) or (H, W, 3), after a JPEG of ``quality``; colour at half resolution (4:2:0)."""
    _, data = cv2.imencode(".jpg", levels, [cv2.IMWRITE_JPEG_QUALITY, quality])
    return np.asarray(cv2.imdecode(data, cv2.IMREAD_UNCHANGED), np.uint8)
