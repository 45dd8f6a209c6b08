"""Writing a mark: informed embedding, which strengthens the code bits that this very picture would drown.

After Miller, Doërr and Cox, "Applying informed coding and embedding to design a robust high-capacity
watermark" (2004): the picture is marked, attacked and read, again and again, and what reads weakly gets
more of the energy that the whole mark may spend.
"""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np

from .canonical import Luma, Pixels, canonical, residual, resized, spectrum, waves
from .carriers import PILOTS, TILE, Carriers, Floats
from .code import CODE_BITS
from .jpeg import through_jpeg
from .perception import visibility_mask

PILOT_SHARE = 0.3  # of the mark's energy
ROUNDS = 6
# Rows of a large picture are marked in runs of this many, which stay in the processor's cache.
ROWS = 128


def embed(rgb: Pixels, code: Floats, carriers: Carriers, psnr: float) -> Pixels:
    """``rgb`` (H, W, 3) in 0–1 with the codeword (312,) in its luma, at least ``psnr`` decibels from it."""
    luma = canonical(rgb)
    pattern = _informed(luma, code, carriers, _deviation(psnr))
    height, width = rgb.shape[:2]
    return _added(rgb, _with_deviation(resized(pattern, width, height), _deviation(psnr)) / 255)


def _deviation(psnr: float) -> float:
    return 255 * 10 ** (-psnr / 20)


def _informed(luma: Luma, code: Floats, carriers: Carriers, deviation: float) -> Luma:
    """The mark (h, w) of this ``deviation`` that reads back the most evenly over all code bits."""
    mask = visibility_mask(luma)
    strengths = np.ones(CODE_BITS)
    even = np.sqrt(PILOT_SHARE / (1 - PILOT_SHARE) * len(carriers.chips) / PILOTS)
    pilots = np.full(PILOTS, even)
    pattern = _laid(carriers.spread(strengths * code, pilots), mask, deviation)
    for turn in range(ROUNDS):
        attacked = ATTACKS[turn % len(ATTACKS)](np.clip(luma + pattern, 0, 255))
        data, heard = spectrum(waves(residual(attacked)), carriers)
        strengths = _evened(strengths, carriers.gather(data) * code)
        in_phase = (heard * np.exp(-1j * carriers.pilot_phases)).real
        pilots = np.clip(pilots + 0.4 * even * _shortfall(in_phase, 1), 0.2 * even, 2 * even)
        pattern = _laid(carriers.spread(strengths * code, pilots), mask, deviation)
    return pattern


def _evened(strengths: Floats, margins: Floats) -> Floats:
    return np.clip(strengths + 0.6 * _shortfall(margins, 1.5), 0.05, 4)


def _shortfall(margins: Floats, most: float) -> Floats:
    """How far each margin lies under the median, in medians: −1 to ``most``."""
    middle = float(np.median(margins))
    return np.clip((middle - margins) / max(middle, 1e-3), -1, most)


def _laid(tile: Floats, mask: Luma, deviation: float) -> Luma:
    """The tile repeated over the picture, as strong as the mask lets it be in each place."""
    height, width = mask.shape
    repeats = (-(-height // TILE), -(-width // TILE))
    pattern = np.tile(tile.astype(np.float32), repeats)[:height, :width] * mask
    return _with_deviation(pattern, deviation)


def _with_deviation(pattern: Luma, deviation: float) -> Luma:
    strength = cv2.norm(pattern) / np.sqrt(pattern.size)
    return pattern * np.float32(deviation / max(strength, 1e-9))


def _added(rgb: Pixels, pattern: Luma) -> Pixels:
    marked = np.empty(rgb.shape, np.float32)
    for start in range(0, len(rgb), ROWS):
        rows = slice(start, start + ROWS)
        np.add(rgb[rows], pattern[rows, :, None], out=marked[rows])
        np.clip(marked[rows], 0, 1, out=marked[rows])
    return marked


def _untouched(luma: Luma) -> Luma:
    return luma


def _jpeg(luma: Luma) -> Luma:
    return through_jpeg(np.rint(luma).astype(np.uint8), 40).astype(np.float32)


def _half_size_jpeg(luma: Luma) -> Luma:
    height, width = luma.shape
    return resized(_jpeg(resized(luma, width // 2, height // 2)), width, height)


ATTACKS: tuple[Callable[[Luma], Luma], ...] = (_untouched, _jpeg, _half_size_jpeg)
