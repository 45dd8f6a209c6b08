"""Paints over doubles: things that the picture shows once and that a model drew again around it.

A model that continues a night with a moon in it often draws another moon. Things that stand out from their
surroundings are found at a small size, in the picture and around it. A thing around the picture is a double
if the picture has exactly one of its kind. It is filled from its surroundings, in floats and at full size.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np

from worker.engines.protocol import Mask, Picture

_SIDE = 192  # pixels of the longer side at which things are looked for
_NEIGHBOURHOOD = 0.45  # of the shorter side: a thing is compared with the median of that much around it
_STANDS_OUT = 0.12  # of a colour channel's range
_DOUBLE_STRENGTH, _RIM_STRENGTH = 0.35, 0.12  # beside the thing: a double is often fainter, its rim more so
_OTHER_COLOUR = 0.4  # how much of a pixel's contrast may be of another colour
_SHADE = 0.3  # contrasts that round to the same multiple of it are one colour
_AREAS = (
    0.0008,
    0.035,
)  # shares of the frame: a smaller thing is a star, a larger one is no thing in the sky
_FILLS = 0.2  # of its bounding box, at least: a line is no thing
_SAME_SIZE = 4.0  # the ratio of areas that still counts as one kind
_SMOOTH, _SMOOTH_SHARE = 0.12, 0.6  # that share of the ring around a thing is that near its median colour
_RIM = 6  # pixels at the small size that a double's rim reaches


@dataclass(frozen=True)
class _Thing:
    """A thing that stands out: its pixels (h, w) at the small size, and its contrast (3,) in colour."""

    pixels: np.ndarray
    contrast: np.ndarray

    def is_like(self, other: _Thing) -> bool:
        smaller, larger = sorted((int(self.pixels.sum()), int(other.pixels.sum())))
        is_same_contrast = _has_contrast_of(self.contrast, other.contrast, _DOUBLE_STRENGTH)
        return larger <= _SAME_SIZE * smaller and bool(is_same_contrast)


def without_doubles(before: Picture, after: Picture, mask: Mask) -> tuple[Picture, int]:
    """Returns ``after`` with the doubles around the picture painted over, and their number.

    All arrays have the frame's size. ``before`` shows the picture where ``mask`` is 0.
    """
    inside, around = _shrink(mask) < 0.5, _contrast(_shrink(after))
    spots = np.zeros(inside.shape, np.bool_)
    for thing in _find_unique(_contrast(_shrink(before)), inside):
        rim = _has_contrast_of(around, thing.contrast, _RIM_STRENGTH) & ~inside
        for found in _find_things(
            around, _has_contrast_of(around, thing.contrast, _DOUBLE_STRENGTH), ~inside
        ):
            if found.is_like(thing):
                spots |= _with_rim(found.pixels, rim)
    if not spots.any():
        return after, 0
    grown = cv2.dilate(spots.astype(np.uint8), np.ones((5, 5), np.uint8))
    count = cv2.connectedComponents(grown, connectivity=8)[0] - 1  # the background is one of them
    hole = cv2.resize(grown.astype(np.float32), mask.shape[::-1], interpolation=cv2.INTER_LINEAR) > 0.1
    return _fill_hole(after, hole & (mask > 0)), count


def _find_unique(contrast: np.ndarray, inside: np.ndarray) -> Iterator[_Thing]:
    """Yields the things that the picture has once: among whole figures, and among parts of one colour."""
    stands_out = (np.abs(contrast).max(axis=2) > _STANDS_OUT) & inside
    shades = np.round(contrast / _SHADE).astype(np.int8)
    figures = _find_things(contrast, stands_out, inside)
    parts = [
        part
        for shade in np.unique(shades[stands_out], axis=0)
        for part in _find_things(contrast, stands_out & (shades == shade).all(axis=2), inside)
    ]
    for sort in (figures, parts):
        yield from (thing for thing in sort if sum(thing.is_like(other) for other in sort) == 1)


def _find_things(contrast: np.ndarray, stands_out: np.ndarray, region: np.ndarray) -> list[_Thing]:
    """Returns the things that lie whole within ``region`` (h, w) and have smooth surroundings."""
    found = (stands_out & region).astype(np.uint8)
    count, labels, boxes, _ = cv2.connectedComponentsWithStats(found, connectivity=8)
    edge = cv2.dilate((~region).astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
    things: list[_Thing] = []
    for n in range(1, count):
        area = int(boxes[n, cv2.CC_STAT_AREA])
        box = int(boxes[n, cv2.CC_STAT_WIDTH]) * int(boxes[n, cv2.CC_STAT_HEIGHT])
        if not _AREAS[0] <= area / region.size <= _AREAS[1] or area < _FILLS * box:
            continue
        pixels = np.asarray(labels == n)
        if not (pixels & edge).any() and _is_smooth_around(contrast, pixels):
            things.append(_Thing(pixels, contrast[pixels].mean(axis=0)))
    return things


def _contrast(small: Picture) -> np.ndarray:
    """Returns the difference of each pixel of (h, w, 3) from the median of its surroundings."""
    levels = (small * 255).round().clip(0, 255).astype(np.uint8)
    median = cv2.medianBlur(levels, int(min(small.shape[:2]) * _NEIGHBOURHOOD) | 1)
    return small - np.asarray(median, np.float32) / 255


def _has_contrast_of(contrast: np.ndarray, other: np.ndarray, strong: float) -> np.ndarray:
    """Returns True for contrasts (…, 3) of the colour of ``other`` (3,), and stronger than that share."""
    strength = contrast @ other / float(other @ other)
    rest = np.linalg.norm(contrast - strength[..., None] * other, axis=-1)
    return (strength > strong) & (rest < _OTHER_COLOUR * np.linalg.norm(contrast, axis=-1))


def _is_smooth_around(contrast: np.ndarray, pixels: np.ndarray) -> bool:
    """Returns True if most of the ring around the pixels has one colour, as sky, walls and snow have."""
    near, far = (cv2.dilate(pixels.astype(np.uint8), np.ones((side, side), np.uint8)) for side in (7, 11))
    ring = contrast[(far > 0) & (near == 0)]
    is_near = np.abs(ring - np.median(ring, axis=0)).max(axis=1) < _SMOOTH
    return len(ring) > 0 and float(is_near.mean()) > _SMOOTH_SHARE


def _with_rim(pixels: np.ndarray, rim: np.ndarray) -> np.ndarray:
    """Returns the pixels and those of ``rim`` that are connected with them, as far as a rim reaches."""
    _, labels = cv2.connectedComponents((rim | pixels).astype(np.uint8), connectivity=8)
    joined = np.isin(labels, np.unique(np.asarray(labels)[pixels]))
    reach = np.ones((2 * _RIM + 1, 2 * _RIM + 1), np.uint8)
    return joined & (cv2.dilate(pixels.astype(np.uint8), reach) > 0)


def _fill_hole(picture: Picture, hole: np.ndarray) -> Picture:
    """Returns the picture with the hole (H, W) filled from around it: pull-push, Gortler et al., 1996."""
    levels = [(_as_floats(picture * ~hole[..., None]), _as_floats(~hole))]
    while min(levels[-1][1].shape) > 2 and float(levels[-1][1].min()) < 1e-3:
        colours, weight = levels[-1]
        levels.append((_as_floats(cv2.pyrDown(colours)), _as_floats(cv2.pyrDown(weight))))
    filled = levels[-1][0] / np.maximum(levels[-1][1], 1e-6)[..., None]
    for colours, weight in reversed(levels[:-1]):
        coarse = cv2.pyrUp(filled, dstsize=weight.shape[::-1])
        filled = colours + (1 - np.minimum(weight, 1))[..., None] * coarse
    return np.where(hole[..., None], filled, picture).astype(np.float32)


def _as_floats(array: object) -> np.ndarray:
    return np.asarray(array, np.float32)


def _shrink(array: np.ndarray) -> np.ndarray:
    scale = min(1.0, _SIDE / max(array.shape[:2]))
    size = (max(1, round(array.shape[1] * scale)), max(1, round(array.shape[0] * scale)))
    return _as_floats(cv2.resize(array.astype(np.float32), size, interpolation=cv2.INTER_AREA))
