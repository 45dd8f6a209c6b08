"""Where the mark lives: keyed frequencies of a 256-pixel tile, some carrying code bits and some a pilot.

Spread spectrum in the Fourier domain after Cox et al., "Secure spread spectrum watermarking for multimedia"
(1997), with a template of pilots after Pereira and Pun (2000). Everything here is a function of the key.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from functools import cached_property, lru_cache

import numpy as np
import numpy.typing as npt

from worker.watermark.convolutional_code import CODE_BITS, MESSAGE_BITS, Bits

Floats = npt.NDArray[np.floating]
Waves = npt.NDArray[np.complexfloating]
Whole = npt.NDArray[np.int64]

TILE = 256
# Cycles per tile. Below lies the picture's own weight, above what JPEG and half size take away.
RING = (14, 56)
PILOT_RING = (18, 46)
PILOTS = 64
# The lower frequencies survive more and carry a little more.
TILT = 30.0, -0.7
# Part of every derivation: another arrangement of the carriers is another scheme and needs another name.
SCHEME = "plantain-1"


@dataclass(frozen=True, eq=False)
class Carriers:
    """A key's frequencies (row, column) of the tile's transform and what each of them carries.

    Each data frequency has two carriers, its real and its imaginary part. Carrier ``i`` bears code bit
    ``slots[i]`` times ``chips[i]``; every code bit has the same number of carriers.
    """

    data: Whole  # (n, 2)
    pilots: Whole  # (64, 2)
    pilot_phases: Floats  # (64,), radians
    chips: Floats  # (2n,), ±1
    slots: Whole  # (2n,)
    scramble: Bits  # (96,)
    key: bytes = field(repr=False)

    def cells(self, count: int) -> tuple[Whole, Floats]:
        """Which code bit each of ``count`` cells carries, and its keyed place in 0–1: see ``means``."""
        slots = _shuffled(np.arange(count) % CODE_BITS, self.key, f"cells {count}")
        dither = _stream(self.key, f"places {count}", count).astype(np.float64) / 2**64
        return slots, dither

    @cached_property
    def data_tilt(self) -> Floats:
        return _tilt(self.data)

    @cached_property
    def pilot_tilt(self) -> Floats:
        return _tilt(self.pilots)

    @cached_property
    def data_radii(self) -> Whole:
        return _radii(self.data)

    @cached_property
    def pilot_radii(self) -> Whole:
        return _radii(self.pilots)

    @cached_property
    def frequencies(self) -> Floats:
        """The data frequencies (n,) in cycles per tile, whatever their direction."""
        return np.hypot(*self.data.T)

    def chipped(self, amplitudes: Floats) -> Waves:
        """What the data frequencies (..., n) carry for signed ``amplitudes`` (..., 312) of the code bits."""
        parts = (amplitudes[..., self.slots] * self.chips).reshape(*amplitudes.shape[:-1], -1, 2)
        return parts[..., 0] + 1j * parts[..., 1]

    def spread(self, amplitudes: Floats, pilot_amplitudes: Floats, lift: Floats | float = 1.0) -> Floats:
        """The tiles (..., 256, 256) whose code bits have signed ``amplitudes`` (..., 312).

        ``lift`` (n,) makes some of the data frequencies stronger than the usual tilt, and others weaker.
        """
        half = np.zeros((*amplitudes.shape[:-1], TILE, TILE // 2 + 1), np.complex64)
        pilots = pilot_amplitudes * np.exp(1j * self.pilot_phases) * self.pilot_tilt
        half[..., *self.data.T] = self.chipped(amplitudes) * self.data_tilt * lift * _halved(self.data)
        half[..., *self.pilots.T] = pilots * _halved(self.pilots)
        return np.fft.irfft2(half, (TILE, TILE)) * TILE

    def gather(self, data: Waves) -> Floats:
        """How much each code bit (..., 312) looks like +1 in spectra at the data frequencies (..., n)."""
        parts = np.ascontiguousarray(data).view(data.real.dtype)
        signed = parts[..., self._order]
        signed *= self._signs
        return signed.reshape(*data.shape[:-1], -1, CODE_BITS).sum(axis=-2)

    @cached_property
    def _order(self) -> Whole:
        """The carriers (2n,): of every code bit one, in order, and then of every one another."""
        return np.argsort(self.slots, kind="stable").reshape(CODE_BITS, -1).T.ravel()

    @cached_property
    def _signs(self) -> Floats:
        return self.chips[self._order].astype(np.float32)


def _halved(frequencies: Whole) -> Floats:
    """A real transform counts the waves of its first column once and all others twice."""
    return np.where(frequencies[:, 1] == 0, 1, 0.5)


def _tilt(frequencies: Whole) -> Floats:
    middle, power = TILT
    return (np.hypot(*frequencies.T) / middle) ** power


def _radii(frequencies: Whole) -> Whole:
    return np.rint(np.hypot(*frequencies.T)).astype(np.int64)


@lru_cache(maxsize=16)
def carriers(key: bytes) -> Carriers:
    """The carriers of a 32-byte key: the same on every machine and for every version of numpy."""
    if len(key) != 32:
        raise ValueError("A watermark key has 32 bytes.")
    frequencies = _shuffled(_half_plane(), key, "frequencies")
    radius = np.hypot(*frequencies.T)
    pilots = np.flatnonzero((radius > PILOT_RING[0]) & (radius < PILOT_RING[1]))[:PILOTS]
    data = np.delete(frequencies, pilots, axis=0)
    data = data[: len(data) * 2 // CODE_BITS * CODE_BITS // 2]
    count = 2 * len(data)
    return Carriers(
        data=data,
        pilots=frequencies[pilots],
        pilot_phases=_stream(key, "phases", PILOTS).astype(np.float64) * (2 * np.pi / 2**64),
        chips=(_stream(key, "chips", count) & 1).astype(np.float64) * 2 - 1,
        slots=_shuffled(np.arange(count) % CODE_BITS, key, "slots"),
        scramble=(_stream(key, "scramble", MESSAGE_BITS) & 1).astype(np.uint8),
        key=key,
    )


def _half_plane() -> Whole:
    """The ring's frequencies of which a real tile has free choice: its other half mirrors them."""
    rows, columns = np.mgrid[-TILE // 2 : TILE // 2, 0 : TILE // 2]
    radius = np.hypot(rows, columns)
    free = (radius >= RING[0]) & (radius <= RING[1]) & ((columns > 0) | (rows > 0))
    return np.stack([rows[free], columns[free]], axis=1)


def _shuffled(values: Whole, key: bytes, purpose: str) -> Whole:
    return values[np.argsort(_stream(key, purpose, len(values)), kind="stable")]


def _stream(key: bytes, purpose: str, count: int) -> npt.NDArray[np.uint64]:
    """``count`` keyed 64-bit numbers. numpy's own generators may change their streams (NEP 19)."""
    seed = f"{SCHEME} {purpose} ".encode() + key
    return np.frombuffer(hashlib.shake_256(seed).digest(8 * count), "<u8").astype(np.uint64)
