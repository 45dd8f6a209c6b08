"""Informed embedding: the mark is strengthened where this particular picture would drown it.

After Miller, Doërr and Cox, "Applying informed coding and embedding to design a robust high-capacity
watermark" (2004). The picture is marked, attacked and read, in pieces and as a whole. The code bits that
would be read wrongly get a larger share of the mark's energy, which stays constant.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np

from worker.watermark.canonical_view import (
    Luma,
    Pixels,
    Spectrum,
    compute_residual,
    normalize_spectrum,
    resize_pixels,
    tile_waves,
)
from worker.watermark.carriers import PILOTS, RING, Carriers, Floats, Waves
from worker.watermark.convolutional_code import CODE_BITS, codeword_cosines
from worker.watermark.jpeg_round_trip import round_trip_jpeg
from worker.watermark.pattern_synthesis import part_weights, synthesize_pattern
from worker.watermark.prepared_view import PreparedView
from worker.watermark.strength_balance import CodewordReadings, optimize_strengths
from worker.watermark.view_blocks import divide_view

PILOTS_IN_PHASE = 0.55  # of a pilot's deviation: the wanted component in phase
# How much less the detector trusts frequencies in which the picture is strong, if it was only moved. In a
# compressed picture it trusts all equally.
TRUST = 0.8
# The losses that it is made for: none, a JPEG, and a JPEG at half the size; slightly worse than promised.
HALF = 0.5
QUALITY = 40
# What is read once, and not in every round.
KEPT = (None, HALF)
PROVED = 50  # the quality of the JPEGs from which a proof reads
# Rings of frequencies, each of which a loss keeps or removes as a whole.
BANDS = np.linspace(*RING, 7)
LEAST_LIFT, MOST_LIFT = 0.4, 2.5


@dataclass(frozen=True)
class EmbeddingAim:
    """The purpose for which a mark is made.

    ``losses``: the copies from which it should be read; None is the picture itself, a number a JPEG at this
    share of its size. ``rounds``: how often the strengths are optimized. ``pieces``: True if pieces should be
    read too. ``pilots``: the pilots' initial share of the mark's energy. ``hidden``: True if the mark is
    limited in dark areas, where it would be visible.
    """

    losses: tuple[float | None, ...] = (None, 1.0, HALF)
    rounds: int = 1
    pieces: bool = True
    pilots: float = 0.3
    hidden: bool = False


# SHARED: everything that happens to shared pictures. COMPRESSED: only compression, for heavy textures.
SHARED = EmbeddingAim()
COMPRESSED = EmbeddingAim(losses=(None, 1.0), rounds=5, pieces=False, pilots=0.05)


class InformedEmbedding:
    """The embedding of one codeword in one picture, at one deviation after another.

    A deviation is the finished pattern's, in levels of 0–255; the pattern has less if dark areas limit it.

    Args:
        view: of the picture.
        code: (312,), ±1.
        aim: the purpose of the mark.
    """

    def __init__(
        self, view: PreparedView, code: Floats, carriers: Carriers, aim: EmbeddingAim = SHARED
    ) -> None:
        self._view = view
        self._code = code
        self._carriers = carriers
        self._aim = aim
        self._down, self._across = part_weights(*view.luma.shape)
        self._strengths = np.ones((len(self._down) * len(self._across), CODE_BITS), np.float32)
        self._even = np.sqrt(aim.pilots / (1 - aim.pilots) * len(carriers.chips) / PILOTS)
        self._pilots = np.full(PILOTS, self._even)
        self._survival = np.zeros(len(BANDS) - 1)
        self._even_pattern: Luma | None = None
        self._kept: dict[float | None, tuple[CodewordReadings, float]] = {}
        self._blocks = divide_view(*view.luma.shape)
        self._shares = self._blocks.part_shares(self._down, self._across)
        self._pieces, self._weights = (
            self._blocks.piece_shares() if aim.pieces else self._blocks.whole_share()
        )

    def optimize_pattern(self, deviation: float) -> Luma:
        """Returns the pattern (h, w) that makes the most pieces and attacked copies readable."""
        for _ in range(self._aim.rounds):
            self.improve(deviation)
        return self.build_pattern(deviation)

    def improve(self, deviation: float) -> None:
        """Marks the picture, attacks and reads it, and optimizes the strengths: one round."""
        mask = self._mask_at(deviation)
        self._audible = self._blocks.block_means(mask / (self._view.deviations + 1))
        marked = np.clip(self._view.luma + self._build(mask, deviation), 0, 255)
        self._even_pattern = None
        readings = [self._read_copy(marked, deviation, loss) for loss in self._aim.losses]
        energies = self._blocks.block_means(np.square(mask))
        self._strengths = optimize_strengths(self._strengths, readings, self._shares, energies)

    def build_pattern(self, deviation: float) -> Luma:
        """Repeats the tiles over the picture, in each place as strong as the mask allows: (h, w)."""
        return self._build(self._mask_at(deviation), deviation)

    def foresee_score(self, deviation: float) -> float:
        """Returns the likely score at half the size in a JPEG, where plain pictures lose a mark first."""
        marked = np.clip(self._view.luma + self.build_pattern(deviation), 0, 255)
        copy = _compress_view(marked, min(1.0, HALF * self._view.scale), PROVED)
        seen = normalize_spectrum(tile_waves(compute_residual(copy)), self._carriers)
        return float(codeword_cosines(self._carriers.gather(seen.data), self._code))

    def _mask_at(self, deviation: float) -> Pixels:
        masking = self._view.masking
        if not self._aim.hidden:
            return masking.strengths
        return np.minimum(masking.strengths, masking.dark_limit / np.float32(deviation))

    def _build(self, mask: Pixels, deviation: float) -> Luma:
        if self._even_pattern is None:
            self._even_pattern = self._synthesize()
        return scale_to_deviation(self._even_pattern * mask, deviation * deviation_of(mask))

    def _synthesize(self) -> Luma:
        data, pilots = self._frequency_lift()
        strengths, down, across = self._strengths, self._down, self._across
        if not np.ptp(strengths, axis=0).any():  # all parts are one
            strengths, down, across = strengths[:1], [np.sum(down, axis=0)], [np.sum(across, axis=0)]
        waves = self._carriers.spread(strengths * self._code, self._pilots * pilots, data)
        return synthesize_pattern(waves, down, across)

    def _read_copy(self, marked: Luma, deviation: float, loss: float | None) -> CodewordReadings:
        """Returns what the pieces of the marked view say, or the whole view at half its size."""
        if loss in self._kept:
            # The picture's own part hardly depends on the mark, and what the mark adds grows with it.
            readings, before = self._kept[loss]
            return replace(readings, gain=readings.gain * np.float32(deviation / before))
        view_residual = compute_residual(
            marked if loss is None else _compress_view(marked, loss * min(1.0, self._view.scale))
        )
        seen = normalize_spectrum(tile_waves(view_residual), self._carriers)
        if loss is not None:
            self._survival += self._survival_by_band(seen.data)
        if self._aim.pieces:
            self._strengthen_pilots(seen)
        if loss == HALF:  # pieces of such a copy are not promised
            readings = self._read_whole(seen)
        else:
            trust = self._carriers.data_tilt * seen.strength ** -(1 + (TRUST if loss is None else 0.0))
            readings = self._read_pieces(view_residual, trust)
        if loss in KEPT:
            self._kept[loss] = readings, deviation
        return readings

    def _read_pieces(self, view_residual: Luma, trust: Floats) -> CodewordReadings:
        """Returns what each piece says, from the view's residual."""
        soft_bits = self._blocks.gather_code_bits(view_residual, self._carriers, trust) * self._code
        embedded = self._embedded_amplitudes()
        gain = _regress_gain(soft_bits, embedded)
        own = soft_bits - gain * embedded
        return CodewordReadings(
            self._pieces @ own, gain * (self._pieces * self._audible) @ self._shares, self._weights
        )

    def _read_whole(self, seen: Spectrum) -> CodewordReadings:
        """Returns what the whole picture says."""
        soft_bits = self._carriers.gather(seen.data)[None] * self._code
        whole = self._pieces[:1]
        embedded = whole @ self._embedded_amplitudes()
        gain = _regress_gain(soft_bits, embedded)
        return CodewordReadings(
            soft_bits - gain * embedded, gain * (whole * self._audible) @ self._shares, self._weights[:1]
        )

    def _embedded_amplitudes(self) -> Floats:
        """Returns the amplitude of each code bit in each block, as the detector sees it: (n, 312)."""
        return self._audible[:, None] * (self._shares @ self._strengths)

    def _strengthen_pilots(self, seen: Spectrum) -> None:
        """Strengthens the pilots that are not read in phase."""
        in_phase = (seen.pilots * np.exp(-1j * self._carriers.pilot_phases)).real
        wanted = PILOTS_IN_PHASE * np.sqrt(np.mean(np.abs(seen.pilots) ** 2)) + 1e-9
        more = 0.3 * np.clip(1 - in_phase / wanted, -1, 1)
        self._pilots = np.clip(self._pilots + self._even * more, 0.2 * self._even, 3 * self._even)

    def _survival_by_band(self, data: Waves) -> Floats:
        """Returns the mark's share of each band: the part of its deviation that agrees with the code."""
        flat = data / self._carriers.data_tilt
        agreeing = (flat * self._carriers.apply_chips(self._code).conj()).real
        band = np.digitize(np.hypot(*self._carriers.data.T), BANDS[1:-1])
        deviation = np.sqrt(np.bincount(band, np.square(np.abs(flat))) * np.bincount(band)) + 1e-9
        return np.bincount(band, agreeing) / deviation

    def _frequency_lift(self) -> tuple[Floats, Floats]:
        """Returns the factors of the data and pilot frequencies, from what survived so far."""
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


def _regress_gain(soft_bits: Floats, embedded: Floats) -> float:
    """Returns the slope of the regression of ``soft_bits`` on ``embedded``."""
    return float((soft_bits * embedded).sum() / np.square(embedded).sum())


def deviation_at(psnr: float) -> float:
    """Returns the deviation, in levels of 0–255, of a mark at so many decibels."""
    return 255 * 10 ** (-psnr / 20)


def scale_to_deviation(pattern: Luma, deviation: float) -> Luma:
    """Scales the pattern to a root mean square of ``deviation``."""
    return pattern * np.float32(deviation / max(deviation_of(pattern), 1e-9))


def deviation_of(pattern: Luma) -> float:
    """Returns the pattern's root mean square."""
    return float(cv2.norm(pattern) / np.sqrt(pattern.size))


def _compress_view(luma: Luma, size: float, quality: int = QUALITY) -> Luma:
    """Returns the luma after a JPEG at the share ``size`` of the view's size."""
    height, width = luma.shape
    shown = resize_pixels(luma, round(width * size), round(height * size))
    levels = np.asarray(cv2.convertScaleAbs(shown), np.uint8)
    return resize_pixels(round_trip_jpeg(levels, quality).astype(np.float32), width, height)
