"""A finder that uses the trained detector, with the edges that the picture has there."""

from __future__ import annotations

from collections.abc import Collection

import cv2
import numpy as np

from worker.engines.protocol import Picture
from worker.scene_critic.detections import SubjectDetector
from worker.scene_vocabulary.subjects import SUBJECTS
from worker.vision.colours import pixels_of_colour
from worker.vision.contrast_finder import ContrastFinder, Flags, enlarge_mask, refine_edges, shrink_picture
from worker.vision.protocol import Finder, FoundRegion
from worker.vision.region_name import RegionName, read_region_name

_THERE, _LEAST = 0.5, 0.35  # the probability of the subject at its place, and the least that counts
_CLEAR = 0.8  # the probability of another subject that proves the named one absent
_COLOURED = 0.1  # the least share of a piece that has the named colour
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
        name = read_region_name(words, SUBJECTS)
        if name.subject is None:
            return self._fallback.find(picture, words)
        small = shrink_picture(picture)
        size = (small.shape[1], small.shape[0])
        heat = cv2.resize(self._detector.heat_map(picture, name.subject), size, interpolation=cv2.INTER_CUBIC)
        if heat.max() < _LEAST:
            return None if self._shows_others(picture, name) else self._fallback.find(picture, words)
        thing = heat > min(_THERE, 0.6 * float(heat.max()))
        if name.colour:
            coloured = _pick_colour(thing, small, name.colour)
            if not coloured.any() and not self._detects_colour(picture, name):
                return None
            thing = coloured if coloured.any() else thing
        shape = refine_edges(small, _pick_side(thing, name.sides))
        return FoundRegion(
            enlarge_mask(shape, picture.shape[1], picture.shape[0]),
            by=self.name,
            unrecognized=name.unrecognized,
        )

    def _shows_others(self, picture: Picture, name: RegionName) -> bool:
        """Returns True if another subject is clearly present, unless a colour is named."""
        seen = self._detector.detect(picture).subjects
        return name.colour is None and any(each.confidence >= _CLEAR for each in seen)

    def _detects_colour(self, picture: Picture, name: RegionName) -> bool:
        """Returns False if the network sees the subject in another colour than the named one."""
        seen = self._detector.detect(picture).find(name.subject or "")
        return seen is None or seen.colour == name.colour


def _pick_colour(thing: Flags, small: Picture, colour: str) -> Flags:
    """Returns the pieces of the thing that have enough of the colour."""
    count, labels = cv2.connectedComponents(thing.astype(np.uint8), connectivity=8)
    coloured = pixels_of_colour(small, colour)
    shares = {n: float(coloured[labels == n].mean()) for n in range(1, count)}
    least = max(_COLOURED, 0.5 * max(shares.values(), default=0.0))
    return np.isin(labels, [n for n, share in shares.items() if share >= least])


def _pick_side(thing: Flags, sides: Collection[str]) -> Flags:
    """Returns the piece on the side that the words name; all pieces if they name none."""
    count, labels, _, centres = cv2.connectedComponentsWithStats(thing.astype(np.uint8), connectivity=8)
    side = next((_SIDES[word] for word in _SIDES if word in sides), None)
    if side is None or count < 3:
        return thing
    axis, which = side
    order = sorted(range(1, count), key=lambda n: centres[n][axis])
    return labels == order[which]
