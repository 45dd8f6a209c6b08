"""The frame of an outpaint: the whole picture in the middle, and room to paint around it."""

from __future__ import annotations

import cv2
import numpy as np

from worker.engines.protocol import Mask, Picture

_BLUR = 0.04  # of the frame's shorter side


def frame_picture(picture: Picture, width: int, height: int) -> tuple[Picture, Mask]:
    """Returns the frame, float32 (height, width, 3), and its mask, which is 1 around the picture.

    The picture is unchanged if it fits to the pixel, and else scaled to fit. The colours of its edge are
    extended and blurred around it: a start for models that change what is there. A reflection would show
    each thing near the edge again, and models draw what they are shown.
    """
    picture = _scale_to_fit(picture, width, height)
    inner_height, inner_width = picture.shape[:2]
    left, top = (width - inner_width) // 2, (height - inner_height) // 2
    right, bottom = width - inner_width - left, height - inner_height - top
    extended = np.pad(picture, ((top, bottom), (left, right), (0, 0)), mode="edge")
    sigma = min(width, height) * _BLUR
    blurred = cv2.GaussianBlur(extended, (0, 0), sigma, borderType=cv2.BORDER_REPLICATE)
    frame = np.asarray(blurred, np.float32)
    mask = np.ones((height, width), np.float32)
    inside = (slice(top, top + inner_height), slice(left, left + inner_width))
    frame[inside], mask[inside] = picture, 0
    return frame, mask


def _scale_to_fit(picture: Picture, width: int, height: int) -> Picture:
    """Returns the picture scaled to the largest size that the frame holds."""
    inner_height, inner_width = picture.shape[:2]
    if inner_width <= width and inner_height <= height and (inner_width == width or inner_height == height):
        return picture
    scale = min(width / inner_width, height / inner_height)
    size = (_clamp_length(inner_width * scale, width), _clamp_length(inner_height * scale, height))
    method = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    return np.clip(np.asarray(cv2.resize(picture, size, interpolation=method), np.float32), 0, 1)


def _clamp_length(length: float, most: int) -> int:
    return min(most, max(1, round(length)))
