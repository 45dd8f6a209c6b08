"""The detector: it reads a mark blindly, from the picture and the key alone.

| the picture                        | how it is read                                                     |
|------------------------------------|--------------------------------------------------------------------|
| whole, of any size                 | in its canonical view, in the eight orientations; in cell means too |
| in a page                          | cropped from the page first                                        |
| a piece, not scaled                | at the scale of each delivered size, at the likeliest tile offsets |
| anything else                      | in the geometries that the search proposes                         |
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
    compute_residual,
    normalize_spectrum,
    scale_to_luma,
    tile_waves,
    to_canonical_view,
)
from worker.watermark.carriers import TILE, Carriers, Floats, Waves
from worker.watermark.convolutional_code import (
    CHECK_BITS,
    LISTED,
    are_likeliest,
    codeword_cosines,
    decode_groups,
    encode_payload,
)
from worker.watermark.geometry_search import CANDIDATES, search_geometries, straighten_view
from worker.watermark.orientation import (
    MIRRORED,
    ORIENTATIONS,
    TURNED,
    UPRIGHT,
    Orientation,
    turn_waves_upright,
    waves_in_every_orientation,
)
from worker.watermark.page_crop import find_picture_in_page
from worker.watermark.tile_synchronization import (
    MANY,
    MOST_OFFSETS,
    PROPOSED,
    likeliest_offset,
    likely_offsets,
    loudest_offsets,
    loudness_at,
)

Effort = Literal["whole", "pieces", "search"]

SHORT_SIDES = sorted({min(size) for size in PIXELS.values()})
# A piece smaller than this in the canonical view is too small to be read.
SMALLEST_PIECE = 120
# The most delivered sizes from which a piece may come.
MOST_SIZES = max(
    sum(piece < side <= piece * SHORT_SIDE / SMALLEST_PIECE for side in SHORT_SIDES)
    for piece in range(1, max(SHORT_SIDES))
)
# How much each frequency is trusted: less where the picture is strong, for pictures that were only moved; all
# equally, for compressed ones; the lower ones more, for pictures that lost the higher ones.
TRUSTS: tuple[Callable[[Spectrum, Carriers], Waves], ...] = (
    lambda seen, _: seen.data * seen.strength**-0.8,
    lambda seen, _: seen.data,
    lambda seen, carriers: seen.data * carriers.frequencies**-1.5,
)
# How many are read of a whole picture's six turned orientations, and of a piece's seven other than upright:
# the loudest. The pilots and the code bits' energy choose them before the check is computed, so only those
# that are read count as tries.
TURNS, TURNED_PLACES = 2, 1
# A whole picture is read at its corner and at the likeliest tile offset.
WHOLE = 2 * (2 + TURNS)
# The most codewords that are tried for one picture: whole, and again cropped from a page; at each size; in
# each geometry; and in its cell means, in all eight orientations.
READINGS = (
    LISTED * len(TRUSTS) * (2 * WHOLE + (MOST_OFFSETS + TURNED_PLACES) * MOST_SIZES + CANDIDATES)
    + 2 * len(ORIENTATIONS) * cell_means.LISTED
)
# An unmarked picture counts as marked if the check of any of them agrees by chance.
FALSE_POSITIVE = READINGS / 2**CHECK_BITS
# If a picture fills less than this share of its page, only the picture is searched.
FILLED = 0.5


@dataclass(frozen=True)
class WatermarkDetection:
    """The result of a detection.

    ``score`` is the cosine between the read code bits and the payload's codeword, 0–1; 0 if nothing was
    found. The picture was mirrored after marking if ``flipped``, and then turned clockwise by ``turned``
    degrees: 0, 90, 180 or 270.
    """

    found: bool
    payload: int | None
    score: float
    flipped: bool
    turned: int = 0


Reading = tuple[int, float]  # a payload and its score

NO_WATERMARK = WatermarkDetection(found=False, payload=None, score=0.0, flipped=False)


def detect_watermark(
    rgb: Pixels, carriers: Carriers, effort: Effort = "search", short_sides: Sequence[int] = SHORT_SIDES
) -> WatermarkDetection:
    """Reads the mark of these carriers from sRGB (H, W, 3) in 0–1.

    Args:
        effort: "whole" finds whole pictures of any size, quickly; "pieces" also unscaled pieces of them;
            "search" all that docs/watermark.md promises.
        short_sides: in pixels, of the pictures from which a piece may have been cut.
    """
    for reading, orientation in _read_every_way(rgb, carriers, effort, short_sides):
        if reading:
            return WatermarkDetection(True, *reading, orientation.flipped, orientation.turned)
    return NO_WATERMARK


def _read_every_way(
    rgb: Pixels, carriers: Carriers, effort: Effort, short_sides: Sequence[int]
) -> Iterator[tuple[Reading | None, Orientation]]:
    """Yields what each way of reading finds, the quickest first, with its orientation."""
    luma = to_canonical_view(rgb)
    yield from _read_whole_in_orientations(rgb, luma, carriers)
    if effort == "whole":
        return
    sought = luma
    if effort == "search" and (found := find_picture_in_page(rgb)) is not None:
        inside = to_canonical_view(found)
        yield from _read_whole_in_orientations(found, inside, carriers)
        if found.size < FILLED * rgb.size:
            sought = inside
    short = min(rgb.shape[:2])
    proposed = MANY if effort == "search" else PROPOSED
    for native in short_sides:
        if SMALLEST_PIECE <= short * SHORT_SIDE / native < SHORT_SIDE:
            yield from _read_piece(
                compute_residual(scale_to_luma(rgb, SHORT_SIDE / native)), carriers, proposed
            )
    for candidate in search_geometries(sought, carriers) if effort == "search" else ():
        waves = tile_waves(compute_residual(straighten_view(sought, candidate.matrix)))
        seen = normalize_spectrum(waves, carriers)
        yield read_at_proposed(seen, carriers, likeliest_offset), MIRRORED if candidate.flipped else UPRIGHT


def _read_whole_in_orientations(
    rgb: Pixels, luma: Luma, carriers: Carriers
) -> Iterator[tuple[Reading | None, Orientation]]:
    """Yields the readings of a picture that is almost whole; ``luma`` is its canonical view."""
    seen = tile_waves(compute_residual(luma))
    for orientation in (UPRIGHT, MIRRORED):
        yield _read_whole(turn_waves_upright(seen, luma.shape, orientation), carriers), orientation
    turned = {each: turn_waves_upright(seen, luma.shape, each) for each in TURNED}
    corner = np.zeros((1, 2))
    loud = {
        each: loudness_at(normalize_spectrum(turned[each], carriers), corner, carriers)[0] for each in TURNED
    }
    for orientation in sorted(TURNED, key=lambda each: -loud[each])[:TURNS]:
        yield _read_whole(turned[orientation], carriers), orientation
    yield from cell_means.read_cells(rgb, carriers)


def _read_piece(
    seen: Pixels, carriers: Carriers, proposed: int
) -> Iterator[tuple[Reading | None, Orientation]]:
    """Yields the readings of a piece; ``seen`` is its residual at the right scale."""
    straight = tile_waves(seen)
    upright = normalize_spectrum(straight, carriers)
    yield read_at_proposed(upright, carriers, partial(likely_offsets, proposed=proposed)), UPRIGHT
    offsets = [
        (loudness, orientation, view, begins)
        for orientation, view in waves_in_every_orientation(straight, seen.shape)
        for loudness, begins in loudest_offsets(normalize_spectrum(view, carriers), carriers, TURNED_PLACES)
    ]
    for _, orientation, view, begins in sorted(offsets, key=lambda each: -each[0])[:TURNED_PLACES]:
        yield _read_at(normalize_spectrum(view, carriers), carriers, [begins]), orientation


def _read_whole(waves: Waves, carriers: Carriers) -> Reading | None:
    """Reads at the corner, where the tile begins if nothing was cut; else at the likeliest offset."""
    seen = normalize_spectrum(waves, carriers)
    return _decode_spectra([seen], carriers) or read_at_proposed(seen, carriers, likeliest_offset)


def read_at_proposed(
    seen: Spectrum, carriers: Carriers, at: Callable[[Spectrum, Carriers], Sequence[Floats]]
) -> Reading | None:
    """Reads at the tile offsets that ``at`` proposes."""
    return _read_at(seen, carriers, at(seen, carriers))


def _read_at(seen: Spectrum, carriers: Carriers, beginnings: Sequence[Floats]) -> Reading | None:
    begun = [move_to_offset(seen, carriers, beginning) for beginning in beginnings]
    return _decode_spectra(begun, carriers) if begun else None


def move_to_offset(seen: Spectrum, carriers: Carriers, beginning: Floats) -> Spectrum:
    """Returns the data frequencies as they are if the tile begins at the offset (row, column)."""
    return replace(seen, data=seen.data * np.exp(2j * np.pi / TILE * (carriers.data @ beginning)))


def _decode_spectra(seen: Sequence[Spectrum], carriers: Carriers) -> Reading | None:
    """Decodes all spectra in each way of trust together; returns a valid payload with its best score."""
    softs = np.array([_trusted_readings(seen, carriers)])
    return _score_payloads(_decode_payloads(softs, carriers), softs, carriers)[0]


def decode_expected(spectra: Sequence[Spectrum], payload: int, carriers: Carriers) -> list[Reading | None]:
    """Decodes each spectrum as ``_decode_spectra`` does; sooner if it has the expected payload."""
    softs = np.array([_trusted_readings([seen], carriers) for seen in spectra])
    best = codeword_cosines(softs, encode_payload(payload, carriers.scramble)).argmax(axis=1)
    read = are_likeliest(softs[np.arange(len(softs)), best], payload, carriers.scramble)
    payloads: list[int | None] = [payload] * len(softs)
    unread = np.flatnonzero(~read).tolist()
    for n, found in zip(unread, _decode_payloads(softs[unread], carriers) if unread else (), strict=True):
        payloads[n] = found
    return _score_payloads(payloads, softs, carriers)


def _trusted_readings(spectra: Sequence[Spectrum], carriers: Carriers) -> list[Floats]:
    return [carriers.gather(trusted(each, carriers)) for each in spectra for trusted in TRUSTS]


def _decode_payloads(softs: Floats, carriers: Carriers) -> list[int | None]:
    """Returns the payload of each group of readings (g, k, 312), or None."""
    return [None if found is None else found[1] for found in decode_groups(softs, carriers.scramble)]


def _score_payloads(
    payloads: Sequence[int | None], softs: Floats, carriers: Carriers
) -> list[Reading | None]:
    """Returns each group's payload with the score of its best reading."""
    return [
        None
        if payload is None
        else (payload, float(codeword_cosines(soft, encode_payload(payload, carriers.scramble)).max()))
        for payload, soft in zip(payloads, softs, strict=True)
    ]
