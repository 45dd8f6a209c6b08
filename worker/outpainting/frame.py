"""The frame of an outpaint: the picture in its middle, whole, and around it what is to be painted."""

from __future__ import annotations

import cv2
import numpy as np

from worker.engines.protocol import Mask, Picture

_BLUR = 0.04  # of the frame's shorter side


def framed(picture: Picture, width: int, height: int) -> tuple[Picture, Mask]:
    """The frame, float32 (height, width, 3), and its mask, which is 1 where there was no picture.

    The picture is as it was where it fits to the pixel, and else scaled to fit. Around it are the colours
    of its edge, drawn out and blurred: a beginning for models that change what is there. Its reflection
    would show each thing near the edge once more, and models draw what they are shown.
    """
    picture = _fitted(picture, width, height)
    inner_height, inner_width = picture.shape[:2]
    left, top = (width - inner_width) // 2, (height - inner_height) // 2
    right, bottom = width - inner_width - left, height - inner_height - top
    drawn_out = np.pad(picture, ((top, bottom), (left, right), (0, 0)), mode="edge")
    sigma = min(width, height) * _BLUR
    blurred = cv2.GaussianBlur(drawn_out, (0, 0), sigma, borderType=cv2.BORDER_REPLICATE)
    frame = np.asarray(blurred, np.float32)
    mask = np.ones((height, width), np.float32)
    inside = (slice(top, top + inner_height), slice(left, left + inner_width))
    frame[inside], mask[inside] = picture, 0
    return frame, mask


def _fitted(picture: Picture, width: int, height: int) -> Picture:
    """As large as the frame holds it."""
    inner_height, inner_width = picture.shape[:2]
    if inner_width <= width and inner_height <= height and (inner_width == width or inner_height == height):
        return picture
    scale = min(width / inner_width, height / inner_height)
    size = (_within(inner_width * scale, width), _within(inner_height * scale, height))
    method = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    return np.clip(np.asarray(cv2.resize(picture, size, interpolation=method), np.float32), 0, 1)


def _within(length: float, most: int) -> int:
    return min(most, max(1, round(length)))
