"""Unmarked patches, in which nothing may be found."""

from __future__ import annotations

import cv2
import numpy as np

from benchmarks.watermarking.pictures import PHOTOGRAPHS, photograph
from benchmarks.watermarking.recovery import KEY
from worker.pictures.pixel_levels import Levels, levels_to_floats
from worker.watermark.carriers import derive_carriers
from worker.watermark.detector import detect_watermark

SIDE = 256
SEARCHED = 16  # one patch in so many is searched in every geometry as well, which takes the longest


def find_false_claims(first: int, count: int) -> list[int]:
    """Returns the numbers, from ``first`` on, of the patches in which a mark was claimed."""
    found: list[int] = []
    for n in range(first, first + count):
        effort = "pieces" if n % SEARCHED else "search"
        if detect_watermark(levels_to_floats(patch(n)), derive_carriers(KEY), effort).found:
            found.append(n)
    return found


def patch(n: int) -> Levels:
    """Returns a patch (256, 256, 3) of a photograph, from anywhere, scaled by 0.6 to 2; every other
    one is mirrored.
    """
    random = np.random.default_rng([1, n])
    levels = photograph(PHOTOGRAPHS[n % len(PHOTOGRAPHS)])
    side = round(min(SIDE / random.uniform(0.6, 2), *levels.shape[:2]))
    top, left = (int(random.integers(0, length - side + 1)) for length in levels.shape[:2])
    piece = levels[top : top + side, left : left + side, :: int(random.choice([-1, 1]))]
    return np.asarray(cv2.resize(piece, (SIDE, SIDE), interpolation=cv2.INTER_CUBIC), np.uint8)
