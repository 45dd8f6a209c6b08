"""The size of a picture in pixels, as the fields of a job."""

from __future__ import annotations

from ..contract.errors import UnsupportedSize
from ..contract.sizes import MAX_EXACT_SIDE, MIN_EXACT_SIDE, MULTIPLE, PIXELS

_BY_PIXELS = {pixels: names for names, pixels in PIXELS.items()}


def fields_of_pixels(width: int, height: int) -> dict[str, object]:
    """Returns the job's fields for a size: its names in the table, or the exact width and height.

    Raises UnsupportedSize, with the nearest size, for sides that no picture has: nothing is delivered in
    another size than the requested one.
    """
    names = _BY_PIXELS.get((width, height))
    if names is not None:
        return {"size": names[0], "aspect_ratio": names[1]}
    nearest = nearest_size(width, height)
    if nearest != (width, height):
        message = f"The size {width}×{height} cannot be delivered: ask for {nearest[0]}×{nearest[1]}."
        raise UnsupportedSize(message, field="width")
    return {"width": width, "height": height}


def nearest_size(width: int, height: int) -> tuple[int, int]:
    """Returns the size itself where both sides can be had, or the nearest sides that can."""
    return _nearest_side(width), _nearest_side(height)


def _nearest_side(side: int) -> int:
    return min(max(round(side / MULTIPLE) * MULTIPLE, MIN_EXACT_SIDE), MAX_EXACT_SIDE)
