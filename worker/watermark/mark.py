"""A mark in the making: informed embedding, which strengthens what this very picture would drown.

After Miller, Doërr and Cox, "Applying informed coding and embedding to design a robust high-capacity
watermark" (2004): the picture is marked, attacked and read, again and again, and what reads weakly gets
more of the energy that the whole mark may spend.
"""

from __future__ import annotations

import cv2
import numpy as np

from worker.pictures.levels import quantize

from .canonical import Luma, Pixels, Spectrum, residual, resized, spectrum, waves
from .carriers import PILOTS, RING, TILE, Carriers, Floats, Waves
from .code import CODE_BITS
from .jpeg import through_jpeg
from .perception import visibility_mask

PILOT_SHARE = 0.3  # of the mark's energy, before it is known how well they are heard
PILOTS_IN_PHASE = 0.75  # of a pilot's deviation: what it should be heard with
ROUNDS = 6
# How much less the detector trusts what the picture is strong in, when it was only moved; of what was
# compressed all is trusted alike.
TRUST = 0.8
# What it is made against: nothing, a JPEG, and a JPEG at half the size; a little worse than what is promised.
LOSSES = (None, 1.0, 0.5)
QUALITY = 40
# Parts of the picture, each of which is to say every code bit by itself, so that pieces can be read.
PART = 320  # pixels of the canonical view
MOST_PARTS = 2, 3  # along the short and along the long side
# Rings of frequencies that a loss takes or leaves as a whole.
BANDS = np.linspace(*RING, 7)
LEAST_LIFT, MOST_LIFT = 0.4, 2.5


class Mark:
    """The mark for one picture.

    Args:
        luma: (h, w) in 0–255, canonical.
        code: (312,), ±1.
        deviation: of the finished pattern, in levels of 0–255.
        short_side: of the picture itself, which compression sees and not the view.
    """

    def __init__(
        self, luma: Luma, code: Floats, carriers: Carriers, deviation: float, short_side: int
    ) -> None:
        self._luma = luma
        self._size = min(1.0, short_side / min(luma.shape))
        self._code = code
        self._carriers = carriers
        self._deviation = deviation
        self._mask = visibility_mask(luma)
        self._parts = parts(*luma.shape)
        self._strengths = np.ones((len(self._parts), CODE_BITS))
        self._even = np.sqrt(PILOT_SHARE / (1 - PILOT_SHARE) * len(carriers.chips) / PILOTS)
        self._pilots = np.full(PILOTS, self._even)
        self._survival = np.zeros(len(BANDS) - 1)

    def informed(self) -> Luma:
        """The pattern (h, w) that reads back the most evenly over all code bits."""
        for turn in range(ROUNDS):
            loss = LOSSES[turn % len(LOSSES)]
            marked = np.clip(self._luma + self.pattern(), 0, 255)
            left = marked if loss is None else _compressed(marked, loss * self._size)
            self._hear(residual(left), loss is not None)
        return self.pattern()

    def pattern(self) -> Luma:
        """The tiles repeated over the picture, as strong as the mask lets them be in each place."""
        data, pilots = self._lift()
        height, width = self._luma.shape
        repeats = (-(-height // TILE), -(-width // TILE))
        laid = np.zeros((height, width), np.float32)
        for part, strengths in zip(self._parts, self._strengths, strict=True):
            tile = self._carriers.spread(strengths * self._code, self._pilots * pilots, data)
            laid += np.tile(tile.astype(np.float32), repeats)[:height, :width] * part
        return with_deviation(laid * self._mask, self._deviation)

    def _hear(self, heard: Luma, lossy: bool) -> None:
        """Takes from what was read of the attacked picture's residual what to say more loudly."""
        seen = spectrum(waves(heard), self._carriers)
        if lossy:
            self._survival += self._survived(seen.data)
        trust = 0.0 if lossy else TRUST
        whole = self._margins(seen, trust)
        for n, part in enumerate(self._parts):
            margins = 0.5 * whole + 0.5 * self._margins(spectrum(waves(heard * part), self._carriers), trust)
            self._strengths[n] = np.clip(self._strengths[n] + 0.6 * np.clip(1 - margins, -1, 1.5), 0.05, 4)
        in_phase = (seen.pilots * np.exp(-1j * self._carriers.pilot_phases)).real
        wanted = PILOTS_IN_PHASE * np.sqrt(np.mean(np.abs(seen.pilots) ** 2)) + 1e-9
        more = 0.4 * np.clip(1 - in_phase / wanted, -1, 1)
        self._pilots = np.clip(self._pilots + self._even * more, 0.2 * self._even, 3 * self._even)

    def _margins(self, seen: Spectrum, trust: float) -> Floats:
        """By how much each code bit (312,) is read rightly, in units of the median."""
        margins = self._carriers.gather(seen.data * seen.strength**-trust) * self._code
        return margins / max(float(np.median(margins)), 1e-3)

    def _survived(self, data: Waves) -> Floats:
        """How much of each band is the mark: the share of its deviation that agrees with the code."""
        flat = data / self._carriers.data_tilt
        agreeing = (flat * self._carriers.chipped(self._code).conj()).real
        band = np.digitize(np.hypot(*self._carriers.data.T), BANDS[1:-1])
        deviation = np.sqrt(np.bincount(band, np.square(np.abs(flat))) * np.bincount(band)) + 1e-9
        return np.bincount(band, agreeing) / deviation

    def _lift(self) -> tuple[Floats, Floats]:
        """How much stronger than usual the data and the pilot frequencies are, by what survived so far."""
        mean = self._survival.mean()
        if mean <= 0:
            return np.ones(len(self._carriers.data)), np.ones(PILOTS)
        lift = np.clip(np.clip(self._survival / mean, 0.05, None) ** 0.7, LEAST_LIFT, MOST_LIFT)
        middles = (BANDS[1:] + BANDS[:-1]) / 2
        data, pilots = (
            np.interp(np.hypot(*each.T), middles, lift)
            for each in (self._carriers.data, self._carriers.pilots)
        )
        return data, pilots


def parts(height: int, width: int) -> list[Pixels]:
    """Weights (h, w) of parts that fade into one another and sum to one everywhere."""
    short, long = sorted((height, width))
    counts = {short: min(MOST_PARTS[0], round(short / PART)), long: min(MOST_PARTS[1], round(long / PART))}
    down, across = (_fading(side, max(1, counts[side])) for side in (height, width))
    return [np.outer(rows, columns).astype(np.float32) for rows in down for columns in across]


def with_deviation(pattern: Luma, deviation: float) -> Luma:
    strength = cv2.norm(pattern) / np.sqrt(pattern.size)
    return pattern * np.float32(deviation / max(strength, 1e-9))


def _fading(side: int, count: int) -> list[Floats]:
    middles = (np.arange(count) + 0.5) * side / count
    return [np.interp(np.arange(side), middles, each) for each in np.eye(count)]


def _compressed(luma: Luma, size: float) -> Luma:
    """After a JPEG at this share of the view's size."""
    height, width = luma.shape
    shown = resized(luma, round(width * size), round(height * size))
    return resized(
        through_jpeg(quantize(shown / np.float32(255), 8), QUALITY).astype(np.float32), width, height
    )
