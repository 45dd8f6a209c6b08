"""Composite: outside the region the result is the input, to the bit; the seam lies wholly inside.

The edge of an edit's region is feathered. What an outpaint adds is joined to the picture (``join_seam``).
"""

from __future__ import annotations

import cv2
import numpy as np

from functions.contract.errors import MaskEmpty
from functions.contract.region import MIN_REGION_PIXELS, Region
from functions.contract.telemetry.log import log
from worker.outpainting.doubles import without_doubles
from worker.outpainting.seam import join_seam
from worker.pictures.blend import blend_pictures
from worker.stages.work import Work

_FEATHER = 0.01  # of the picture's shorter side
_FAINTEST = 0.05  # a mask that is nowhere stronger is the noise of a lossy file


def composite(work: Work) -> Work:
    """Lays each drawn picture into its input, and measures the difference outside the region."""
    assert work.mask is not None, "only an edit with a mask is composited"  # noqa: S101 - see Stage.applies
    before, is_outpaint = work.images[0], work.request.task == "outpaint"
    weight = work.mask if is_outpaint else feather_mask(work.mask)
    for picture in work.pictures:
        drawn = picture.rgb
        if is_outpaint and not (
            work.intent and work.intent.subjects
        ):  # a subject that is asked for may repeat
            drawn, doubles = without_doubles(before, drawn, weight)
            if doubles:
                log("outpaint.painted_over", job_id=work.job_id, doubles=doubles)
        picture.rgb = (
            join_seam(before, drawn, weight) if is_outpaint else blend_pictures(before, drawn, weight)
        )
        outside = np.abs(picture.rgb - before)[weight == 0]
        picture.outside_mask_difference = float(outside.max(initial=0))
    return work


def feather_mask(mask: np.ndarray) -> np.ndarray:
    """Returns the mask (H, W) with a soft edge that lies wholly inside it.

    A part of the mask that is too narrow for the edge gets a narrower edge or none, so that it changes too.
    """
    radius = max(1, round(min(mask.shape) * _FEATHER))
    weight = _softened(mask, radius)
    count, found = cv2.connectedComponents((mask > 0).astype(np.uint8), connectivity=8)
    parts = np.asarray(found, np.int32)
    while radius > 0 and (lost := _lost_parts(mask, weight, parts, count)[parts]).any():
        radius //= 2
        weight = np.where(lost, _softened(mask, radius), weight)
    return weight


def _softened(mask: np.ndarray, radius: int) -> np.ndarray:
    if radius == 0:
        return mask
    inner = cv2.erode(mask, np.ones((2 * radius + 1, 2 * radius + 1), np.uint8), borderValue=1.0)
    soft = cv2.GaussianBlur(inner, (0, 0), radius / 2, borderType=cv2.BORDER_REPLICATE)
    return np.where(mask > 0, np.minimum(soft, mask), 0).astype(np.float32)


def _lost_parts(mask: np.ndarray, weight: np.ndarray, parts: np.ndarray, count: int) -> np.ndarray:
    """Returns bool (count,): True for a part of the mask that has lost over half its weight everywhere."""
    whole, left = np.zeros(count, np.float32), np.zeros(count, np.float32)
    np.maximum.at(whole, parts, mask)
    np.maximum.at(left, parts, weight)
    return left < whole / 2


def check_mask(mask: np.ndarray) -> None:
    """Raises MaskEmpty for a mask (H, W), at the result's size, in which no change could be seen."""
    if np.count_nonzero(mask >= _FAINTEST) < MIN_REGION_PIXELS:
        message = (
            f"The mask lets fewer than {MIN_REGION_PIXELS} pixels of the result change. {MaskEmpty.remedy}"
        )
        raise MaskEmpty(message, field="mask")


def region_mask(region: Region, width: int, height: int) -> np.ndarray:
    """Returns float32 (height, width): 1 inside the box or polygon; corners are fractions of the sides."""
    mask = np.zeros((height, width), np.float32)
    points = np.round([(x * width, y * height) for x, y in region.corners]).astype(np.int32)
    within = np.minimum(points, (width - 1, height - 1))  # a region at the edge has at least one pixel
    cv2.fillPoly(mask, [within.astype(np.int32)], 1.0)
    return mask
