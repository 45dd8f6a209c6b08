"""A finder without a network: it uses the colour in the name, or the contrast to the border.

It knows colours, sides and the background, and no shapes: for "the boat" it guesses, and finds what differs
most from the picture's border. GrabCut (Rother et al., 2004) refines the edges.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from worker.engines.protocol import Mask, Picture
from worker.vision.colours import pixels_of_colour
from worker.vision.protocol import FoundRegion
from worker.vision.region_name import read_region_name

_SIDE = 256  # pixels: shapes are found on a small copy
_BORDER = 0.05  # share of the shorter side that counts as background
_BACKGROUNDS = 5  # colours that the background may have
_STANDS_OUT = 14.0  # of CIELAB's units: about the step from one tint of a meadow to the next
_LEAST = 0.002  # share of the picture that a piece covers at least
_PARTS = 3.0  # times the named colour's area that the whole of a thing may have
_GRABCUT_ROUNDS = 3

Flags = NDArray[np.bool_]


class ContrastFinder:
    """Finds what has the named colour, or else what stands out the most."""

    name = "contrast"

    def find(self, picture: Picture, words: str) -> FoundRegion | None:
        name = read_region_name(words)
        small = shrink_picture(picture)
        contrast = contrast_to_border(small)
        if name.colour:
            thing = _coloured_thing(small, contrast, name.colour, name.sides)
        else:
            thing = _best_piece(contrast > max(_STANDS_OUT, _otsu_threshold(contrast)), contrast, name.sides)
        if thing is None:
            return None
        shape = refine_edges(small, thing)
        return FoundRegion(
            enlarge_mask(~shape if name.is_background else shape, picture.shape[1], picture.shape[0]),
            by=self.name,
            unrecognized=name.unrecognized,
            is_guess=not name.is_followed,
        )


def shrink_picture(picture: Picture) -> Picture:
    """Returns the picture with its longer side at ``_SIDE`` pixels at most."""
    scale = min(1.0, _SIDE / max(picture.shape[:2]))
    size = (max(1, round(picture.shape[1] * scale)), max(1, round(picture.shape[0] * scale)))
    return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.float32)


def contrast_to_border(picture: Picture) -> NDArray[np.float32]:
    """Returns, as (H, W), the distance of each pixel from the border's colours, in CIELAB's units."""
    lab = cv2.cvtColor(picture, cv2.COLOR_RGB2LAB)
    width = max(1, round(min(lab.shape[:2]) * _BORDER))
    inner = np.ones(lab.shape[:2], np.bool_)
    inner[width:-width, width:-width] = False
    border = lab[inner]
    criteria = (cv2.TERM_CRITERIA_EPS + cv2.TERM_CRITERIA_MAX_ITER, 20, 0.5)
    cv2.setRNGSeed(0)  # the same picture has the same regions
    clusters = min(_BACKGROUNDS, len(border))
    _, _, centres = cv2.kmeans(border, clusters, np.empty(0), criteria, 2, cv2.KMEANS_PP_CENTERS)
    distances = np.linalg.norm(lab[:, :, None, :] - centres[None, None], axis=3)
    return cv2.GaussianBlur(distances.min(axis=2).astype(np.float32), (0, 0), 1.5)


def _otsu_threshold(values: NDArray[np.float32]) -> float:
    most = float(values.max())
    if most <= 0:
        return 0.0
    threshold, _ = cv2.threshold((values / most * 255).astype(np.uint8), 0, 255, cv2.THRESH_OTSU)
    return threshold / 255 * most


def _coloured_thing(
    picture: Picture, contrast: NDArray[np.float32], colour: str, sides: Sequence[str]
) -> Flags | None:
    """Returns the thing of the colour, rather than a background of it; None if neither is there."""
    coloured = pixels_of_colour(picture, colour)
    thing = _best_piece(coloured & (contrast > _STANDS_OUT), contrast, sides)
    if thing is None:
        return _best_piece(coloured, contrast + 1, sides)
    return _whole_thing(thing, contrast > max(_STANDS_OUT, _otsu_threshold(contrast)))


def _best_piece(seen: Flags, weight: NDArray[np.float32], sides: Sequence[str]) -> Flags | None:
    """Returns the connected piece with the greatest weight at the named side; None if all are tiny."""
    closed = cv2.morphologyEx(seen.astype(np.uint8), cv2.MORPH_CLOSE, np.ones((5, 5), np.uint8))
    count, labels, facts, centres = cv2.connectedComponentsWithStats(closed, connectivity=8)
    height, width = seen.shape
    best, most = None, 0.0
    for n in range(1, count):
        if facts[n, cv2.CC_STAT_AREA] < _LEAST * seen.size:
            continue
        x, y = centres[n][0] / width, centres[n][1] / height
        worth = float(weight[labels == n].sum()) * _place_score(x, y, sides)
        if worth > most:
            best, most = n, worth
    return labels == best if best is not None else None


def _whole_thing(piece: Flags, standing_out: Flags) -> Flags:
    """Extends the coloured piece to the thing around it: a red boat's sails are white."""
    _, labels = cv2.connectedComponents(standing_out.astype(np.uint8), connectivity=8)
    touched = np.unique(labels[piece & standing_out])
    thing = piece | np.isin(labels, touched[touched > 0])
    return thing if thing.sum() <= _PARTS * piece.sum() else piece


def _place_score(x: float, y: float, sides: Sequence[str]) -> float:
    """Returns how well a position fits the words: near the side that they name, or else the middle."""
    scores = {"left": 1 - x, "right": x, "top": 1 - y, "upper": 1 - y, "bottom": y, "lower": y}
    named = [scores[word] ** 4 for word in sides]
    return float(np.prod(named)) if named else 1.5 - abs(x - 0.5) - abs(y - 0.5)


def refine_edges(picture: Picture, thing: Flags) -> Flags:
    """Moves the edges of the thing to edges of the picture; keeps it as it is if GrabCut loses it."""
    radius = max(2, round(min(thing.shape) * 0.03))
    around = cv2.dilate(thing.astype(np.uint8), np.ones((2 * radius + 1, 2 * radius + 1), np.uint8)) > 0
    core = cv2.erode(thing.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
    if around.all() or not core.any():
        return thing
    marks = np.full(thing.shape, cv2.GC_BGD, np.uint8)
    marks[around] = cv2.GC_PR_BGD
    marks[thing] = cv2.GC_PR_FGD
    marks[core] = cv2.GC_FGD
    levels = np.clip(picture[..., ::-1] * 255 + 0.5, 0, 255).astype(np.uint8)
    cv2.setRNGSeed(0)
    everywhere = (0, 0, picture.shape[1], picture.shape[0])  # the marks are what counts
    below, above = np.zeros((1, 65)), np.zeros((1, 65))
    picture_8 = np.ascontiguousarray(levels)
    cv2.grabCut(picture_8, marks, everywhere, below, above, _GRABCUT_ROUNDS, cv2.GC_INIT_WITH_MASK)
    return (marks == cv2.GC_FGD) | (marks == cv2.GC_PR_FGD)


def enlarge_mask(shape: Flags, width: int, height: int) -> Mask:
    """Returns the shape as ones and zeros at the picture's own size, with smooth edges."""
    large = cv2.resize(shape.astype(np.float32), (width, height), interpolation=cv2.INTER_LINEAR)
    return (large >= 0.5).astype(np.float32)
