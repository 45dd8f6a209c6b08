"""The JPEG round trip: the loss that the embedder expects and the read-back tests."""

from __future__ import annotations

import cv2
import numpy as np

from worker.pictures.pixel_levels import Levels


def round_trip_jpeg(levels: Levels, quality: int) -> Levels:
    """Returns 8-bit levels, (H, W) or (H, W, 3), after a JPEG of ``quality`` with 4:2:0 colour."""
    _, data = cv2.imencode(".jpg", levels, [cv2.IMWRITE_JPEG_QUALITY, quality])
    return np.asarray(cv2.imdecode(data, cv2.IMREAD_UNCHANGED), np.uint8)
