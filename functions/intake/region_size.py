"""The least size of the regions of a request, in pixels of the picture that it leads to."""

from __future__ import annotations

from ..contract.errors import InvalidRequest, MaskEmpty
from ..contract.region import MIN_REGION_PIXELS, Region
from ..contract.request import JobRequest

MIN_LETTERING_SIDE = 8
"""Pixels. Lower letters cannot be read."""


def check_region_sizes(request: JobRequest, width: int, height: int) -> None:
    """Refuses a region in which nothing could be seen of what is asked for.

    ``width`` and ``height`` are the result's. Raises MaskEmpty for the region of an edit, and InvalidRequest
    for one of words.
    """
    if (region := request.region) is not None and _is_invisible(region, width, height):
        raise MaskEmpty(
            f"The region is too small to see a change in it: the smallest is {MIN_REGION_PIXELS} pixels, and "
            f"one pixel wide and high, of {width} × {height}.",
            field="region",
        )
    surface = request.lettering_region
    if surface is not None and min(surface.side_lengths(width, height)) < MIN_LETTERING_SIDE:
        least = f"{MIN_LETTERING_SIDE} pixels wide and high, of {width} × {height}"
        raise InvalidRequest(f"No words can be read there: it is at least {least}.", field="lettering_region")


def _is_invisible(region: Region, width: int, height: int) -> bool:
    is_thin = min(region.side_lengths(width, height)) < 1
    return is_thin or region.area(width, height) < MIN_REGION_PIXELS
