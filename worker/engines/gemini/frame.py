"""The frame that a Gemini model draws: one of its own aspect ratios and sizes, around the wanted picture."""

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
_DEFAULT_AREA = AREA["1K"]  # of models that take no size
_CLOSE_ENOUGH = 1.1  # up to this ratio of areas the size below is sufficient: 5 % a side


@dataclass(frozen=True)
class GeminiFrame:
    """The model's own ratio and size, and the (width, height) in pixels of the picture in the middle."""

    aspect_ratio: AspectRatio
    image_size: ImageSize | None
    width: int
    height: int

    def around(self, pixels: Picture | Mask) -> Picture | Mask:
        """Returns a picture or mask of the wanted shape, its edges extended to those of the frame."""
        down, across = pixels.shape[:2]
        wide, tall = _frame_size(across, down, self.aspect_ratio)
        left, top = (wide - across) // 2, (tall - down) // 2
        sides = (top, tall - down - top, left, wide - across - left)
        return np.asarray(cv2.copyMakeBorder(pixels, *sides, cv2.BORDER_REPLICATE), np.float32)

    def cut_from(self, drawn: Picture) -> Picture:
        """Returns the middle of the drawing in the wanted shape, at most of the wanted size."""
        down, across = drawn.shape[:2]
        ratio = self.width / self.height
        wide, tall = min(across, round(down * ratio)), min(down, round(across / ratio))
        left, top = (across - wide) // 2, (down - tall) // 2
        inner = drawn[top : top + tall, left : left + wide]
        if wide <= self.width and tall <= self.height:
            return np.ascontiguousarray(inner)
        return cv2.resize(inner, (self.width, self.height), interpolation=cv2.INTER_AREA).astype(np.float32)


def choose_frame(width: int, height: int, options: GeminiOptions) -> GeminiFrame:
    """Returns the frame for a target of (width, height) px: the nearest ratio, the smallest sufficient size.

    If the largest size is not sufficient, the picture in the frame is smaller than the target.
    """
    ratio = min(options.aspect_ratios, key=lambda each: abs(log(_ratio_value(each) / (width / height))))
    wide, tall = _frame_size(width, height, ratio)
    size = _choose_size(wide * tall, options.image_sizes)
    area = _DEFAULT_AREA if size is None else AREA[size]
    if wide * tall <= area * _CLOSE_ENOUGH:
        return GeminiFrame(ratio, size, width, height)
    scale = sqrt(area / (wide * tall))
    return GeminiFrame(ratio, size, max(1, round(width * scale)), max(1, round(height * scale)))


def _choose_size(area: int, sizes: Sequence[ImageSize]) -> ImageSize | None:
    """Returns the smallest size that reaches the area, or else the largest."""
    if not sizes:
        return None
    sufficient: list[ImageSize] = [size for size in sizes if AREA[size] * _CLOSE_ENOUGH >= area]
    return min(sufficient, key=AREA.__getitem__) if sufficient else max(sizes, key=AREA.__getitem__)


def _frame_size(width: int, height: int, ratio: AspectRatio) -> tuple[int, int]:
    """Returns the smallest frame of the ratio, to the pixel, around a picture of ``width`` x ``height``."""
    value = _ratio_value(ratio)
    return max(width, round(height * value)), max(height, round(width / value))


def _ratio_value(ratio: AspectRatio) -> float:
    across, down = (int(side) for side in ratio.split(":"))
    return across / down
