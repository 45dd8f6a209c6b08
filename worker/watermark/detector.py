"""Reading a mark: blind, from the picture and the key alone.

A whole picture is read in its canonical size, as it is and mirrored. A piece of one that was cut without
scaling is read at the scale of each size that Plantain delivers, where the tile is heard to begin. For all
else the geometry is searched for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Literal

import numpy as np

from functions.contract.sizes import PIXELS

from .canonical import SHORT_SIDE, Pixels, Spectrum, canonical, mirrored, residual, scaled, spectrum, waves
from .carriers import TILE, Carriers, Floats, Waves
from .code import CHECK_BITS, LISTED, decode, encode
from .places import MANY, PLACES, PROPOSED, likeliest, places
from .search import CANDIDATES, search, straightened

Effort = Literal["whole", "pieces", "search"]

SHORT_SIDES = sorted({min(size) for size in PIXELS.values()})
# A piece smaller than this in the canonical view holds too little of each tile to be read.
SMALLEST_PIECE = 120
# The most sizes of which a piece may be.
MOST_SIZES = max(
    sum(piece < side <= piece * SHORT_SIDE / SMALLEST_PIECE for side in SHORT_SIDES)
    for piece in range(1, max(SHORT_SIDES))
)
# How much each frequency is trusted. Less where the picture is strong is right for what has only been moved;
# evenly for what was compressed; and the lower ones more for what lost the higher.
TRUSTS: tuple[Callable[[Spectrum, Carriers], Waves], ...] = (
    lambda seen, _: seen.data * seen.strength**-0.8,
    lambda seen, _: seen.data,
    lambda seen, carriers: seen.data * carriers.frequencies**-1.5,
)
# The most codewords that one picture is tried for: whole, at two beginnings; at each size; in each geometry;
# and each of these straight and mirrored.
READINGS = LISTED * len(TRUSTS) * (4 + 2 * PLACES * MOST_SIZES + CANDIDATES)
# An unmarked picture passes for a marked one when the check of any of them agrees by chance.
FALSE_POSITIVE = READINGS / 2**CHECK_BITS


@dataclass(frozen=True)
class Detection:
    """What was read.

    ``score`` is the cosine between the read code bits and the payload's codeword, 0–1; 0 where nothing
    was found. ``flipped`` says that the picture is the mirror image of the one that was marked.
    """

    found: bool
    payload: int | None
    score: float
    flipped: bool


Reading = tuple[int, float]  # a payload and its score

NOTHING = Detection(found=False, payload=None, score=0.0, flipped=False)


def detect(
    rgb: Pixels, carriers: Carriers, effort: Effort = "search", short_sides: Sequence[int] = SHORT_SIDES
) -> Detection:
    """The mark of these carriers in sRGB (H, W, 3) in 0–1, if there is one.

    ``effort``: "whole" finds whole pictures of any size, and knows at once that none is there; "pieces" also
    what was cut from one and not scaled; "search" all that docs/watermark.md promises. ``short_sides``: of
    the pictures, in pixels, that a piece may have been cut from.
    """
    for reading, flipped in _readings(rgb, carriers, effort, short_sides):
        if reading:
            return Detection(True, *reading, flipped)
    return NOTHING


def _readings(
    rgb: Pixels, carriers: Carriers, effort: Effort, short_sides: Sequence[int]
) -> Iterator[tuple[Reading | None, bool]]:
    """What is read in each way, the quickest first, and whether the picture was mirrored for it."""
    luma = canonical(rgb)
    for seen, flipped in _both_ways(residual(luma)):
        yield _read_from_corner(seen, carriers) or _read(seen, carriers, likeliest), flipped
    short = min(rgb.shape[:2])
    begins = partial(places, proposed=MANY if effort == "search" else PROPOSED)
    for native in short_sides if effort != "whole" else ():
        if SMALLEST_PIECE <= short * SHORT_SIDE / native < SHORT_SIDE:
            for seen, flipped in _both_ways(residual(scaled(rgb, SHORT_SIDE / native))):
                yield _read(seen, carriers, begins), flipped
    for candidate in search(luma, carriers) if effort == "search" else ():
        seen = waves(residual(straightened(luma, candidate.matrix)))
        yield _read(seen, carriers, likeliest), candidate.flipped


def _both_ways(residual: Pixels) -> Iterator[tuple[Waves, bool]]:
    straight = waves(residual)
    yield straight, False
    yield mirrored(straight, residual.shape[1]), True


def _read_from_corner(waves: Waves, carriers: Carriers) -> Reading | None:
    """What a picture says of which nothing was cut."""
    return _decoded([spectrum(waves, carriers)], carriers)


def _read(
    waves: Waves, carriers: Carriers, at: Callable[[Spectrum, Carriers], Sequence[Floats]]
) -> Reading | None:
    """What is read where the tile may begin, as ``at`` has it."""
    seen = spectrum(waves, carriers)
    begun = [
        replace(seen, data=seen.data * np.exp(2j * np.pi / TILE * (carriers.data @ beginning)))
        for beginning in at(seen, carriers)
    ]
    return _decoded(begun, carriers) if begun else None


def _decoded(seen: Sequence[Spectrum], carriers: Carriers) -> Reading | None:
    """What any of these says, trusted in any way; they are decoded together."""
    softs = np.array([carriers.gather(trusted(each, carriers)) for each in seen for trusted in TRUSTS])
    for soft, payload in zip(softs, decode(softs, carriers.scramble), strict=True):
        if payload is not None:
            code = encode(payload, carriers.scramble)
            return payload, float(soft @ code / (np.linalg.norm(soft) * np.linalg.norm(code)))
    return None
