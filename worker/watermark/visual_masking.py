"""How much change each place of a picture hides: texture much, flats little, and a lone edge no more."""

from __future__ import annotations

import cv2
import numpy as np

from worker.watermark.canonical_view import Luma, Pixels, blurred

LEAST, MOST = 0.35, 2.2
# An edge between two flats deviates as much as texture does and hides nothing: a mark as strong as it
# allows shows as speckles along it. Texture goes on; so a place counts as its quietest neighbour does.
NEIGHBOURHOOD = 25  # pixels across, of the canonical 512


# Of a place's deviation in levels: less is flat to the eye.
FLAT = 1.0
# In the dark a level is a large step of light: of a display of 120 cd/m² one level of 20 is 5 %, one of 128
# 1.6 %. So many levels a mark may deviate by in flat places up to this luma; above it grows so fast that from
# about 75 on it bounds nothing. By Daly's contrast sensitivity (1993) at 2 to 5 cycles a degree; see
# benchmarks.watermark.
DARK, HIDDEN, GROWTH = 40.0, 0.12, 12.0
# Texture raises that limit: by its own deviation in units of what is just seen, to this power (Daly as well).
MASKING = 0.7
# A picture with more than this share of dark flats is marked with regard to them.
FEW = 0.005


def plainness(luma: Luma) -> float:
    """The share of luma (h, w, 0–255) that is flat, and shows a mark as grain sooner than the rest."""
    return float(np.mean(_activity(luma) < FLAT))


def visibility_mask(luma: Luma) -> Pixels:
    """Relative strength (h, w) that a mark may have in luma (h, w, 0–255); its mean square is 1."""
    mask = np.clip(((_activity(luma) + 1.2) / 4) ** 0.6, LEAST, MOST)
    return (mask / np.sqrt(np.mean(mask * mask))).astype(np.float32)


def dark_limit(luma: Luma) -> Pixels:
    """By how many levels a mark may deviate in each place (h, w) of luma and is not seen in the dark."""
    allowed = HIDDEN * np.exp(np.clip((blurred(luma, 4) - DARK) / GROWTH, 0, 20))
    return (allowed * np.maximum(1, _activity(luma) / HIDDEN) ** MASKING).astype(np.float32)


def has_dark_flats(luma: Luma) -> bool:
    """Whether a part of luma (h, w, 0–255) is so dark and even that a mark would show there as a lattice."""
    return float(np.mean(dark_limit(luma) < FLAT)) > FEW


def _activity(luma: Luma) -> Pixels:
    """How much each place deviates from its surroundings, in levels, where its neighbours do so too."""
    detail = luma - blurred(luma, 2)
    deviation = np.sqrt(blurred(detail * detail, 3))
    quietest = cv2.erode(deviation, np.ones((NEIGHBOURHOOD, NEIGHBOURHOOD), np.uint8))
    return np.minimum(deviation, 1.2 * quietest + 0.3).astype(np.float32, copy=False)
