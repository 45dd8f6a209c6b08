"""The region of a picture that an edit may change."""

from __future__ import annotations

from itertools import pairwise
from typing import Annotated, Self

from pydantic import Field, Strict, model_validator

from .document import DocumentPart

_LEAST_AREA = 1e-9  # of the picture: far less than a pixel, and more than rounding

Unit = Annotated[float, Strict(), Field(ge=0, le=1)]
Corners = tuple[tuple[Unit, Unit], ...]


class Region(DocumentPart, use_attribute_docstrings=True):
    """The region that an edit may change: a box or a polygon, in fractions of width and height."""

    box: tuple[Unit, Unit, Unit, Unit] | None = None
    """`[left, top, right, bottom]` as fractions of the width and the height, each from 0 to 1, with
    left < right and top < bottom."""
    polygon: Annotated[Corners, Field(min_length=3, max_length=200, fail_fast=True)] | None = None
    """The corners `[x, y]` in their order, as fractions of the width and the height, each from 0 to 1."""

    @model_validator(mode="after")
    def _one_with_an_area(self) -> Self:
        if (self.box is None) == (self.polygon is None):
            raise ValueError("give either a box or a polygon")
        if self.box is not None and not (self.box[0] < self.box[2] and self.box[1] < self.box[3]):
            raise ValueError("a box is [left, top, right, bottom] with left < right and top < bottom")
        if self.polygon is not None and not _has_area(self.polygon):
            raise ValueError("a polygon's points must not lie on one line")
        return self


def _has_area(polygon: tuple[tuple[float, float], ...]) -> bool:
    """Returns True if any triangle of the fan triangulation has area (so also for self-crossing polygons)."""
    x, y = polygon[0]
    edges = [(right - x, down - y) for right, down in polygon[1:]]
    return any(abs(a[0] * b[1] - a[1] * b[0]) > _LEAST_AREA for a, b in pairwise(edges))
