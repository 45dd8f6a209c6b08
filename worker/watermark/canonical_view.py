"""The canonical view, in which a mark is embedded and read: luma with a short side of 512 pixels."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

import cv2
import numpy as np
import numpy.typing as npt

from worker.watermark.carriers import RING, TILE, Carriers, Floats, Waves

Pixels = npt.NDArray[np.float32]
Luma = npt.NDArray[np.floating]

SHORT_SIDE = 512
# ITU-R BT.601, as JPEG has it.
WEIGHTS = np.array([0.299, 0.587, 0.114], np.float32)
# A blur of this many pixels and more is made at half the size. To halve and to double adds a variance of so
# many square pixels.
WIDE, HALVING = 2.0, 2.0
# A residual beyond this many local deviations is an edge of the picture and not the mark.
CLIP = 1.6
# Frequencies of the tile, in each direction, over which the picture's own spectrum is assumed to be flat; and
# the limit of a single frequency, in deviations of that spectrum.
NEIGHBOURHOOD, LOUDEST = 9, 2.0


def to_canonical_view(rgb: Pixels) -> Luma:
    """Returns luma (h, w) in 0–255 of sRGB (H, W, 3) in 0–1, with a short side of 512."""
    return scale_to_luma(rgb, SHORT_SIDE / min(rgb.shape[:2]))


def scale_to_luma(rgb: Pixels, scale: float) -> Luma:
    """Returns luma in 0–255 of sRGB in 0–1, resized by ``scale``."""
    height, width = rgb.shape[:2]
    small = resize_pixels(rgb, round(width * scale), round(height * scale))
    luma = cv2.cvtColor(np.clip(small, 0, 1, out=small), cv2.COLOR_RGB2GRAY)
    return np.multiply(luma, np.float32(255), dtype=np.float32)


def resize_pixels(pixels: Luma, width: int, height: int) -> Pixels:
    """Resizes (H, W[, C]) to (height, width[, C]): by area averages if it shrinks, else bicubically."""
    shrinks = height < pixels.shape[0]
    method = cv2.INTER_AREA if shrinks else cv2.INTER_CUBIC
    return cv2.resize(pixels, (width, height), interpolation=method).astype(np.float32, copy=False)


def compute_residual(luma: Luma) -> Luma:
    """Suppresses the picture: returns the luma's pass band in units of its local deviation, clipped."""
    band = _band_pass(luma)
    band /= _band_deviations(band) + 1
    return np.clip(band, -CLIP, CLIP, out=band)


def local_deviations(luma: Luma) -> Pixels:
    """Returns the local deviation (h, w), in levels, of the luma's band that carries the mark."""
    return _band_deviations(_band_pass(luma))


def _band_pass(luma: Luma) -> Pixels:
    return gaussian_blur(luma, 0.6) - gaussian_blur(luma, 4)


def _band_deviations(band: Luma) -> Pixels:
    return np.sqrt(gaussian_blur(band * band, 4))


def gaussian_blur(pixels: Luma, sigma: float) -> Pixels:
    """Blurs (h, w) by a Gaussian of ``sigma`` pixels; a wide one at half the size (Burt and Adelson)."""
    if sigma < WIDE:
        return np.asarray(cv2.GaussianBlur(pixels, (0, 0), sigma), np.float32)
    height, width = pixels.shape
    halved = np.asarray(cv2.pyrDown(pixels), np.float32)
    half = gaussian_blur(halved, sqrt(sigma**2 - HALVING) / 2)
    return np.asarray(cv2.pyrUp(half, dstsize=(width, height)), np.float32)


def tile_waves(residual: Luma) -> Waves:
    """Sums the residual's tiles and returns their real Fourier transform (256, 129)."""
    height, width = residual.shape
    tile = np.zeros((TILE, TILE), np.float32)
    for top in range(0, height, TILE):
        for left in range(0, width, TILE):
            part = residual[top : top + TILE, left : left + TILE]
            tile[: part.shape[0], : part.shape[1]] += part
    waves = np.asarray(cv2.dft(tile, flags=cv2.DFT_COMPLEX_OUTPUT), np.float32)
    return waves.view(np.complex64)[:, : TILE // 2 + 1, 0]


@dataclass(frozen=True, eq=False)
class Spectrum:
    """A view's spectrum at the mark's frequencies.

    ``data`` (n,) and ``pilots`` (64,) are waves divided by the view's own strength around them, times the
    mark's tilt. So strong frequencies of the picture do not drown the others. ``strength`` (n,) is the view's
    at the data frequencies, with a mean of 1.
    """

    data: Waves
    pilots: Waves
    strength: Floats


def normalize_spectrum(waves: Waves, carriers: Carriers) -> Spectrum:
    """Returns the spectrum at the carriers' frequencies, of waves (256, 129)."""
    strength = _neighbourhood_strength(waves)
    at_data, at_pilots = tuple(carriers.data.T), tuple(carriers.pilots.T)
    around_data = strength[at_data]
    return Spectrum(
        data=_limit_amplitudes(waves[at_data] / around_data) * carriers.data_tilt,
        pilots=_limit_amplitudes(waves[at_pilots] / strength[at_pilots]) * carriers.pilot_tilt,
        strength=around_data / around_data.mean(),
    )


def _neighbourhood_strength(waves: Waves) -> Floats:
    """Returns the root mean square of the waves around each of the ring's columns: (256, 61)."""
    margin = NEIGHBOURHOOD // 2
    near = waves[:, : RING[1] + margin + 1]
    power = np.square(near.real) + np.square(near.imag)
    beyond = power[
        -np.arange(TILE) % TILE, margin:0:-1
    ]  # the other half of a real picture's transform mirrors this half
    every = np.pad(np.hstack([beyond, power]), ((margin, margin), (0, 0)), mode="wrap")
    mean = cv2.blur(every, (NEIGHBOURHOOD, NEIGHBOURHOOD))[margin:-margin, margin:]
    # The blur is a running sum: beside a power of 1e10 its rounding leaves means below zero. A mean has at
    # least the share of its own wave.
    return np.sqrt(np.maximum(mean, power / NEIGHBOURHOOD**2)) + 1e-6


def _limit_amplitudes(waves: Waves) -> Waves:
    return waves * np.minimum(1, LOUDEST / (np.abs(waves) + 1e-9))
