"""Reading a mark: blind, from the picture and the key alone.

A whole picture is read in its canonical size, as it is and mirrored. A piece of one that was cut without
scaling is read at the scale of each size that Plantain delivers, the pilots saying where the tile begins.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from functions.contract.sizes import PIXELS

from .canonical import SHORT_SIDE, Luma, Pixels, canonical, mirrored, residual, scaled, spectrum, waves
from .carriers import TILE, Carriers, Floats, Waves, Whole
from .code import decode, encode

SHORT_SIDES = sorted({min(size) for size in PIXELS.values()})
# A piece smaller than this in the canonical view holds too little of each tile to be read.
SMALLEST_PIECE = 120
# The pilots' peak over what chance gives; among 65,536 places chance reaches 4.7 and hardly ever this.
PILOTS_HEARD = 5.5
# Around the pilots' highest whole pixel; a tile that was scaled seldom begins at one.
FINE_STEPS = np.arange(-4, 5) / 8


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


NOTHING = Detection(found=False, payload=None, score=0.0, flipped=False)


def detect(rgb: Pixels, carriers: Carriers, *, pieces: bool = True) -> Detection:
    """The mark of these carriers in sRGB (H, W, 3) in 0–1, if there is one.

    Without ``pieces`` only whole pictures are found, and that none is there is known at once.
    """
    for luma, heard in _views(rgb, pieces):
        straight = waves(residual(luma))
        for flipped in (False, True):
            seen = mirrored(straight, luma.shape[1]) if flipped else straight
            if found := _read(seen, carriers, heard):
                return Detection(True, found[0], found[1], flipped)
    return NOTHING


def _views(rgb: Pixels, pieces: bool) -> Iterator[tuple[Luma, float]]:
    """Lumas in which a mark may be read, and how clearly its pilots must be heard to try."""
    yield canonical(rgb), 0.0
    short = min(rgb.shape[:2])
    for native in SHORT_SIDES if pieces else ():
        if SMALLEST_PIECE <= short * SHORT_SIDE / native < SHORT_SIDE:
            yield scaled(rgb, SHORT_SIDE / native), PILOTS_HEARD


def _read(waves: Waves, carriers: Carriers, heard: float) -> tuple[int, float] | None:
    """The payload and its score, read where the tile begins at the corner and where the pilots say."""
    data, pilots = spectrum(waves, carriers)
    if heard == 0 and (found := _decoded(carriers.gather(data), carriers)):
        return found
    (row, column), peak = _offset(pilots, carriers)
    if peak < heard:
        return None
    turn = (carriers.data[:, 0] * row + carriers.data[:, 1] * column) * (2j * np.pi / TILE)
    return _decoded(carriers.gather(data * np.exp(turn)), carriers)


def _decoded(soft: Floats, carriers: Carriers) -> tuple[int, float] | None:
    payload = decode(soft, carriers.scramble)
    if payload is None:
        return None
    code = encode(payload, carriers.scramble)
    return payload, float(soft @ code / (np.linalg.norm(soft) * np.linalg.norm(code)))


def _offset(pilots: Waves, carriers: Carriers) -> tuple[Floats, float]:
    """Where the tile begins (row, column; to an eighth of a pixel), and the pilots' peak there."""
    aligned = pilots * np.exp(-1j * carriers.pilot_phases)
    rows, columns = carriers.pilots.T
    half = np.zeros((TILE, TILE // 2 + 1), np.complex64)
    # A real transform counts the waves of its first column once and all others twice.
    half[rows, columns] = np.where(columns == 0, 2 * aligned, aligned)
    peaks = np.fft.irfft2(half, (TILE, TILE))
    row, column = np.unravel_index(peaks.argmax(), peaks.shape)
    down, across = row + FINE_STEPS, column + FINE_STEPS
    heights = np.einsum("ik,jk->ij", _turns(down, rows) * aligned, _turns(across, columns)).real
    best = np.unravel_index(heights.argmax(), heights.shape)
    chance = np.sqrt((np.abs(pilots) ** 2).sum() / 2) + 1e-9
    return np.array([down[best[0]], across[best[1]]]), float(heights[best] / chance)


def _turns(places: Floats, frequencies: Whole) -> Waves:
    """How far each frequency (k,) has turned at each place (n,): (n, k)."""
    return np.exp(2j * np.pi / TILE * np.outer(places, frequencies))
