"""Locate: makes a mask of the region that a request names in words."""

from __future__ import annotations

import cv2
import numpy as np

from functions.contract.errors import RegionNotFound
from functions.contract.manifest import RegionFacts
from worker.engines.protocol import Mask
from worker.stages.tools import EngineTools
from worker.stages.work import Work

_MARGIN = 0.015  # of the shorter side: the edge of a thing changes too, and the seam is feathered inside
_SMALLEST, _LARGEST = 0.0005, 0.98  # shares of the picture


def locate(work: Work, tools: EngineTools) -> Work:
    """Finds the region. Raises RegionNotFound if the picture does not show it, or if the finder knows nothing
    of what the name says.
    """
    name = work.request.region_prompt or ""
    found = tools.vision.finder(work.model).find(work.images[0], name)
    if found is not None and found.is_guess:
        raise RegionNotFound(
            "The region_prompt was not understood: no word in it is a thing that is known here, a colour, or "
            '"the background". Name one of these, or give a region or a mask.'
        )
    share = float(found.mask.mean()) if found else 0.0
    if found is None or not _SMALLEST <= share <= _LARGEST:
        raise RegionNotFound(
            "The picture shows nothing that the region_prompt names: give a region or a mask."
        )
    work.mask = with_margin(found.mask)
    work.region = RegionFacts(
        by=found.by,
        box=box_of(work.mask),
        share=round(float(work.mask.mean()), 4),
        unrecognized=found.unrecognized,
    )
    return work


def with_margin(mask: Mask) -> Mask:
    """Returns the mask, grown by a small margin on all sides."""
    radius = max(1, round(min(mask.shape) * _MARGIN))
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * radius + 1, 2 * radius + 1))
    return np.asarray(cv2.dilate(mask, disc), np.float32)


def box_of(mask: Mask) -> tuple[float, float, float, float]:
    """Returns left, top, right and bottom of what is not 0, as shares of the sides."""
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    height, width = mask.shape
    left, top, right, bottom = columns[0], rows[0], columns[-1] + 1, rows[-1] + 1
    box = (left / width, top / height, right / width, bottom / height)
    return (round(box[0], 4), round(box[1], 4), round(box[2], 4), round(box[3], 4))
