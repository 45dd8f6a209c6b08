"""Visual masking: texture hides more change than flat areas or isolated edges."""

from __future__ import annotations

from functools import cached_property

import cv2
import numpy as np

from worker.watermark.canonical_view import Luma, Pixels, gaussian_blur

LEAST, MOST = 0.35, 2.2
# An edge between two flat areas deviates as much as texture and hides nothing: a strong mark shows as
# speckles along it. Texture continues, so each place has the activity of its quietest neighbour.
NEIGHBOURHOOD = 13  # pixels across, of half the canonical 512


# A place with less deviation, in levels, looks flat. It is 1 at the full size.
FLAT = 1.01
# In dark areas a level is a large step of light: on a display of 120 cd/m² one level at 20 is 5 %, at 128 it
# is 1.6 %. HIDDEN is the limit of a mark's deviation, in levels, in flat areas up to the luma DARK. Above it
# the limit grows so fast that from about 75 it has no effect. From Daly's contrast sensitivity (1993) at 2 to
# 5 cycles per degree; see benchmarks.watermark.
DARK, HIDDEN, GROWTH = 40.0, 0.12, 12.0
# Texture raises that limit by this power of its own deviation in units of the limit (Daly, too).
MASKING = 0.7
# A picture with more than this share of dark flat areas is marked with that limit.
FEW = 0.005


class VisualMasking:
    """Says how strong a mark may be in each place of luma (h, w) in 0–255.

    All of this is smooth, so it is computed at half the size and enlarged.
    """

    def __init__(self, luma: Luma) -> None:
        self._luma = luma

    @property
    def flat_share(self) -> float:
        """The share of the picture that is flat, where a mark shows as grain first."""
        return float(np.mean(self._activity < FLAT))

    @cached_property
    def strengths(self) -> Pixels:
        """The relative strength (h, w) of a mark; its mean square is 1."""
        activity = (self._activity + np.float32(1.2)) / 4
        mask = self._enlarge(np.clip(activity ** np.float32(0.6), LEAST, MOST, dtype=np.float32))
        mask /= np.float32(cv2.norm(mask) / np.sqrt(mask.size))
        return mask

    @cached_property
    def dark_limit(self) -> Pixels:
        """The levels (h, w) by which a mark may deviate and stay invisible in dark areas."""
        return self._enlarge(self._halved_dark_limit)

    @property
    def has_dark_flats(self) -> bool:
        """True if a part is so dark and flat that a mark would show there."""
        return float(np.mean(self._halved_dark_limit < FLAT)) > FEW

    @cached_property
    def _halved_dark_limit(self) -> Pixels:
        light = gaussian_blur(_halve(self._luma), 4 / 2)
        allowed = HIDDEN * np.exp(np.clip((light - DARK) / GROWTH, 0, 20))
        return (allowed * np.maximum(1, self._activity / HIDDEN) ** np.float32(MASKING)).astype(np.float32)

    @cached_property
    def _activity(self) -> Pixels:
        """Each place's deviation from its surroundings, in levels, limited by its neighbours': (h/2, w/2)."""
        detail = self._luma - gaussian_blur(self._luma, 2)
        deviation = np.sqrt(gaussian_blur(_halve(np.square(detail, out=detail)), 3 / 2))
        quietest = cv2.erode(deviation, np.ones((NEIGHBOURHOOD, NEIGHBOURHOOD), np.uint8))
        return np.minimum(deviation, 1.2 * quietest + 0.3).astype(np.float32, copy=False)

    def _enlarge(self, halved: Pixels) -> Pixels:
        height, width = self._luma.shape
        return np.asarray(cv2.resize(halved, (width, height), interpolation=cv2.INTER_LINEAR), np.float32)


def _halve(pixels: Luma) -> Pixels:
    height, width = pixels.shape
    halved = (max(1, width // 2), max(1, height // 2))
    return np.asarray(cv2.resize(pixels, halved, interpolation=cv2.INTER_AREA), np.float32)
