"""The mark's carriers: keyed frequencies of a 256-pixel tile, some for code bits and some for pilots.

Spread spectrum in the Fourier domain after Cox et al., "Secure spread spectrum watermarking for multimedia"
(1997), with a template of pilots after Pereira and Pun (2000). The key determines everything here.
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
Integers = npt.NDArray[np.int64]

TILE = 256
# Cycles per tile. Below it the picture itself is strong; above it JPEG and half size remove the mark.
RING = (14, 56)
PILOT_RING = (18, 46)
RING_ROWS = RING[1] + 1  # of frequencies, without the negative ones
PILOTS = 64
# The lower frequencies survive more and carry a little more.
TILT = 30.0, -0.7
# Part of every derivation. Another arrangement of the carriers is another scheme and needs another name.
SCHEME = "plantain-1"


@dataclass(frozen=True, eq=False)
class Carriers:
    """A key's frequencies (row, column) in the tile's transform, and what each of them carries.

    Each data frequency has two carriers: its real and its imaginary part. Carrier ``i`` carries code bit
    ``slots[i]`` times ``chips[i]``. Every code bit has the same number of carriers.
    """

    data: Integers  # (n, 2)
    pilots: Integers  # (64, 2)
    pilot_phases: Floats  # (64,), radians
    chips: Floats  # (2n,), ±1
    slots: Integers  # (2n,)
    scramble: Bits  # (96,)
    key: bytes = field(repr=False)

    def assign_cells(self, count: int) -> tuple[Integers, Floats]:
        """Returns the code bit and the keyed dither in 0–1 of each of ``count`` cells; see ``cell_means``."""
        slots = _shuffle_by_key(np.arange(count) % CODE_BITS, self.key, f"cells {count}")
        dither = _keyed_stream(self.key, f"places {count}", count).astype(np.float64) / 2**64
        return slots, dither

    @cached_property
    def data_tilt(self) -> Floats:
        return _frequency_tilt(self.data)

    @cached_property
    def pilot_tilt(self) -> Floats:
        return _frequency_tilt(self.pilots)

    @cached_property
    def data_radii(self) -> Integers:
        return _rounded_radii(self.data)

    @cached_property
    def pilot_radii(self) -> Integers:
        return _rounded_radii(self.pilots)

    @cached_property
    def frequencies(self) -> Floats:
        """The data frequencies' magnitudes (n,) in cycles per tile."""
        return np.hypot(*self.data.T)

    def apply_chips(self, amplitudes: Floats) -> Waves:
        """Returns what the data frequencies (..., n) carry for ``amplitudes`` (..., 312) of the code bits."""
        parts = np.asarray(amplitudes, np.float32).take(self.slots, axis=-1)
        parts *= self._short_chips
        return parts.view(np.complex64)

    def spread(self, amplitudes: Floats, pilot_amplitudes: Floats, lift: Floats | float = 1.0) -> Floats:
        """Returns the ring's waves (..., 2, 57, 114) of tiles whose code bits have signed ``amplitudes``
        (..., 312).

        They are the conjugate waves of the rows and of the negative rows: the real parts of a row's columns
        and then the imaginary parts.

        Args:
            lift: (n,) multiplies the usual tilt of the data frequencies.
        """
        ring = np.zeros((*amplitudes.shape[:-1], 2 * RING_ROWS * 2 * RING_ROWS), np.float32)
        for frequencies, waves in (
            (self.data, self.apply_chips(amplitudes) * np.asarray(self.data_tilt * lift, np.float32)),
            (self.pilots, pilot_amplitudes * np.exp(1j * self.pilot_phases) * self.pilot_tilt),
        ):
            ring[..., _ring_places(frequencies)] = waves.conj().view(waves.real.dtype)
        return ring.reshape(*amplitudes.shape[:-1], 2, RING_ROWS, 2 * RING_ROWS)

    def gather(self, data: Waves) -> Floats:
        """Returns how much each code bit (..., 312) looks like +1 in spectra ``data`` (..., n)."""
        parts = np.ascontiguousarray(data).view(data.real.dtype)
        signed = parts.take(self._carrier_order, axis=-1)
        signed *= self._carrier_signs
        return signed.reshape(*data.shape[:-1], signed.shape[-1] // CODE_BITS, CODE_BITS).sum(axis=-2)

    def weights_of(self, trust: Floats) -> Floats:
        """Returns ``gather_ring``'s weights (2n / 312, 312), of the data frequencies' ``trust`` (n,)."""
        conjugate = np.array([1, -1], np.float32)
        weights = np.outer(trust, conjugate).ravel()[self._carrier_order] * self._carrier_signs
        return weights.reshape(-1, CODE_BITS).astype(np.float32)

    def gather_ring(self, waves: Floats, weights: Floats) -> Floats:
        """Returns how much each code bit (n, 312) looks like +1 in waves (n, 2, 57, 114) as of ``spread``."""
        parts = waves.reshape(len(waves), -1).take(self._carrier_places, axis=1)
        return np.einsum("nkb,kb->nb", parts.reshape(len(waves), *weights.shape), weights)

    def lay_out(self, data: Waves) -> Waves:
        """Returns the data frequencies (n,) where they are in the ring: rows -56 to 56, columns 0 to 56."""
        laid = np.zeros((2 * RING[1] + 1, RING_ROWS), np.complex64)
        laid[self.data[:, 0] + RING[1], self.data[:, 1]] = data
        return laid

    def gather_laid_out(self, waves: Waves) -> Floats:
        """Returns how much each code bit (n, 312) looks like +1 in waves (n, 113, 57) as of ``lay_out``."""
        parts = waves.view(np.float32).reshape(len(waves), -1).take(self._laid_out_places, axis=1)
        signs = self._carrier_signs.reshape(-1, CODE_BITS)
        return np.einsum("nkb,kb->nb", parts.reshape(len(waves), *signs.shape), signs)

    @cached_property
    def _laid_out_places(self) -> Integers:
        """The places (2n,) of the carriers, in their order, in the real and imaginary parts of waves."""
        places = (self.data[:, 0] + RING[1]) * RING_ROWS + self.data[:, 1]
        return np.stack([2 * places, 2 * places + 1], axis=1).ravel()[self._carrier_order]

    @cached_property
    def _short_chips(self) -> Floats:
        return self.chips.astype(np.float32)

    @cached_property
    def _carrier_places(self) -> Integers:
        """The places (2n,) of the carriers, in their order, in the ring's waves of one block."""
        return _ring_places(self.data)[self._carrier_order]

    @cached_property
    def _carrier_order(self) -> Integers:
        """The carriers (2n,): one of every code bit in order, then another of every code bit, and so on."""
        return np.argsort(self.slots, kind="stable").reshape(CODE_BITS, -1).T.ravel()

    @cached_property
    def _carrier_signs(self) -> Floats:
        return self.chips[self._carrier_order].astype(np.float32)


@lru_cache(maxsize=16)
def ring_basis(length: int, rows: int = RING_ROWS) -> Floats:
    """Returns the cosines and the sines (length, 2 · rows) of the ring's rows or columns at pixels 0, 1, …"""
    angles = 2 * np.pi / TILE * (np.outer(np.arange(length), np.arange(rows)) % TILE)
    return np.hstack([np.cos(angles), np.sin(angles)]).astype(np.float32)


def _ring_places(frequencies: Integers) -> Integers:
    """Returns where the ring's waves (2 · 57 · 114) have the real and imaginary part of each: (2n,)."""
    rows, columns = frequencies.T
    real = np.ravel_multi_index((1 * (rows < 0), np.abs(rows), columns), (2, RING_ROWS, 2 * RING_ROWS))
    return np.stack([real, real + RING_ROWS], axis=1).ravel()


def _frequency_tilt(frequencies: Integers) -> Floats:
    middle, power = TILT
    return (np.hypot(*frequencies.T) / middle) ** power


def _rounded_radii(frequencies: Integers) -> Integers:
    return np.rint(np.hypot(*frequencies.T)).astype(np.int64)


@lru_cache(maxsize=16)
def derive_carriers(key: bytes) -> Carriers:
    """Returns the carriers of a 32-byte key: the same on every machine and for every version of numpy."""
    if len(key) != 32:
        raise ValueError("A watermark key has 32 bytes.")
    frequencies = _shuffle_by_key(_half_plane(), key, "frequencies")
    radius = np.hypot(*frequencies.T)
    pilots = np.flatnonzero((radius > PILOT_RING[0]) & (radius < PILOT_RING[1]))[:PILOTS]
    data = np.delete(frequencies, pilots, axis=0)
    data = data[: len(data) * 2 // CODE_BITS * CODE_BITS // 2]
    count = 2 * len(data)
    return Carriers(
        data=data,
        pilots=frequencies[pilots],
        pilot_phases=_keyed_stream(key, "phases", PILOTS).astype(np.float64) * (2 * np.pi / 2**64),
        chips=(_keyed_stream(key, "chips", count) & 1).astype(np.float64) * 2 - 1,
        slots=_shuffle_by_key(np.arange(count) % CODE_BITS, key, "slots"),
        scramble=(_keyed_stream(key, "scramble", MESSAGE_BITS) & 1).astype(np.uint8),
        key=key,
    )


def _half_plane() -> Integers:
    """Returns the ring's independent frequencies: in a real tile the other half mirrors them."""
    rows, columns = np.mgrid[-TILE // 2 : TILE // 2, 0 : TILE // 2]
    radius = np.hypot(rows, columns)
    free = (radius >= RING[0]) & (radius <= RING[1]) & ((columns > 0) | (rows > 0))
    return np.stack([rows[free], columns[free]], axis=1)


def _shuffle_by_key(values: Integers, key: bytes, purpose: str) -> Integers:
    return values[np.argsort(_keyed_stream(key, purpose, len(values)), kind="stable")]


def _keyed_stream(key: bytes, purpose: str, count: int) -> npt.NDArray[np.uint64]:
    """Returns ``count`` keyed 64-bit numbers. numpy's own generators may change their streams (NEP 19)."""
    seed = f"{SCHEME} {purpose} ".encode() + key
    return np.frombuffer(hashlib.shake_256(seed).digest(8 * count), "<u8").astype(np.uint64)
