"""Panels: flat areas with four straight edges, such as a sign, a board or a page, seen from anywhere."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from worker.engines.protocol import Picture
from worker.typesetting.calm_places import measure_clutter

_SEEDS = 14  # a side: where areas are sought
_SPREADS = (12.0, 22.0)  # CIELAB's units: how far an area's colours are from the one where the search began
_STEPS = (2.5, 5.0)  # CIELAB's units a pixel: how fast an area's colours change
_LEAST, _MOST = 0.025, 0.6  # shares of the picture
_STRAIGHT = 0.87  # intersection over union with the four corners: below it the edges are not straight
_STEEPEST = 0.5  # sine of the upper and the lower edge's slope: 30 degrees
_SKEWED = 0.5  # cosine of a corner's angle: 60 to 120 degrees
_FORESHORTENED = 0.5  # of two opposite edges
_AT_EDGES = 1  # edges of the picture that a panel may touch


@dataclass(frozen=True)
class Panel:
    """A flat area."""

    corners: NDArray[np.float32]
    """(4, 2) in pixels, from the upper left one on, clockwise."""
    area: NDArray[np.bool_]
    """(H, W): where the area's own colour is, without what is drawn on it."""
    share: float
    """Of the picture."""
    straightness: float
    """From 0 to 1: the intersection over union of its outline and the four corners."""

    @property
    def worth(self) -> float:
        return self.share**0.5 * self.straightness**4


def find_panels(picture: Picture) -> list[Panel]:
    """Returns the panels, the best first."""
    found: list[Panel] = []
    for area in _flat_areas(picture):
        panel = _panel_of(area)
        if panel is not None and not any(_is_same(panel, other) for other in found):
            found.append(panel)
    return sorted(found, key=lambda panel: panel.worth, reverse=True)


def _flat_areas(picture: Picture) -> Iterator[NDArray[np.bool_]]:
    """Yields connected areas of one colour, and areas of slowly changing colour."""
    least = _LEAST / 4 * picture.shape[0] * picture.shape[1]  # letters and frames are no part of it
    clutter = measure_clutter(picture)
    for step in _STEPS:
        count, labels, facts, _ = cv2.connectedComponentsWithStats(
            (clutter < step).astype(np.uint8), connectivity=4
        )
        yield from (labels == n for n in range(1, count) if facts[n, cv2.CC_STAT_AREA] >= least)
    lab = np.asarray(cv2.GaussianBlur(cv2.cvtColor(picture, cv2.COLOR_RGB2LAB), (0, 0), 0.8), np.float32)
    for spread in _SPREADS:
        yield from (area for area in _areas_of_one_colour(lab, spread) if area.sum() >= least)


def _areas_of_one_colour(lab: NDArray[np.float32], spread: float) -> Iterator[NDArray[np.bool_]]:
    height, width = lab.shape[:2]
    seen = np.zeros((height, width), np.bool_)
    how = 4 | cv2.FLOODFILL_MASK_ONLY | cv2.FLOODFILL_FIXED_RANGE
    for y in np.linspace(0, height - 1, _SEEDS + 2)[1:-1].astype(int):
        for x in np.linspace(0, width - 1, _SEEDS + 2)[1:-1].astype(int):
            if not seen[y, x]:
                filled = np.zeros((height + 2, width + 2), np.uint8)
                cv2.floodFill(lab, filled, (int(x), int(y)), (0, 0, 0), (spread,) * 3, (spread,) * 3, how)
                area = filled[1:-1, 1:-1] > 0
                seen |= area
                yield area


def _panel_of(area: NDArray[np.bool_]) -> Panel | None:
    whole = cv2.morphologyEx(area.astype(np.uint8), cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))
    outlines, _ = cv2.findContours(whole, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    if not outlines:
        return None
    outline = np.asarray(max(outlines, key=cv2.contourArea), np.int32)
    quad = _four_corners(outline)
    share = 0.0 if quad is None else cv2.contourArea(quad) / area.size
    if quad is None or not _LEAST <= share <= _MOST or _edges_touched(outline, area.shape) > _AT_EDGES:
        return None
    if not _is_seen_from_the_front(quad):
        return None
    straightness = _overlap(outline, quad, area.shape)
    return Panel(order_corners(quad), area, share, straightness) if straightness >= _STRAIGHT else None


def _overlap(outline: NDArray[np.int32], quad: NDArray[np.float32], shape: tuple[int, ...]) -> float:
    one, other = np.zeros(shape, np.uint8), np.zeros(shape, np.uint8)
    cv2.fillPoly(one, [outline], 1)
    cv2.fillPoly(other, [np.round(quad).astype(np.int32)], 1)
    return float((one & other).sum() / max(1, (one | other).sum()))


def _four_corners(outline: NDArray[np.int32]) -> NDArray[np.float32] | None:
    """Returns (4, 2), the convex hull's four corners; None if it has no four."""
    hull = cv2.convexHull(outline)
    around = cv2.arcLength(hull, closed=True)
    for share in (0.02, 0.03, 0.045, 0.06, 0.08):
        corners = cv2.approxPolyDP(hull, share * around, closed=True)
        if len(corners) == 4:
            return corners.reshape(4, 2).astype(np.float32)
        if len(corners) < 4:
            return None
    return None


def order_corners(quad: NDArray[np.float32]) -> NDArray[np.float32]:
    """Returns the corners clockwise, from the upper left one on."""
    middle = quad.mean(axis=0)
    around = quad[np.argsort(np.arctan2(quad[:, 1] - middle[1], quad[:, 0] - middle[0]))]
    first = int(np.argmin(around.sum(axis=1)))
    return np.roll(around, -first, axis=0).astype(np.float32)


def _is_seen_from_the_front(quad: NDArray[np.float32]) -> bool:
    """Returns False where a rectangle would be seen from so far aside that words on it could not be read."""
    corners = order_corners(quad)
    edges = np.roll(corners, -1, axis=0) - corners
    lengths = np.linalg.norm(edges, axis=1)
    if lengths.min() <= 0:
        return False
    slopes = np.abs(edges[[0, 2], 1]) / lengths[[0, 2]]
    turns = np.abs((edges * np.roll(edges, -1, axis=0)).sum(axis=1)) / (lengths * np.roll(lengths, -1))
    opposite = np.minimum(lengths[:2], lengths[2:]) / np.maximum(lengths[:2], lengths[2:])
    return bool(slopes.max() <= _STEEPEST and turns.max() <= _SKEWED and opposite.min() >= _FORESHORTENED)


def _edges_touched(outline: NDArray[np.int32], shape: tuple[int, ...]) -> int:
    height, width = shape[:2]
    x, y = outline[..., 0], outline[..., 1]
    return sum((x.min() <= 1, y.min() <= 1, x.max() >= width - 2, y.max() >= height - 2))


def _is_same(one: Panel, other: Panel) -> bool:
    return float(np.abs(one.corners - other.corners).max()) < 6
