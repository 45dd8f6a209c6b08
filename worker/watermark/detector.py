"""Reading a mark: blind, from the picture and the key alone.

A whole picture is read in its canonical size, in each of the eight ways in which it can lie; where its mark
is in the means of its cells, there. A picture that fills a part of a page is cut out of it first. A piece
that was cut without scaling is read at the scale of each size that Plantain delivers, where the tile is heard
to begin. For all else the geometry is searched for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Literal

import numpy as np

from functions.contract.sizes import PIXELS
from worker.watermark import cell_means
from worker.watermark.canonical_view import (
    SHORT_SIDE,
    Luma,
    Pixels,
    Spectrum,
    canonical,
    residual,
    scaled,
    spectrum,
    waves,
)
from worker.watermark.carriers import TILE, Carriers, Floats, Waves
from worker.watermark.convolutional_code import CHECK_BITS, LISTED, decode, encode
from worker.watermark.geometry_search import CANDIDATES, search, straightened
from worker.watermark.orientation import EVERY, MIRRORED, TURNED, UPRIGHT, Orientation, every_way, righted
from worker.watermark.page_crop import picture_in_page
from worker.watermark.tile_synchronization import (
    MANY,
    PLACES,
    PROPOSED,
    likeliest,
    loudest,
    loudness_at,
    places,
)

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
# Of the six ways in which a whole picture may be turned those that are read, and of the seven in which a
# piece may lie otherwise than it did: the loudest. They are chosen by the pilots and the code bits' energy,
# before the check is known, so that only those that are read count as tries.
TURNS, TURNED_PLACES = 2, 1
# A whole picture is read from its corner and where it is likeliest to begin.
WHOLE = 2 * (2 + TURNS)
# The most codewords that one picture is tried for: whole, and once more cut out of a page; at each size; in
# each geometry; and in the means of its cells, in all eight ways.
READINGS = (
    LISTED * len(TRUSTS) * (2 * WHOLE + (PLACES + TURNED_PLACES) * MOST_SIZES + CANDIDATES)
    + 2 * len(EVERY) * cell_means.LISTED
)
# An unmarked picture passes for a marked one when the check of any of them agrees by chance.
FALSE_POSITIVE = READINGS / 2**CHECK_BITS
# A page that its picture fills less than this is too large for the search: it looks in the picture alone.
FILLED = 0.5


@dataclass(frozen=True)
class Detection:
    """What was read.

    ``score`` is the cosine between the read code bits and the payload's codeword, 0–1; 0 where nothing
    was found. ``flipped`` says that the picture is the mirror image of the one that was marked, and
    ``turned`` by how many degrees it was turned clockwise then: 0, 90, 180 or 270.
    """

    found: bool
    payload: int | None
    score: float
    flipped: bool
    turned: int = 0


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
    for reading, orientation in _readings(rgb, carriers, effort, short_sides):
        if reading:
            return Detection(True, *reading, orientation.flipped, orientation.turned)
    return NOTHING


def read_upright(rgb: Pixels, carriers: Carriers, piece_of: int | None = None) -> Reading | None:
    """What a whole picture says that lies as it did, in sRGB (H, W, 3) in 0–1.

    ``piece_of``: it is a piece of a picture with this short side in pixels, and not scaled.
    """
    if piece_of is not None:
        return _read(waves(residual(scaled(rgb, SHORT_SIDE / piece_of))), carriers, places)
    return _read_whole(waves(residual(canonical(rgb))), carriers)


def _readings(
    rgb: Pixels, carriers: Carriers, effort: Effort, short_sides: Sequence[int]
) -> Iterator[tuple[Reading | None, Orientation]]:
    """What is read in each way, the quickest first, and how the picture lay for it."""
    luma = canonical(rgb)
    yield from _whole_readings(rgb, luma, carriers)
    if effort == "whole":
        return
    sought = luma
    if effort == "search" and (found := picture_in_page(rgb)) is not None:
        inside = canonical(found)
        yield from _whole_readings(found, inside, carriers)
        if found.size < FILLED * rgb.size:
            sought = inside
    short = min(rgb.shape[:2])
    proposed = MANY if effort == "search" else PROPOSED
    for native in short_sides:
        if SMALLEST_PIECE <= short * SHORT_SIDE / native < SHORT_SIDE:
            yield from _piece_readings(residual(scaled(rgb, SHORT_SIDE / native)), carriers, proposed)
    for candidate in search(sought, carriers) if effort == "search" else ():
        seen = waves(residual(straightened(sought, candidate.matrix)))
        yield _read(seen, carriers, likeliest), MIRRORED if candidate.flipped else UPRIGHT


def _whole_readings(
    rgb: Pixels, luma: Luma, carriers: Carriers
) -> Iterator[tuple[Reading | None, Orientation]]:
    """What a picture says of which little or nothing was cut; ``luma`` is its canonical view."""
    seen = waves(residual(luma))
    for orientation in (UPRIGHT, MIRRORED):
        yield _read_whole(righted(seen, luma.shape, orientation), carriers), orientation
    turned = {each: righted(seen, luma.shape, each) for each in TURNED}
    corner = np.zeros((1, 2))
    loud = {each: loudness_at(spectrum(turned[each], carriers), corner, carriers)[0] for each in TURNED}
    for orientation in sorted(TURNED, key=lambda each: -loud[each])[:TURNS]:
        yield _read_whole(turned[orientation], carriers), orientation
    yield from cell_means.read(rgb, carriers)


def _piece_readings(
    seen: Pixels, carriers: Carriers, proposed: int
) -> Iterator[tuple[Reading | None, Orientation]]:
    """What a piece says whose residual at the right scale is ``seen``."""
    straight = waves(seen)
    yield _read(straight, carriers, partial(places, proposed=proposed)), UPRIGHT
    heard = [
        (loudness, orientation, view, begins)
        for orientation, view in every_way(straight, seen.shape)
        for loudness, begins in loudest(spectrum(view, carriers), carriers, TURNED_PLACES)
    ]
    for _, orientation, view, begins in sorted(heard, key=lambda each: -each[0])[:TURNED_PLACES]:
        yield _read_at(spectrum(view, carriers), carriers, [begins]), orientation


def _read_whole(waves: Waves, carriers: Carriers) -> Reading | None:
    """What is read from the corner, where the tile begins if nothing was cut, or where it likely does."""
    return _decoded([spectrum(waves, carriers)], carriers) or _read(waves, carriers, likeliest)


def _read(
    waves: Waves, carriers: Carriers, at: Callable[[Spectrum, Carriers], Sequence[Floats]]
) -> Reading | None:
    """What is read where the tile may begin, as ``at`` has it."""
    seen = spectrum(waves, carriers)
    return _read_at(seen, carriers, at(seen, carriers))


def _read_at(seen: Spectrum, carriers: Carriers, beginnings: Sequence[Floats]) -> Reading | None:
    begun = [
        replace(seen, data=seen.data * np.exp(2j * np.pi / TILE * (carriers.data @ beginning)))
        for beginning in beginnings
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
