"""Resizes and frames pictures for the size at which an engine draws."""

from __future__ import annotations

import cv2
import numpy as np

from worker.engines.native_size import NativeSizes
from worker.engines.protocol import Brief, Mask, Picture

Size = tuple[int, int]  # width, height
Pixels = Picture | Mask

PREVIEW_SIDE = 128  # pixels

_SAME_SHAPE = 1.1  # the ratio of two aspect ratios above which a picture looks cropped


def fit_conditions(brief: Brief, native: Size, sizes: NativeSizes) -> list[Picture]:
    """Returns the brief's images for a model that sees them beside its own drawing of the size ``native``.

    The image to change is on the drawing's own grid, and each reference on one of its own.
    """
    sized = [resize_picture(picture, *fit_size(picture, sizes)) for picture in brief.images]
    if sized and has_same_shape(brief.images[0], brief.width, brief.height):
        sized[0] = frame_for_native(brief.images[0], (brief.width, brief.height), native)
    return sized


def fit_size(picture: Picture, sizes: NativeSizes) -> Size:
    """Returns the size nearest to the picture's own that the model takes."""
    height, width = picture.shape[:2]
    return sizes.fit(width, height)


def resize_picture(picture: Picture, width: int, height: int) -> Picture:
    """Returns the picture, or mask, stretched to the size: averaged along a side that shrinks, else cubic."""
    down, across = picture.shape[:2]
    if (across, down) == (width, height):
        return picture
    averaged = cv2.resize(picture, (min(width, across), min(height, down)), interpolation=cv2.INTER_AREA)
    enlarged = cv2.resize(averaged, (width, height), interpolation=cv2.INTER_CUBIC)
    return np.clip(enlarged, 0, 1).astype(np.float32)


def frame_for_native(picture: Pixels, target: Size, native: Size) -> Pixels:
    """Returns the picture, or a mask, at the place in a ``native`` drawing where the ``target`` shows it.

    A native drawing is cropped, centred, to the target's shape, and enlarged. This is the way back: the
    picture is cropped to the target's shape and laid into the part that will be kept; its edges are extended
    into the borders that will be cropped. Sizes are (width, height).
    """
    picture = _crop_to_ratio(picture, target[0] / target[1])
    width, height = native
    wide, tall = _cropped_size(width, height, target[0] / target[1])
    left, top = (width - wide) // 2, (height - tall) // 2
    right, bottom = width - wide - left, height - tall - top
    inner = resize_picture(picture, wide, tall)
    return np.asarray(cv2.copyMakeBorder(inner, top, bottom, left, right, cv2.BORDER_REPLICATE), np.float32)


def _crop_to_ratio(picture: Picture, ratio: float) -> Picture:
    """Returns the largest centred part of this ratio."""
    height, width = picture.shape[:2]
    wide, tall = _cropped_size(width, height, ratio)
    left, top = (width - wide) // 2, (height - tall) // 2
    return np.ascontiguousarray(picture[top : top + tall, left : left + wide])


def _cropped_size(width: int, height: int, ratio: float) -> Size:
    """Returns the size of the largest part of this ratio."""
    return max(1, min(width, round(height * ratio))), max(1, min(height, round(width / ratio)))


def has_same_shape(picture: Picture, width: int, height: int) -> bool:
    """Returns True if the picture has nearly the shape of the size."""
    down, across = picture.shape[:2]
    return 1 / _SAME_SHAPE <= (across / down) / (width / height) <= _SAME_SHAPE


def contain_on_white(picture: Picture, width: int, height: int) -> Picture:
    """Returns the whole picture in its proportions, centred on white."""
    down, across = picture.shape[:2]
    scale = min(width / across, height / down)
    inner_width, inner_height = max(1, round(across * scale)), max(1, round(down * scale))
    canvas = np.ones((height, width, 3), np.float32)
    top, left = (height - inner_height) // 2, (width - inner_width) // 2
    canvas[top : top + inner_height, left : left + inner_width] = resize_picture(
        picture, inner_width, inner_height
    )
    return canvas


def shrink_to_preview(picture: Picture) -> Picture:
    """Returns the picture averaged down until its longer side has at most PREVIEW_SIDE pixels."""
    height, width = picture.shape[:2]
    scale = PREVIEW_SIDE / max(height, width)
    if scale >= 1:
        return picture
    smaller = (max(1, round(width * scale)), max(1, round(height * scale)))
    return np.asarray(cv2.resize(picture, smaller, interpolation=cv2.INTER_AREA), np.float32)
