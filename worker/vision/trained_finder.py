"""A finder that uses the trained detector, with the edges that the picture has there."""

from __future__ import annotations

import re

import cv2
import numpy as np
from numpy.typing import NDArray

from worker.engines.protocol import Picture
from worker.prompt_intent.intent_rules import read_intent
from worker.scene_critic.detections import SubjectDetector
from worker.scene_vocabulary.subjects import SUBJECTS
from worker.vision.colours import COLOUR_NAMES
from worker.vision.contrast_finder import (
    ALL_AROUND,
    ContrastFinder,
    enlarge_mask,
    refine_edges,
    shrink_picture,
)
from worker.vision.protocol import Finder, FoundRegion

_THERE, _LEAST = 0.5, 0.35  # the probability of the subject at its place, and the least that counts
_CLEAR = 0.8  # the probability of another subject that proves the named one absent
_SIDES = {
    "left": (0, 0),
    "right": (0, -1),
    "top": (1, 0),
    "upper": (1, 0),
    "bottom": (1, -1),
    "lower": (1, -1),
}
"""The axis along which a word tells copies apart, and the index of the copy that it means."""


class TrainedFinder:
    """Finds subjects that the detector knows. ``fallback`` is asked for all others."""

    name = "critic"

    def __init__(self, detector: SubjectDetector, fallback: Finder | None = None) -> None:
        self._detector = detector
        self._fallback = fallback or ContrastFinder()

    def find(self, picture: Picture, words: str) -> FoundRegion | None:
        subject = next((each for each in read_intent(words).subjects if each in SUBJECTS), None)
        said = set(re.findall(r"[a-z]+", words.lower()))
        if subject is None or not ALL_AROUND.isdisjoint(said):
            return self._fallback.find(picture, words)
        small = shrink_picture(picture)
        size = (small.shape[1], small.shape[0])
        heat = cv2.resize(self._detector.heat_map(picture, subject), size, interpolation=cv2.INTER_CUBIC)
        if heat.max() < _LEAST:
            return None if self._shows_others(picture, said) else self._fallback.find(picture, words)
        thing = _pick_side(heat > min(_THERE, 0.6 * float(heat.max())), said)
        return FoundRegion(
            enlarge_mask(refine_edges(small, thing), picture.shape[1], picture.shape[0]), by=self.name
        )

    def _shows_others(self, picture: Picture, said: set[str]) -> bool:
        """Returns True if another subject is clearly present, unless a colour is named."""
        seen = self._detector.detect(picture).subjects
        return said.isdisjoint(COLOUR_NAMES) and any(each.confidence >= _CLEAR for each in seen)


def _pick_side(thing: NDArray[np.bool_], said: set[str]) -> NDArray[np.bool_]:
    """Returns the piece on the side that the words name; all pieces if they name none."""
    count, labels, _, centres = cv2.connectedComponentsWithStats(thing.astype(np.uint8), connectivity=8)
    side = next((_SIDES[word] for word in _SIDES if word in said), None)
    if side is None or count < 3:
        return thing
    axis, which = side
    order = sorted(range(1, count), key=lambda n: centres[n][axis])
    return labels == order[which]
