"""Pictures brought to the size that an engine draws at, and laid out for it."""

from __future__ import annotations

import cv2
import numpy as np

from worker.engines.native_size import NativeSizes
from worker.engines.protocol import Brief, Mask, Picture

Size = tuple[int, int]  # width, height
Pixels = Picture | Mask

_SAME_SHAPE = 1.1  # the ratio of two aspect ratios at which a picture begins to look cropped


def conditions(brief: Brief, native: Size, sizes: NativeSizes) -> list[Picture]:
    """The brief's images for a model that sees them beside what it draws at ``native``.

    The image to change lies on the grid that is drawn, the references each on their own.
    """
    sized = [resized(picture, *own_size(picture, sizes)) for picture in brief.images]
    if sized and same_shape(brief.images[0], brief.width, brief.height):
        sized[0] = framed(brief.images[0], (brief.width, brief.height), native)
    return sized


def own_size(picture: Picture, sizes: NativeSizes) -> Size:
    """The size nearest to the picture's own that the model takes."""
    height, width = picture.shape[:2]
    return sizes.fit(width, height)


def resized(picture: Picture, width: int, height: int) -> Picture:
    """The picture, or a mask, stretched to the size: averaged along a side that shrinks, else cubic."""
    down, across = picture.shape[:2]
    if (across, down) == (width, height):
        return picture
    averaged = cv2.resize(picture, (min(width, across), min(height, down)), interpolation=cv2.INTER_AREA)
    enlarged = cv2.resize(averaged, (width, height), interpolation=cv2.INTER_CUBIC)
    return np.clip(enlarged, 0, 1).astype(np.float32)


def framed(picture: Pixels, target: Size, native: Size) -> Pixels:
    """The picture, or a mask, where a picture drawn at ``native`` shows it once it is brought to ``target``.

    What is drawn at the native size is cut, centred, to the target's shape and enlarged. This is the way
    back: the picture is cut to the target's shape, laid into the part that is kept, and its edges drawn out
    to the borders that are not. Sizes are (width, height).
    """
    picture = _cut(picture, target[0] / target[1])
    width, height = native
    wide, tall = _kept(width, height, target[0] / target[1])
    left, top = (width - wide) // 2, (height - tall) // 2
    right, bottom = width - wide - left, height - tall - top
    inner = resized(picture, wide, tall)
    return np.asarray(cv2.copyMakeBorder(inner, top, bottom, left, right, cv2.BORDER_REPLICATE), np.float32)


def _cut(picture: Picture, ratio: float) -> Picture:
    """The largest centred part of this ratio."""
    height, width = picture.shape[:2]
    wide, tall = _kept(width, height, ratio)
    left, top = (width - wide) // 2, (height - tall) // 2
    return np.ascontiguousarray(picture[top : top + tall, left : left + wide])


def _kept(width: int, height: int, ratio: float) -> Size:
    """The size of that part."""
    return max(1, min(width, round(height * ratio))), max(1, min(height, round(width / ratio)))


def same_shape(picture: Picture, width: int, height: int) -> bool:
    """Whether the picture's shape is the size's, or hardly another."""
    down, across = picture.shape[:2]
    return 1 / _SAME_SHAPE <= (across / down) / (width / height) <= _SAME_SHAPE


def contained(picture: Picture, width: int, height: int) -> Picture:
    """The whole picture in its proportions, centred on white."""
    down, across = picture.shape[:2]
    scale = min(width / across, height / down)
    inner_width, inner_height = max(1, round(across * scale)), max(1, round(down * scale))
    canvas = np.ones((height, width, 3), np.float32)
    top, left = (height - inner_height) // 2, (width - inner_width) // 2
    canvas[top : top + inner_height, left : left + inner_width] = resized(picture, inner_width, inner_height)
    return canvas
