"""The region of a picture that an edit may change."""

from __future__ import annotations

from itertools import pairwise
from typing import Annotated, Self

from pydantic import Field, Strict, model_validator

from .document import DocumentPart

_LEAST_AREA = 1e-9  # of the picture: far less than a pixel, and more than rounding
MIN_REGION_PIXELS = 16
"""Pixels of the result that an edit of a region may change at least: of fewer nothing is seen."""

Unit = Annotated[float, Strict(), Field(ge=0, le=1)]
Corners = tuple[tuple[Unit, Unit], ...]


class Region(DocumentPart, use_attribute_docstrings=True):
    """The region that an edit may change: a box or a polygon, in fractions of width and height."""

    box: tuple[Unit, Unit, Unit, Unit] | None = None
    """`[left, top, right, bottom]` as fractions of the width and the height, each from 0 to 1, with
    left < right and top < bottom."""
    polygon: Annotated[Corners, Field(min_length=3, max_length=200, fail_fast=True)] | None = None
    """The corners `[x, y]` in their order, as fractions of the width and the height, each from 0 to 1."""

    @property
    def corners(self) -> Corners:
        """Returns the corners of the box or the polygon, in fractions of the sides."""
        if self.box is None:
            return self.polygon or ()
        left, top, right, bottom = self.box
        return (left, top), (right, top), (right, bottom), (left, bottom)

    def side_lengths(self, width: int, height: int) -> tuple[float, float]:
        """Returns how many pixels of a picture of this size the region is wide and high."""
        across, down = zip(*self.corners, strict=True)
        return (max(across) - min(across)) * width, (max(down) - min(down)) * height

    def area(self, width: int, height: int) -> float:
        """Returns how many pixels of a picture of this size the region has; of a polygon that crosses itself
        it may be more than these.
        """
        return sum(_triangles(self.corners)) / 2 * width * height

    @model_validator(mode="after")
    def _one_with_an_area(self) -> Self:
        if (self.box is None) == (self.polygon is None):
            raise ValueError("give either a box or a polygon")
        if self.box is not None and not (self.box[0] < self.box[2] and self.box[1] < self.box[3]):
            raise ValueError("a box is [left, top, right, bottom] with left < right and top < bottom")
        if self.polygon is not None and not _has_area(self.polygon):
            raise ValueError("a polygon's points must not lie on one line")
        return self


def _has_area(polygon: Corners) -> bool:
    """Returns True if any triangle has area (so also for self-crossing polygons)."""
    return any(twice > _LEAST_AREA for twice in _triangles(polygon))


def _triangles(polygon: Corners) -> list[float]:
    """Returns twice the area of each triangle of the fan triangulation."""
    x, y = polygon[0]
    edges = [(right - x, down - y) for right, down in polygon[1:]]
    return [abs(a[0] * b[1] - a[1] * b[0]) for a, b in pairwise(edges)]
