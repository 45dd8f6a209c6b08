"""The proof of a mark: what it was read after, before the picture leaves."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from functions.contract.manifest import ProofLevel
from worker.pictures.pixel_levels import Levels, plain, quantize
from worker.watermark.canonical_view import Pixels, resized
from worker.watermark.jpeg_round_trip import through_jpeg

# Pieces: their share of the area, and where they begin, in shares of the sides: where none of the tile does.
PIECES = {
    "piece-50": (0.5, (0.13, 0.07)),
    "piece-25": (0.25, (0.13, 0.37)),
    "another-piece-25": (0.25, (0.41, 0.09)),
}
# A score below this is read by a hair: the next encoder's rounding is enough to lose it.
CLEARLY = 0.66
# Of a piece as small as this it is enough that it is read.
SMALL = {name for name, (share, _) in PIECES.items() if share < 0.5}
# From the least to the most.
LEVELS: tuple[ProofLevel, ...] = ("exact", "compressed", "robust")

# What is read from sRGB (H, W, 3) in 0–1, a piece of a picture of that short side or (None) a whole one.
Reader = Callable[[Pixels, int | None], tuple[int, float] | None]


@dataclass(frozen=True)
class ReadBack:
    """The proof of a mark.

    ``level``: None where the payload was not read from the picture as it is; "exact" where it was;
    "compressed" where also from its JPEG of quality 75; "robust" where also from two pieces of a quarter, and
    clearly from its JPEG of quality 50, its half size, both at once, and a piece of half its area.
    ``survives`` names all that it was read after; ``score`` is the detection's on the picture as it is, 0–1.
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
        """-1 where nothing was read, and more for each level."""
        return -1 if self.level is None else LEVELS.index(self.level)


def read_back(rgb: Pixels, payload: int, read: Reader) -> ReadBack:
    """Reads ``payload`` from a marked picture as it is and as it will be once it has been shared."""
    levels = quantize(rgb, 8)
    short_side = min(levels.shape[:2])

    def score(copy: Levels, is_piece: bool = False) -> float:
        """How clearly the payload is read from a copy, or a piece; 0 where it is not."""
        found = read(plain(copy), short_side if is_piece else None)
        return found[1] if found is not None and found[0] == payload else 0.0

    seen = {name: score(copy, name in PIECES) for name, copy in _shared(rgb, levels)}
    # What a stronger compression left is there after a weaker one.
    if not seen["jpeg-50"]:
        seen["jpeg-75"] = score(through_jpeg(levels, 75))
    return ReadBack(seen["none"], _level(seen), tuple(name for name, found in seen.items() if found))


def _level(seen: dict[str, float]) -> ProofLevel | None:
    if not seen["none"]:
        return None
    if not seen["jpeg-50"] and not seen["jpeg-75"]:
        return "exact"
    clear = all(score >= CLEARLY or (score > 0 and name in SMALL) for name, score in seen.items())
    return "robust" if clear else "compressed"


def _shared(rgb: Pixels, levels: Levels) -> Iterator[tuple[str, Levels]]:
    """What pictures go through outside."""
    height, width = levels.shape[:2]
    half = quantize(resized(rgb, max(1, width // 2), max(1, height // 2)), 8)
    yield "none", levels
    yield "jpeg-50", through_jpeg(levels, 50)
    yield "half-size", half
    yield "half-size-jpeg-50", through_jpeg(half, 50)
    for name, (keep, (down, across)) in PIECES.items():
        top, left = round(height * down), round(width * across)
        side = keep**0.5
        rows, columns = (max(1, round(length * side)) for length in (height, width))
        yield name, np.ascontiguousarray(levels[top : top + rows, left : left + columns])
