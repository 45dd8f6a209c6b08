"""Clears a place for words: what is drawn there is painted over with the shades of the surface."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from worker.engines.protocol import Picture

_BUSY = 0.02  # variance of the colours inside a panel from which on it is painted over
_INNER = 0.9  # of a panel: its edges stay as they are
_RING = 0.12  # of a line's height: how far around it the surface's shades are looked at


def clear_panel(picture: Picture, panel: NDArray[np.bool_], corners: NDArray[np.float32]) -> None:
    """Paints a panel over, with its corners in pixels, if something is drawn on it."""
    inner = corners.mean(axis=0) + (corners - corners.mean(axis=0)) * _INNER
    left, top, right, bottom = _bounds(inner, picture)
    inside = _fill_polygon(inner, (left, top, right, bottom))
    part = picture[top:bottom, left:right]
    if not inside.any() or float(part[inside > 0].var(axis=0).sum()) < _BUSY:
        return
    small = np.asarray(cv2.resize(picture, panel.shape[::-1], interpolation=cv2.INTER_AREA), np.float32)
    own = cv2.erode(panel.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
    rows, columns = np.nonzero(own if own.any() else panel)
    scale = picture.shape[1] / panel.shape[1]
    plane = _fit_plane(columns * scale, rows * scale, small[rows, columns])
    soft = _soften(inside, max(1.0, 0.012 * (bottom - top)))
    _paint(part, plane, (left, top), soft)


def clear_lines(picture: Picture, corners: NDArray[np.float32]) -> None:
    """Paints letters over, with their corners in pixels, in the shades of a ring around them."""
    middle = corners.mean(axis=0)
    height = float(np.linalg.norm(corners[3] - corners[0]))
    width = float(np.linalg.norm(corners[1] - corners[0]))
    ring = max(2.0, _RING * height)
    outer = middle + (corners - middle) * np.array(
        [1 + 2 * ring / max(width, 1), 1 + 2 * ring / max(height, 1)]
    )
    left, top, right, bottom = bounds = _bounds(outer, picture)
    inside, around = _fill_polygon(corners, bounds), _fill_polygon(outer, bounds)
    part = picture[top:bottom, left:right]
    rows, columns = np.nonzero((around > 0) & (inside == 0))
    if not len(rows):
        return
    colours = part[rows, columns]
    usual = np.abs(colours - np.median(colours, axis=0)).sum(axis=1)
    kept = usual <= np.quantile(usual, 0.8)  # an edge that the ring crosses is none of the surface's shades
    plane = _fit_plane(columns[kept] + float(left), rows[kept] + float(top), colours[kept])
    _paint(part, plane, (left, top), np.maximum(_soften(inside, max(0.7, ring / 4)), inside))


def _soften(inside: NDArray[np.float32], sigma: float) -> NDArray[np.float32]:
    return np.asarray(cv2.GaussianBlur(inside, (0, 0), sigma), np.float32)


def _paint(
    part: Picture, plane: NDArray[np.float64], origin: tuple[int, int], share: NDArray[np.float32]
) -> None:
    x = (np.arange(part.shape[1]) + origin[0])[None, :, None]
    y = (np.arange(part.shape[0]) + origin[1])[:, None, None]
    shades = np.clip(plane[0] + plane[1] * x + plane[2] * y, 0, 1).astype(np.float32)
    part += (shades - part) * share[..., None]


def _fit_plane(x: NDArray[Any], y: NDArray[Any], colours: NDArray[np.float32]) -> NDArray[np.float64]:
    """Returns (3, 3): colours as a constant, and how they change with x and y, in pixels."""
    places = np.stack([np.ones(len(x)), x, y], axis=1)
    return np.asarray(np.linalg.lstsq(places, colours.astype(np.float64), rcond=None)[0], np.float64)


def _bounds(corners: NDArray[np.float32], picture: Picture) -> tuple[int, int, int, int]:
    left, top = np.maximum(np.floor(corners.min(axis=0)).astype(int) - 2, 0)
    right, bottom = np.minimum(np.ceil(corners.max(axis=0)).astype(int) + 2, picture.shape[1::-1])
    return int(left), int(top), int(right), int(bottom)


def _fill_polygon(corners: NDArray[np.float32], bounds: tuple[int, int, int, int]) -> NDArray[np.float32]:
    left, top, right, bottom = bounds
    inside = np.zeros((max(0, bottom - top), max(0, right - left)), np.float32)
    cv2.fillPoly(inside, [np.round(corners - (left, top)).astype(np.int32)], 1.0)
    return inside
