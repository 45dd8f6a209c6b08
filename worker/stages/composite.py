"""Composite: outside the region the result is the input, to the bit; the seam is feathered inside only."""

from __future__ import annotations

import cv2
import numpy as np

from functions.contract.request import Region
from worker.stages.work import Work

_FEATHER = 0.01  # of the picture's shorter side


def composite(work: Work) -> Work:
    assert work.mask is not None, "only an edit with a mask is composited"  # noqa: S101 - see Stage.applies
    before, weight = work.images[0], feather(work.mask)
    for picture in work.pictures:
        picture.rgb = blend(before, picture.rgb, weight)
        outside = np.abs(picture.rgb - before)[weight == 0]
        picture.outside_mask_difference = float(outside.max(initial=0))
    return work


def blend(before: np.ndarray, after: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """float32 (H, W, 3): ``before`` where the weight (H, W) is 0, exactly; ``after`` where it is 1."""
    mixed = before + weight[..., None] * (after - before)
    return np.where(weight[..., None] == 0, before, mixed)


def feather(mask: np.ndarray) -> np.ndarray:
    """The mask (H, W) with a soft edge that lies wholly inside it."""
    radius = max(1, round(min(mask.shape) * _FEATHER))
    inner = cv2.erode(mask, np.ones((2 * radius + 1, 2 * radius + 1), np.uint8), borderValue=1.0)
    soft = cv2.GaussianBlur(inner, (0, 0), radius / 2, borderType=cv2.BORDER_REPLICATE)
    return np.where(mask > 0, np.minimum(soft, mask), 0).astype(np.float32)


def region_mask(region: Region, width: int, height: int) -> np.ndarray:
    """float32 (height, width): 1 inside the box or polygon, whose corners are fractions of the sides."""
    mask = np.zeros((height, width), np.float32)
    if region.box:
        left, top, right, bottom = region.box
        corners = [(left, top), (right, top), (right, bottom), (left, bottom)]
    else:
        corners = list(region.polygon or ())
    points = np.array([(x * width, y * height) for x, y in corners])
    cv2.fillPoly(mask, [np.round(points).astype(np.int32)], 1.0)
    return mask
