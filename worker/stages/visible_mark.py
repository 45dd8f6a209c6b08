"""Visible mark: a leaf and the letters AI in the corner, if the request asks for it.

It is drawn from signed distances (negative inside a shape), so that it is as sharp at 4096 pixels as at 256,
and needs no font. It is white with a dark outline: on any background one of the two stands out.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from worker.stages.work import Work

Distances = npt.NDArray[np.float32]
Point = tuple[float, float]

# In heights of the mark, x to the right and y down.
WIDTH = 2.2
_MARGIN = 0.5
_STROKE, _RIB, _OUTLINE = 0.085, 0.035, 0.1  # half the width of a line; the outline lies around it
_LEAF: tuple[Point, Point] = ((0.14, 0.86), (0.96, 0.04))  # from the stem to the tip
_BULGE = 0.62  # radius of a leaf's edge, in lengths of the leaf: less is rounder
_STEM: Point = (0.04, 0.96)
_A: tuple[tuple[Point, Point], ...] = (
    ((1.16, 0.91), (1.46, 0.09)),
    ((1.46, 0.09), (1.76, 0.91)),
    ((1.27, 0.64), (1.65, 0.64)),
)
_I: tuple[Point, Point] = ((2.08, 0.09), (2.08, 0.91))

# Of the picture.
_HEIGHT = 0.045  # of the side of a square as large as the picture
_MIN_HEIGHT = 18.0  # pixels: in a smaller mark the letters close
_MAX_SHARE = 0.4  # of either side, margins included, so that small pictures stay visible

_INK, _PAPER = np.float32(0.06), np.float32(0.97)
_OUTLINE_OPACITY, _OPACITY = np.float32(0.7), np.float32(0.94)


def visible_mark(work: Work) -> Work:
    """Draws the mark into each picture."""
    for picture in work.pictures:
        picture.rgb = draw_visible_mark(picture.rgb)
    return work


def draw_visible_mark(rgb: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Returns a copy of float32 (H, W, 3) in 0–1 with the whole mark in its lower right corner."""
    height, width = rgb.shape[:2]
    size = mark_height(width, height)
    rows, columns = _span(height, 1, size), _span(width, WIDTH, size)
    left, top = width - (WIDTH + _MARGIN) * size, height - (1 + _MARGIN) * size
    x = (np.arange(*columns.indices(width), dtype=np.float32) + 0.5 - left) / size
    y = (np.arange(*rows.indices(height), dtype=np.float32) + 0.5 - top) / size
    distances = _mark(*np.meshgrid(x, y))
    result = rgb.copy()
    patch = result[rows, columns]
    patch += (_INK - patch) * (_OUTLINE_OPACITY * _coverage(distances - _OUTLINE, size))
    patch += (_PAPER - patch) * (_OPACITY * _coverage(distances, size))
    return result


def mark_height(width: int, height: int) -> float:
    """Returns the mark's height in pixels, in a picture of that size."""
    wanted = max(_MIN_HEIGHT, _HEIGHT * (width * height) ** 0.5)
    return min(wanted, _MAX_SHARE * width / (WIDTH + 2 * _MARGIN), _MAX_SHARE * height / (1 + 2 * _MARGIN))


def _span(side: int, extent: float, size: float) -> slice:
    """Returns the rows or columns that the mark and its outline touch."""
    return slice(max(0, int(side - (extent + 2 * _MARGIN) * size)), side)


def _coverage(distances: Distances, size: float) -> Distances:
    """Returns how much of each pixel lies inside, (h, w, 1) in 0–1; half a pixel is 0.5 / size."""
    return np.clip(0.5 - distances * size, 0, 1).astype(np.float32)[..., None]


def _mark(x: Distances, y: Distances) -> Distances:
    leaf = np.maximum(_leaf(x, y), _RIB - _line(x, y, _LEAF[0], _between(*_LEAF, 0.72)))
    strokes = [_line(x, y, *ends) - _STROKE for ends in (*_A, _I)]
    stem = _line(x, y, _STEM, _LEAF[0]) - _RIB
    return np.minimum.reduce([leaf, stem, *strokes])


def _leaf(x: Distances, y: Distances) -> Distances:
    """Returns the distance to the leaf, which is the intersection of two circles."""
    (x0, y0), (x1, y1) = _LEAF
    along_x, along_y = x1 - x0, y1 - y0
    offset = (_BULGE**2 - 0.25) ** 0.5  # of the centres from the leaf's middle, sideways
    radius = _BULGE * float(np.hypot(along_x, along_y))
    centres = [((x0 + x1) / 2 + side * along_y, (y0 + y1) / 2 - side * along_x) for side in (offset, -offset)]
    return np.maximum.reduce([np.hypot(x - cx, y - cy) - radius for cx, cy in centres])


def _line(x: Distances, y: Distances, start: Point, end: Point) -> Distances:
    """Returns the distance to the straight line between two points."""
    along_x, along_y = end[0] - start[0], end[1] - start[1]
    at = ((x - start[0]) * along_x + (y - start[1]) * along_y) / (along_x**2 + along_y**2)
    at = np.clip(at, 0, 1)
    return np.hypot(x - start[0] - at * along_x, y - start[1] - at * along_y)


def _between(start: Point, end: Point, at: float) -> Point:
    return start[0] + at * (end[0] - start[0]), start[1] + at * (end[1] - start[1])
