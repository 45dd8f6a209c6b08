"""Synchronization: the tile's offset in a view. The pilots propose offsets and the code bits' energy decides.

At the right offset the carriers of a code bit agree, whatever the bit's value, so the bits' energy is high.
In texture this is a stronger sign than the pilots.
"""

from __future__ import annotations

import cv2
import numpy as np

from worker.watermark.canonical_view import Pixels, Spectrum
from worker.watermark.carriers import RING, RING_ROWS, TILE, Carriers, Floats, Integers, Waves
from worker.watermark.convolutional_code import CODE_BITS

# How many of the pilots' peaks the code bits decide between, with little and much effort; most decoded.
PROPOSED, MANY, MOST_OFFSETS = 48, 256, 2
# The threshold, in deviations of pilots and code bits together. Chance reaches 7 in one view of a hundred.
DETECTION_THRESHOLD = 6.5
# If one of the FIRST proposals is CERTAIN, the others are not looked at.
FIRST, CERTAIN = 2, 12.0
# Offsets that are looked at together, so that their waves stay in the processor's cache.
OFFSETS_TOGETHER = 16
# A scaled tile seldom begins at a whole pixel.
FINER = (0.5, 0.25)
NEIGHBOURS = np.stack(np.meshgrid(*[[-1.0, 0.0, 1.0]] * 2, indexing="ij"), -1).reshape(-1, 2)


def likely_offsets(seen: Spectrum, carriers: Carriers, proposed: int = PROPOSED) -> list[Floats]:
    """Returns the likeliest offsets (row, column), to a quarter of a pixel; none below the threshold."""
    return [begins for _, begins in loudest_offsets(seen, carriers, MOST_OFFSETS, proposed)]


def loudest_offsets(
    seen: Spectrum, carriers: Carriers, most: int, proposed: int = PROPOSED
) -> list[tuple[float, Floats]]:
    """Returns up to ``most`` likeliest offsets, each with its loudness; none below the threshold."""
    return [
        (loudness, _refine_offset(seen, begins, carriers))
        for loudness, begins in _loudest_proposals(seen, carriers, most, proposed)
    ]


def proposes_offset(seen: Spectrum, carriers: Carriers, begins: Floats) -> bool:
    """Returns True if the likeliest offset is ``begins`` (row, column), to a pixel."""
    return any(
        bool((np.abs((proposal - begins + TILE / 2) % TILE - TILE / 2) <= 1).all())
        for _, proposal in _loudest_proposals(seen, carriers, 1, PROPOSED)
    )


def likeliest_offset(seen: Spectrum, carriers: Carriers) -> list[Floats]:
    """Returns the likeliest offset alone, also below the threshold; none where the pilots have no peak."""
    begins = _propose_offsets(seen, carriers)
    if len(begins) == 0:
        return []
    return [_refine_offset(seen, begins[loudness_at(seen, begins, carriers).argmax()], carriers)]


def _loudest_proposals(
    seen: Spectrum, carriers: Carriers, most: int, proposed: int
) -> list[tuple[float, Floats]]:
    """Returns up to ``most`` of the pilots' proposals with their loudness; none below the threshold."""
    begins = _propose_offsets(seen, carriers, proposed)
    loud = loudness_at(seen, begins[:FIRST], carriers)
    if loud.max(initial=0) < CERTAIN:
        loud = np.concatenate([loud, loudness_at(seen, begins[FIRST:], carriers)])
    return [(float(loud[n]), begins[n]) for n in np.argsort(-loud)[:most] if loud[n] >= DETECTION_THRESHOLD]


def _propose_offsets(seen: Spectrum, carriers: Carriers, most: int = PROPOSED) -> Floats:
    """Returns the offsets (n, 2) of the pilots' highest peaks, at most ``most``, to a fraction of a pixel."""
    surface = _pilot_surface(seen, carriers)
    around = np.asarray(cv2.copyMakeBorder(surface, 1, 1, 1, 1, cv2.BORDER_WRAP), np.float32)
    peaks = np.flatnonzero(surface == cv2.dilate(around, np.ones((3, 3), np.uint8))[1:-1, 1:-1])
    heights = surface.ravel()[peaks]
    if len(peaks) > most:  # the others need no order
        highest = np.argpartition(-heights, most)[:most]
        peaks, heights = peaks[highest], heights[highest]
    highest = peaks[np.argsort(-heights)]
    down, across = np.divmod(highest, TILE)
    return np.stack(
        [
            down + _parabola_top(around, down, across, (1, 0)),
            across + _parabola_top(around, down, across, (0, 1)),
        ],
        1,
    )


def _pilot_surface(seen: Spectrum, carriers: Carriers) -> Pixels:
    """Returns the sum of the pilots at each pixel's offset, but for a factor: (256, 256)."""
    rows, columns = carriers.pilots.T
    waves = np.zeros((TILE, TILE), np.complex64)
    # The sum is the real part of their transform.
    waves[rows, columns] = _align_pilots(seen, carriers)
    both = cv2.idft(waves.view(np.float32).reshape(TILE, TILE, 2))
    return np.asarray(cv2.extractChannel(both, 0), np.float32)


def _parabola_top(around: Floats, down: Integers, across: Integers, way: tuple[int, int]) -> Floats:
    """Returns the distance from each pixel to the top of the parabola through it and its neighbours."""
    before, here, after = (around[down + 1 + n * way[0], across + 1 + n * way[1]] for n in (-1, 0, 1))
    return np.clip((after - before) / (2 * (2 * here - before - after) + 1e-9), -0.5, 0.5)


def _refine_offset(seen: Spectrum, place: Floats, carriers: Carriers) -> Floats:
    for step in FINER:
        near = place + NEIGHBOURS * step
        place = near[loudness_at(seen, near, carriers).argmax()]
    return place


def loudness_at(seen: Spectrum, begins: Floats, carriers: Carriers) -> Floats:
    """Returns how far the pilots and code bits are above chance, in deviations, at offsets (n, 2): (n,)."""
    aligned = _align_pilots(seen, carriers)
    down, across = _ring_turns(begins)
    rows, columns = carriers.pilots.T
    turned = down.take(rows + RING[1], axis=1) * across.take(columns, axis=1)
    peaks = (turned @ aligned).real / (np.sqrt(np.square(np.abs(aligned)).sum() / 2) + 1e-9)
    data = (seen.data * seen.strength**-0.8).astype(np.complex64)
    energies = _bit_energies(data, down, across, carriers)
    chance = float(np.square(np.abs(data)).sum()) / CODE_BITS + 1e-9
    return peaks + (energies / chance - CODE_BITS) / np.sqrt(2 * CODE_BITS)


def _bit_energies(data: Waves, down: Waves, across: Waves, carriers: Carriers) -> Floats:
    """Returns the energy of the code bits (n,) of data frequencies that are turned by ``_ring_turns``."""
    laid_out, energies = carriers.lay_out(data), np.empty(len(down), np.float32)
    for first in range(0, len(down), OFFSETS_TOGETHER):
        some = slice(first, first + OFFSETS_TOGETHER)
        turned = laid_out * down[some, :, None]
        turned *= across[some, None, :]
        energies[some] = np.square(carriers.gather_laid_out(turned)).sum(axis=1)
    return energies


def _align_pilots(seen: Spectrum, carriers: Carriers) -> Waves:
    return (seen.pilots * np.exp(-1j * carriers.pilot_phases)).astype(np.complex64)


def _ring_turns(begins: Floats) -> tuple[Waves, Waves]:
    """Returns the ring's phase factors at offsets (n, 2): its rows' (n, 113) and its columns' (n, 57)."""
    turns = np.multiply.outer(begins, np.arange(RING_ROWS) / TILE)
    angles = (2 * np.pi * (turns - np.rint(turns))).astype(np.float32)
    factors = np.empty(angles.shape, np.complex64)
    factors.real, factors.imag = np.cos(angles), np.sin(angles)
    down, across = factors[:, 0], factors[:, 1]
    # The negative rows' factors are the conjugates of the positive ones'.
    return np.hstack([down[:, :0:-1].conj(), down]), across
