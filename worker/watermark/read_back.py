"""The read-back: it proves, before delivery, which changes of a picture its mark survives."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from functions.contract.manifest import ProofLevel
from worker.pictures.pixel_levels import Levels
from worker.watermark.jpeg_round_trip import round_trip_jpeg

# Pieces: their share of the area, and where they begin, in shares of the sides; no tile begins there.
PIECES = {
    "piece-50": (0.5, (0.13, 0.07)),
    "piece-25": (0.25, (0.13, 0.37)),
    "another-piece-25": (0.25, (0.41, 0.09)),
}
# A score below this is marginal: another encoder's rounding may lose the mark.
CLEARLY = 0.66
# For pieces as small as these any reading suffices.
SMALL = {name for name, (share, _) in PIECES.items() if share < 0.5}
# From the least to the most.
LEVELS: tuple[ProofLevel, ...] = ("exact", "compressed", "robust")

# What the quickest failure is found with, and the rest.
IN_ORDER = (
    ("half-size-jpeg-50",),  # where plain pictures lose a faint mark
    ("piece-25", "another-piece-25"),  # where texture drowns it
    ("none", "piece-50"),
)
# Halving and compression each lose less than both together. So these copies are read only if the other one is
# not clearly read; otherwise they have at least its score. See docs/watermark.md for what was measured.
BOTH, EACH = "half-size-jpeg-50", ("jpeg-50", "half-size")
# The order in which a proof names them.
NAMED = ("none", "jpeg-50", "half-size", "half-size-jpeg-50", *PIECES, "jpeg-75")

# Gives the payload and score, or None, that is read from each named copy or piece of a picture.
CopyReader = Callable[[Sequence[str]], Sequence[tuple[int, float] | None]]


@dataclass(frozen=True)
class ReadBack:
    """The proof of a mark.

    | ``level``    | the payload was read from                                                           |
    |--------------|-------------------------------------------------------------------------------------|
    | None         | nothing                                                                             |
    | "exact"      | the picture as it is                                                                |
    | "compressed" | its JPEG of quality 75 too                                                          |
    | "robust"     | two quarter pieces too; and clearly from its JPEG of quality 50, its half size,     |
    |              | both together, and a piece of half its area                                         |

    ``survives`` names the changes after which it was read. ``score`` is the detection's on the unchanged
    picture, 0–1.
    """

    score: float
    level: ProofLevel | None
    survives: tuple[str, ...]

    @property
    def exact(self) -> bool:
        return self.level is not None

    @property
    def compressed(self) -> bool:
        return self.reaches("compressed")

    @property
    def robust(self) -> bool:
        return self.reaches("robust")

    def reaches(self, least: ProofLevel) -> bool:
        return self.rank >= LEVELS.index(least)

    @property
    def rank(self) -> int:
        """The level's rank: 0 for the least, -1 if nothing was read."""
        return -1 if self.level is None else LEVELS.index(self.level)


def read_back_payload(payload: int, read: CopyReader) -> ReadBack:
    """Reads ``payload`` from a marked picture as it is, and as it will be after it was shared."""
    seen = _scores([name for names in IN_ORDER for name in names], payload, read)
    seen |= _implied(seen) if _is_clear(BOTH, seen[BOTH]) else _scores(EACH, payload, read)
    # A mark that survives the stronger compression survives the weaker one.
    if not seen["jpeg-50"]:
        seen |= _scores(["jpeg-75"], payload, read)
    return _proof_of(seen)


def read_back_if_robust(payload: int, read: CopyReader) -> ReadBack | None:
    """Does the same, but returns None as soon as the proof cannot be robust."""
    seen: dict[str, float] = {}
    for names in IN_ORDER:
        seen |= _scores(names, payload, read)
        if not all(_is_clear(name, score) for name, score in seen.items()):
            return None
    return _proof_of(seen | _implied(seen))


def copy_levels(levels: Levels, name: str) -> Levels:
    """Returns the named copy or piece of levels (H, W) or (H, W, 3) of 8 bits that sharing makes of them."""
    height, width = levels.shape[:2]
    if name in PIECES:
        return np.ascontiguousarray(levels[piece_slices(height, width, name)])
    if name.startswith("half-size"):
        halved = (max(1, width // 2), max(1, height // 2))
        levels = np.asarray(cv2.resize(levels, halved, interpolation=cv2.INTER_AREA), np.uint8)
    return round_trip_jpeg(levels, int(name.rpartition("-")[2])) if "jpeg" in name else levels


def piece_slices(height: int, width: int, name: str) -> tuple[slice, slice]:
    """Returns the rows and columns of the named piece of a picture (height, width)."""
    keep, begins = PIECES[name]
    rows, columns = (
        slice(round(length * begin), round(length * begin) + max(1, round(length * keep**0.5)))
        for length, begin in zip((height, width), begins, strict=True)
    )
    return rows, columns


def _scores(names: Sequence[str], payload: int, read: CopyReader) -> dict[str, float]:
    """Returns the score of the payload in each copy or piece, 0 if it is not read."""
    found = zip(names, read(names), strict=True)
    return {name: each[1] if each is not None and each[0] == payload else 0.0 for name, each in found}


def _implied(seen: dict[str, float]) -> dict[str, float]:
    """Returns the least scores of the copies that lose less than one that was clearly read."""
    return dict.fromkeys(EACH, seen[BOTH])


def _proof_of(seen: dict[str, float]) -> ReadBack:
    return ReadBack(seen["none"], _proof_level(seen), tuple(name for name in NAMED if seen.get(name)))


def _is_clear(name: str, score: float) -> bool:
    return score >= CLEARLY or (score > 0 and name in SMALL)


def _proof_level(seen: dict[str, float]) -> ProofLevel | None:
    if not seen["none"]:
        return None
    if not seen["jpeg-50"] and not seen["jpeg-75"]:
        return "exact"
    return "robust" if all(_is_clear(name, score) for name, score in seen.items()) else "compressed"
