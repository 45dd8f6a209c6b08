"""The read-back: it proves, before delivery, which changes of a picture its mark survives."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from functions.contract.manifest import ProofLevel
from worker.pictures.pixel_levels import Levels, levels_to_floats, quantize
from worker.watermark.canonical_view import Pixels, resize_pixels
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

# Reads sRGB (H, W, 3) in 0–1: a piece of a picture with that short side, or (None) a whole picture.
PayloadReader = Callable[[Pixels, int | None], tuple[int, float] | None]


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


def read_back_payload(rgb: Pixels, payload: int, read: PayloadReader) -> ReadBack:
    """Reads ``payload`` from a marked picture as it is, and as it will be after it was shared."""
    levels = quantize(rgb, 8)
    short_side = min(levels.shape[:2])

    def score(copy: Levels, is_piece: bool = False) -> float:
        """Returns the score of the payload in a copy or a piece, 0 if it is not read."""
        found = read(levels_to_floats(copy), short_side if is_piece else None)
        return found[1] if found is not None and found[0] == payload else 0.0

    seen = {name: score(copy, name in PIECES) for name, copy in _shared_copies(rgb, levels)}
    # A mark that survives the stronger compression survives the weaker one.
    if not seen["jpeg-50"]:
        seen["jpeg-75"] = score(round_trip_jpeg(levels, 75))
    return ReadBack(seen["none"], _proof_level(seen), tuple(name for name, found in seen.items() if found))


def _proof_level(seen: dict[str, float]) -> ProofLevel | None:
    if not seen["none"]:
        return None
    if not seen["jpeg-50"] and not seen["jpeg-75"]:
        return "exact"
    clear = all(score >= CLEARLY or (score > 0 and name in SMALL) for name, score in seen.items())
    return "robust" if clear else "compressed"


def _shared_copies(rgb: Pixels, levels: Levels) -> Iterator[tuple[str, Levels]]:
    """Yields the named copies that sharing makes of a picture."""
    height, width = levels.shape[:2]
    half = quantize(resize_pixels(rgb, max(1, width // 2), max(1, height // 2)), 8)
    yield "none", levels
    yield "jpeg-50", round_trip_jpeg(levels, 50)
    yield "half-size", half
    yield "half-size-jpeg-50", round_trip_jpeg(half, 50)
    for name, (keep, (down, across)) in PIECES.items():
        top, left = round(height * down), round(width * across)
        side = keep**0.5
        rows, columns = (max(1, round(length * side)) for length in (height, width))
        yield name, np.ascontiguousarray(levels[top : top + rows, left : left + columns])
