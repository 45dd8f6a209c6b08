"""How much change each place of a picture hides: texture much, flats little, and a lone edge no more."""

from __future__ import annotations

import cv2
import numpy as np

from .canonical import Luma, Pixels, blurred

LEAST, MOST = 0.35, 2.2
# An edge between two flats deviates as much as texture does and hides nothing: a mark as strong as it
# allows shows as speckles along it. Texture goes on; so a place counts as its quietest neighbour does.
NEIGHBOURHOOD = 25  # pixels across, of the canonical 512


# Of a place's deviation in levels: less is flat to the eye.
FLAT = 1.0


def plainness(luma: Luma) -> float:
    """The share of luma (h, w, 0–255) that is flat, and shows a mark as grain sooner than the rest."""
    return float(np.mean(_activity(luma) < FLAT))


def visibility_mask(luma: Luma) -> Pixels:
    """Relative strength (h, w) that a mark may have in luma (h, w, 0–255); its mean square is 1."""
    mask = np.clip(((_activity(luma) + 1.2) / 4) ** 0.6, LEAST, MOST)
    return (mask / np.sqrt(np.mean(mask * mask))).astype(np.float32)


def _activity(luma: Luma) -> Pixels:
    """How much each place deviates from its surroundings, in levels, where its neighbours do so too."""
    detail = luma - blurred(luma, 2)
    deviation = np.sqrt(blurred(detail * detail, 3))
    quietest = cv2.erode(deviation, np.ones((NEIGHBOURHOOD, NEIGHBOURHOOD), np.uint8))
    return np.minimum(deviation, 1.2 * quietest + 0.3).astype(np.float32, copy=False)
