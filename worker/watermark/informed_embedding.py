"""A mark in the making: informed embedding, which strengthens what this very picture would drown.

After Miller, Doërr and Cox, "Applying informed coding and embedding to design a robust high-capacity
watermark" (2004): the picture is marked, attacked and read, in pieces and as a whole, and what would be read
wrongly gets more of the energy that the whole mark may spend.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

import cv2
import numpy as np

from worker.pictures.pixel_levels import quantize
from worker.watermark.canonical_view import (
    Luma,
    Pixels,
    Spectrum,
    deviations,
    residual,
    resized,
    spectrum,
    waves,
)
from worker.watermark.carriers import PILOTS, RING, TILE, Carriers, Floats, Waves
from worker.watermark.convolutional_code import CODE_BITS
from worker.watermark.jpeg_round_trip import through_jpeg
from worker.watermark.strength_balance import Readings, balanced
from worker.watermark.view_blocks import Blocks
from worker.watermark.visual_masking import dark_limit, visibility_mask

PILOTS_IN_PHASE = 0.55  # of a pilot's deviation: what it should be heard with
# How much less the detector trusts what the picture is strong in, when it was only moved; of what was
# compressed all is trusted alike.
TRUST = 0.8
# What it is made against: nothing, a JPEG, and a JPEG at half the size; a little worse than what is promised.
HALF = 0.5
QUALITY = 40
# Parts of the picture, in each of which every code bit has a strength of its own.
PART = 128  # pixels of the canonical view
MOST_PARTS = 4, 6  # along the short and along the long side
# Rings of frequencies that a loss takes or leaves as a whole.
BANDS = np.linspace(*RING, 7)
LEAST_LIFT, MOST_LIFT = 0.4, 2.5


@dataclass(frozen=True)
class Aim:
    """What a mark is made for.

    ``losses``: the copies in which it should be read: None, the picture itself; a number, a JPEG at this
    share of its size. ``rounds``: how often it is made anew. ``pieces``: whether pieces should be read too.
    ``pilots``: their share of the mark's energy, before it is known how well they are heard. ``hidden``:
    whether it is held back in the dark, where it would be seen.
    """

    losses: tuple[float | None, ...] = (None, 1.0, HALF)
    rounds: int = 2
    pieces: bool = True
    pilots: float = 0.3
    hidden: bool = False


# All that pictures go through; or compression alone, for pictures whose texture drowns the rest.
SHARED = Aim()
COMPRESSED = Aim(losses=(None, 1.0), rounds=5, pieces=False, pilots=0.05)


class Mark:
    """The mark for one picture.

    Args:
        luma: (h, w) in 0–255, canonical.
        code: (312,), ±1.
        deviation: of the finished pattern, in levels of 0–255; less where the dark holds it back.
        short_side: of the picture itself, which compression sees and not the view.
        aim: what it is made for.
    """

    def __init__(
        self,
        luma: Luma,
        code: Floats,
        carriers: Carriers,
        deviation: float,
        short_side: int,
        aim: Aim = SHARED,
    ) -> None:
        self._luma = luma
        self._size = min(1.0, short_side / min(luma.shape))
        self._code = code
        self._carriers = carriers
        self._aim = aim
        self._mask = visibility_mask(luma)
        if aim.hidden:
            self._mask = np.minimum(self._mask, dark_limit(luma) / deviation)
        self._deviation = deviation * float(np.sqrt(np.mean(np.square(self._mask))))
        self._down, self._across = parts(*luma.shape)
        self._strengths = np.ones((len(self._down) * len(self._across), CODE_BITS), np.float32)
        self._even = np.sqrt(aim.pilots / (1 - aim.pilots) * len(carriers.chips) / PILOTS)
        self._pilots = np.full(PILOTS, self._even)
        self._survival = np.zeros(len(BANDS) - 1)
        self._blocks = Blocks(*luma.shape)
        self._shares = self._blocks.shares(self._down, self._across)
        self._energies = self._blocks.means(self._mask**2)
        self._audible = self._blocks.means(self._mask / (deviations(luma) + 1))
        self._pieces, self._weights = self._blocks.pieces() if aim.pieces else self._blocks.whole()

    def informed(self) -> Luma:
        """The pattern (h, w) with which the most pieces and attacked copies of the picture are read."""
        for _ in range(self._aim.rounds):
            marked = np.clip(self._luma + self.pattern(), 0, 255)
            readings = [self._heard(marked, loss) for loss in self._aim.losses]
            self._strengths = balanced(self._strengths, readings, self._shares, self._energies)
        return self.pattern()

    def pattern(self) -> Luma:
        """The tiles repeated over the picture, as strong as the mask lets them be in each place."""
        data, pilots = self._lift()
        tiles = self._carriers.spread(self._strengths * self._code, self._pilots * pilots, data)
        laid = np.zeros(self._luma.shape, np.float32)
        for tile, (down, across) in zip(tiles, product(self._down, self._across), strict=True):
            rows, columns = np.flatnonzero(down), np.flatnonzero(across)
            weights = np.outer(down[rows], across[columns])
            laid[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1] += (
                tile[np.ix_(rows % TILE, columns % TILE)] * weights
            )
        return with_deviation(laid * self._mask, self._deviation)

    def _heard(self, marked: Luma, loss: float | None) -> Readings:
        """What pieces of the marked view say, or all of it after it was made small."""
        heard = residual(marked if loss is None else _compressed(marked, loss * self._size))
        seen = spectrum(waves(heard), self._carriers)
        if loss is not None:
            self._survival += self._survived(seen.data)
        if self._aim.pieces:
            self._hear_pilots(seen)
        if loss == HALF:  # no pieces of such a copy are promised
            return self._reading(seen)
        trust = TRUST if loss is None else 0.0
        return self._readings(heard, self._carriers.data_tilt * seen.strength ** -(1 + trust))

    def _readings(self, heard: Luma, trust: Floats) -> Readings:
        """What pieces say of which the residual is ``heard``."""
        said = self._blocks.gathered(heard, self._carriers, trust) * self._code
        laid = self._laid()
        gain = _regressed(said, laid)
        own = said - gain * laid
        return Readings(
            self._pieces @ own, gain * (self._pieces * self._audible) @ self._shares, self._weights
        )

    def _reading(self, seen: Spectrum) -> Readings:
        """What the whole says."""
        said = self._carriers.gather(seen.data)[None] * self._code
        whole = self._pieces[:1]
        laid = whole @ self._laid()
        gain = _regressed(said, laid)
        return Readings(said - gain * laid, gain * (whole * self._audible) @ self._shares, self._weights[:1])

    def _laid(self) -> Floats:
        """How much of each code bit's mark is in each block, as it is heard: (n, 312)."""
        return self._audible[:, None] * (self._shares @ self._strengths)

    def _hear_pilots(self, seen: Spectrum) -> None:
        """Makes those pilots stronger that are not heard in phase."""
        in_phase = (seen.pilots * np.exp(-1j * self._carriers.pilot_phases)).real
        wanted = PILOTS_IN_PHASE * np.sqrt(np.mean(np.abs(seen.pilots) ** 2)) + 1e-9
        more = 0.4 * np.clip(1 - in_phase / wanted, -1, 1)
        self._pilots = np.clip(self._pilots + self._even * more, 0.2 * self._even, 3 * self._even)

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


def _regressed(said: Floats, laid: Floats) -> float:
    """How loudly is heard what was laid."""
    return float((said * laid).sum() / np.square(laid).sum())


def parts(height: int, width: int) -> tuple[list[Pixels], list[Pixels]]:
    """Weights of parts down (h,) and across (w,), which fade into one another and sum to one everywhere."""
    short, long = sorted((height, width))
    counts = {short: min(MOST_PARTS[0], round(short / PART)), long: min(MOST_PARTS[1], round(long / PART))}
    return _fading(height, max(1, counts[height])), _fading(width, max(1, counts[width]))


def with_deviation(pattern: Luma, deviation: float) -> Luma:
    return pattern * np.float32(deviation / max(deviation_of(pattern), 1e-9))


def deviation_of(pattern: Luma) -> float:
    return float(cv2.norm(pattern) / np.sqrt(pattern.size))


def _fading(side: int, count: int) -> list[Pixels]:
    middles = (np.arange(count) + 0.5) * side / count
    return [np.interp(np.arange(side), middles, each).astype(np.float32) for each in np.eye(count)]


def _compressed(luma: Luma, size: float) -> Luma:
    """After a JPEG at this share of the view's size."""
    height, width = luma.shape
    shown = resized(luma, round(width * size), round(height * size))
    return resized(
        through_jpeg(quantize(shown / np.float32(255), 8), QUALITY).astype(np.float32), width, height
    )
