"""The size table: what ``size`` and ``aspect_ratio`` mean in pixels, and the limits of an exact size.

The size names an area (512², 1024², 2048², 4096²); the ratio shapes it; both sides are multiples of 16.
"""

from __future__ import annotations

from math import sqrt
from typing import Literal, get_args

from .errors import UnsupportedSize

Size = Literal["512", "1K", "2K", "4K"]
AspectRatio = Literal[
    "1:1", "2:3", "3:2", "3:4", "4:3", "4:5", "5:4", "9:16", "16:9", "21:9", "1:4", "4:1", "1:8", "8:1"
]  # fmt: skip

SIDE = {"512": 512, "1K": 1024, "2K": 2048, "4K": 4096}
MULTIPLE = 16
MIN_EXACT_SIDE, MAX_EXACT_SIDE = 64, 4096  # pixels; two sides of 4096 have the area of 4K
MAX_EXACT_RATIO = 8  # of the longer side to the shorter one
DEFAULT_SIZE: Size = "1K"
DEFAULT_ASPECT_RATIO: AspectRatio = "1:1"


def _shaped_sides(side: int, ratio: str) -> tuple[int, int]:
    across, down = (int(part) for part in ratio.split(":"))
    width = sqrt(side * side * across / down)
    return _round_to_multiple(width), _round_to_multiple(side * side / width)


def _round_to_multiple(length: float) -> int:
    return round(length / MULTIPLE) * MULTIPLE


PIXELS: dict[tuple[str, str], tuple[int, int]] = {
    (size, ratio): _shaped_sides(side, ratio)
    for size, side in SIDE.items()
    for ratio in get_args(AspectRatio)
}


def pixel_size(size: str, aspect_ratio: str) -> tuple[int, int]:
    """Returns width and height in pixels. Raises UnsupportedSize for a pair that is not in the table."""
    try:
        return PIXELS[size, aspect_ratio]
    except KeyError:
        sizes, ratios = ", ".join(SIDE), ", ".join(get_args(AspectRatio))
        raise UnsupportedSize(f"Ask for a size of {sizes} and an aspect ratio of {ratios}.") from None


def check_exact_size(width: int, height: int) -> None:
    """Raises UnsupportedSize for a ``width`` × ``height`` whose shape is not made. The request has checked
    the sides.
    """
    if max(width, height) > MAX_EXACT_RATIO * min(width, height):
        message = f"{width}×{height} is too long: one side may be at most {MAX_EXACT_RATIO} times the other."
        raise UnsupportedSize(message, field="width" if width > height else "height")


def nearest_ratio(width: int, height: int) -> AspectRatio:
    """Returns the ratio of the table that distorts a picture of this shape the least."""

    def stretch(ratio: str) -> float:
        across, down = (int(part) for part in ratio.split(":"))
        wanted, given = across / down, width / height
        return max(wanted / given, given / wanted)

    return min(get_args(AspectRatio), key=stretch)


def enclosing_frame(width: int, height: int, aspect_ratio: AspectRatio) -> tuple[int, int]:
    """Returns the smallest frame of the ratio, in pixels, that holds a picture of ``width`` × ``height``."""
    across, down = (int(part) for part in aspect_ratio.split(":"))
    return max(width, round(height * across / down)), max(height, round(width * down / across))
