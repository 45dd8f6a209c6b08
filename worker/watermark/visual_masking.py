"""Visual masking: texture hides more change than flat areas or isolated edges."""

from __future__ import annotations

from functools import cached_property

import cv2
import numpy as np

from worker.watermark.canonical_view import Luma, Pixels, gaussian_blur

LEAST, MOST = 0.35, 2.2
# An edge between two flat areas deviates as much as texture and hides nothing: a strong mark shows as
# speckles along it. Texture continues, so each place has the activity of its quietest neighbour.
NEIGHBOURHOOD = 25  # pixels across, of the canonical 512


# A place with less deviation, in levels, looks flat.
FLAT = 1.0
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
    """Says how strong a mark may be in each place of luma (h, w) in 0–255."""

    def __init__(self, luma: Luma) -> None:
        self._luma = luma

    @property
    def flat_share(self) -> float:
        """The share of the picture that is flat, where a mark shows as grain first."""
        return float(np.mean(self._activity < FLAT))

    @cached_property
    def strengths(self) -> Pixels:
        """The relative strength (h, w) of a mark; its mean square is 1."""
        mask = np.clip(((self._activity + np.float32(1.2)) / 4) ** np.float32(0.6), LEAST, MOST)
        return (mask / np.sqrt(np.mean(mask * mask))).astype(np.float32, copy=False)

    @cached_property
    def dark_limit(self) -> Pixels:
        """The levels (h, w) by which a mark may deviate and stay invisible in dark areas."""
        allowed = HIDDEN * np.exp(np.clip((gaussian_blur(self._luma, 4) - DARK) / GROWTH, 0, 20))
        return (allowed * np.maximum(1, self._activity / HIDDEN) ** MASKING).astype(np.float32)

    @property
    def has_dark_flats(self) -> bool:
        """True if a part is so dark and flat that a mark would show there."""
        return float(np.mean(self.dark_limit < FLAT)) > FEW

    @cached_property
    def _activity(self) -> Pixels:
        """Each place's deviation from its surroundings, in levels, limited by its neighbours'."""
        detail = self._luma - gaussian_blur(self._luma, 2)
        deviation = np.sqrt(gaussian_blur(detail * detail, 3))
        quietest = cv2.erode(deviation, np.ones((NEIGHBOURHOOD, NEIGHBOURHOOD), np.uint8))
        return np.minimum(deviation, 1.2 * quietest + 0.3).astype(np.float32, copy=False)
