"""The frame that a model draws: of one of its own aspect ratios and sizes, the wanted picture inside it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import log, sqrt

import cv2
import numpy as np

from functions.contract.validation.gemini_models import AspectRatio, GeminiOptions, ImageSize
from worker.engines.protocol import Mask, Picture

# The size names an area, whatever the ratio: "1K" of 16:9 is 1376 x 768 px.
AREA: dict[ImageSize, int] = {"512": 512**2, "1K": 1024**2, "2K": 2048**2, "4K": 4096**2}
_UNNAMED_AREA = AREA["1K"]  # of models that take no size
_CLOSE_ENOUGH = 1.1  # an area that is this much larger is reached from the size below: 5 % a side
_SAME_SHAPE = 1.1  # the ratio of two aspect ratios up to which one picture may stand in the other's place


@dataclass(frozen=True)
class GeminiFrame:
    """What is asked for, and the (width, height) in pixels that the picture in its middle should have."""

    aspect_ratio: AspectRatio
    image_size: ImageSize | None
    width: int
    height: int

    def around(self, pixels: Picture | Mask) -> Picture | Mask:
        """A picture or mask of the wanted shape, its edges drawn out to the frame's own."""
        down, across = pixels.shape[:2]
        wide, tall = _framed(across, down, self.aspect_ratio)
        left, top = (wide - across) // 2, (tall - down) // 2
        sides = (top, tall - down - top, left, wide - across - left)
        return np.asarray(cv2.copyMakeBorder(pixels, *sides, cv2.BORDER_REPLICATE), np.float32)

    def cut_from(self, drawn: Picture) -> Picture:
        """The middle of what was drawn, in the wanted shape; never larger than wanted."""
        down, across = drawn.shape[:2]
        ratio = self.width / self.height
        wide, tall = min(across, round(down * ratio)), min(down, round(across / ratio))
        left, top = (across - wide) // 2, (down - tall) // 2
        inner = drawn[top : top + tall, left : left + wide]
        if wide <= self.width and tall <= self.height:
            return np.ascontiguousarray(inner)
        return cv2.resize(inner, (self.width, self.height), interpolation=cv2.INTER_AREA).astype(np.float32)


def frame(width: int, height: int, options: GeminiOptions) -> GeminiFrame:
    """The frame for a target of (width, height) pixels: the nearest ratio, the smallest size that will do.

    Where the largest will not do, the picture in the frame is smaller than the target.
    """
    ratio = min(options.aspect_ratios, key=lambda each: abs(log(_value(each) / (width / height))))
    wide, tall = _framed(width, height, ratio)
    size = _size(wide * tall, options.image_sizes)
    most = _UNNAMED_AREA if size is None else AREA[size]
    if wide * tall <= most * _CLOSE_ENOUGH:
        return GeminiFrame(ratio, size, width, height)
    scale = sqrt(most / (wide * tall))
    return GeminiFrame(ratio, size, max(1, round(width * scale)), max(1, round(height * scale)))


def same_shape(picture: Picture, width: int, height: int) -> bool:
    """Whether the picture's shape is the size's, or hardly another."""
    down, across = picture.shape[:2]
    return 1 / _SAME_SHAPE <= (across / down) / (width / height) <= _SAME_SHAPE


def _size(area: int, sizes: Sequence[ImageSize]) -> ImageSize | None:
    """The smallest that reaches the area, or else the largest."""
    if not sizes:
        return None
    enough: list[ImageSize] = [size for size in sizes if AREA[size] * _CLOSE_ENOUGH >= area]
    return min(enough, key=AREA.__getitem__) if enough else max(sizes, key=AREA.__getitem__)


def _framed(width: int, height: int, ratio: AspectRatio) -> tuple[int, int]:
    """The smallest frame of the ratio, to the pixel, that holds a picture of ``width`` x ``height``."""
    value = _value(ratio)
    return max(width, round(height * value)), max(height, round(width / value))


def _value(ratio: AspectRatio) -> float:
    across, down = (int(side) for side in ratio.split(":"))
    return across / down
