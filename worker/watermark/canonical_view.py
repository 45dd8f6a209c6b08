"""The canonical view, in which a mark is embedded and read: luma with a short side of 512 pixels."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from math import gcd, sqrt

import cv2
import numpy as np
import numpy.typing as npt

from worker.pictures.pixel_levels import Levels, levels_to_floats
from worker.watermark.carriers import RING, TILE, Carriers, Floats, Waves, ring_basis

Pixels = npt.NDArray[np.float32]
Luma = npt.NDArray[np.floating]

SHORT_SIDE = 512
# Rows of a picture that are shrunk at a time, at least, so that they stay in the processor's cache.
BAND = 32
# ITU-R BT.601, as JPEG has it.
WEIGHTS = np.array([0.299, 0.587, 0.114], np.float32)
# A blur of this many pixels and more is made at half the size. To halve and to double adds a variance of so
# many square pixels.
WIDE, HALVING = 2.0, 2.0
# The Gaussian, in pixels, over which a local deviation is taken. Averages of four by four and their linear
# interpolation blur too: what is left for the Gaussian at a quarter of the size.
SURROUNDINGS, QUARTER = 4.0, 4
QUARTERED = sqrt(SURROUNDINGS**2 - QUARTER**2 / 12 - QUARTER**2 / 6) / QUARTER
# A residual beyond this many local deviations is an edge of the picture and not the mark.
CLIP = 1.6
# Frequencies of the tile, in each direction, over which the picture's own spectrum is assumed to be flat; and
# the limit of a single frequency, in deviations of that spectrum.
NEIGHBOURHOOD, LOUDEST = 9, 2.0
MARGIN = NEIGHBOURHOOD // 2
# Rows and columns of frequencies, from zero, that are read: the ring and what is around it.
READ = RING[1] + MARGIN + 1


def to_canonical_view(rgb: Pixels) -> Luma:
    """Returns luma (h, w) in 0–255 of sRGB (H, W, 3) in 0–1, with a short side of 512."""
    return scale_to_luma(rgb, SHORT_SIDE / min(rgb.shape[:2]))


def scale_to_luma(rgb: Pixels, scale: float) -> Luma:
    """Returns luma in 0–255 of sRGB in 0–1, resized by ``scale``."""
    height, width = rgb.shape[:2]
    small = resize_pixels(rgb, round(width * scale), round(height * scale))
    luma = cv2.cvtColor(np.clip(small, 0, 1), cv2.COLOR_RGB2GRAY)
    return np.multiply(luma, np.float32(255), dtype=np.float32)


def levels_to_view(levels: Levels) -> Luma:
    """Returns the canonical view in 0–255 of levels (H, W) or (H, W, 3) of 8 or 16 bits.

    A large picture is shrunk in bands of rows, so that its floats never exist at the full size.
    """
    height, width = levels.shape[:2]
    scale = SHORT_SIDE / min(height, width)
    rows, columns = round(height * scale), round(width * scale)
    if rows >= height:
        return _finish_view(resize_pixels(_luma_floats(levels), columns, rows))
    # A band begins where a row of the picture and a row of the view begin together.
    bands = gcd(height, rows)
    together = max(1, BAND * bands // height)
    band, shrunk = together * height // bands, together * rows // bands
    view = np.empty((rows, columns), np.float32)
    for top, row in zip(range(0, height, band), range(0, rows, shrunk), strict=True):
        part = view[row : row + shrunk]
        part[:] = resize_pixels(_luma_floats(levels[top : top + band]), columns, len(part))
    return _finish_view(view)


def _luma_floats(levels: Levels) -> Pixels:
    floats = levels_to_floats(levels)
    return floats if levels.ndim == 2 else np.asarray(cv2.cvtColor(floats, cv2.COLOR_RGB2GRAY), np.float32)


def _finish_view(view: Pixels) -> Pixels:
    return np.clip(view, 0, 1, out=view) * np.float32(255)


def resize_pixels(pixels: Luma, width: int, height: int) -> Pixels:
    """Resizes (H, W[, C]) to (height, width[, C]): by area averages if it shrinks, else bicubically.

    Pixels of that size are returned as they are, and not copied.
    """
    if pixels.shape[:2] == (height, width):
        return pixels.astype(np.float32, copy=False)
    shrinks = height < pixels.shape[0]
    method = cv2.INTER_AREA if shrinks else cv2.INTER_CUBIC
    return cv2.resize(pixels, (width, height), interpolation=method).astype(np.float32, copy=False)


def compute_residual(luma: Luma) -> Luma:
    """Suppresses the picture: returns the luma's pass band in units of its local deviation, clipped."""
    band = _band_pass(luma)
    band /= _band_deviations(band, more=1)
    return np.clip(band, -CLIP, CLIP, out=band)


def local_deviations(luma: Luma) -> Pixels:
    """Returns the local deviation (h, w), in levels, of the luma's band that carries the mark."""
    return _band_deviations(_band_pass(luma))


def _band_pass(luma: Luma) -> Pixels:
    band = gaussian_blur(luma, 0.6)
    band -= gaussian_blur(luma, SURROUNDINGS)
    return band


def _band_deviations(band: Luma, more: float = 0) -> Pixels:
    """Returns the root of the squares' blur by SURROUNDINGS pixels, and ``more``.

    The root is so smooth that it is made at a quarter of the size.
    """
    height, width = band.shape
    small = (max(1, round(width / QUARTER)), max(1, round(height / QUARTER)))
    averages = np.asarray(cv2.resize(np.square(band), small, interpolation=cv2.INTER_AREA), np.float32)
    deviations = np.sqrt(_blur(averages, QUARTERED)) + np.float32(more)
    return np.asarray(cv2.resize(deviations, (width, height), interpolation=cv2.INTER_LINEAR), np.float32)


def gaussian_blur(pixels: Luma, sigma: float) -> Pixels:
    """Blurs (h, w) by a Gaussian of ``sigma`` pixels; a wide one at half the size (Burt and Adelson)."""
    if sigma < WIDE:
        return _blur(pixels, sigma)
    height, width = pixels.shape
    halved = np.asarray(cv2.pyrDown(pixels), np.float32)
    half = gaussian_blur(halved, sqrt(sigma**2 - HALVING) / 2)
    return np.asarray(cv2.pyrUp(half, dstsize=(width, height)), np.float32)


def _blur(pixels: Luma, sigma: float) -> Pixels:
    kernel = _gaussian_kernel(sigma)
    return np.asarray(
        cv2.sepFilter2D(pixels, -1, kernel, kernel), np.float32
    )  # in half of GaussianBlur's time


@lru_cache(maxsize=8)
def _gaussian_kernel(sigma: float) -> Pixels:
    """Returns the weights of a Gaussian of ``sigma`` pixels, to four of its deviations."""
    return np.asarray(cv2.getGaussianKernel(round(8 * sigma + 1) | 1, sigma, cv2.CV_32F), np.float32)


def tile_waves(residual: Luma) -> Waves:
    """Sums the residual's tiles and returns their real Fourier transform (256, 129).

    It is zero beyond the frequencies that are read: the ring, and a margin around it. For so few of them
    multiplications by cosines and sines are cheaper than a fast transform.
    """
    height, width = residual.shape
    tile = np.zeros((TILE, TILE), np.float32)
    for top in range(0, height, TILE):
        for left in range(0, width, TILE):
            part = residual[top : top + TILE, left : left + TILE]
            tile[: part.shape[0], : part.shape[1]] += part
    basis = ring_basis(TILE, READ)
    products = (basis.T @ tile @ basis).reshape(2, READ, 2, READ)
    (cos_cos, cos_sin), (sin_cos, sin_sin) = products.transpose(0, 2, 1, 3)
    waves = np.zeros((TILE, TILE // 2 + 1), np.complex64)
    positive, negative = waves[:READ, :READ], waves[:-READ:-1, :READ]
    np.subtract(cos_cos, sin_sin, out=positive.real)
    np.negative(cos_sin + sin_cos, out=positive.imag)
    np.add(cos_cos[1:], sin_sin[1:], out=negative.real)
    np.subtract(sin_cos[1:], cos_sin[1:], out=negative.imag)
    return waves


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
    data, pilots = ((each[:, 0], each[:, 1]) for each in (carriers.data, carriers.pilots))
    around_data, around_pilots = (strength[rows + READ - 1, columns] for rows, columns in (data, pilots))
    return Spectrum(
        data=_limit_amplitudes(waves[data] / around_data) * carriers.data_tilt,
        pilots=_limit_amplitudes(waves[pilots] / around_pilots) * carriers.pilot_tilt,
        strength=around_data / around_data.mean(),
    )


def _neighbourhood_strength(waves: Waves) -> Floats:
    """Returns the root mean square of the waves around each of the rows -60 to 60 and columns 0 to 60."""
    near = waves[np.arange(1 - READ, READ), :READ]
    power = np.square(near.real) + np.square(near.imag)
    # The other half of a real picture's transform mirrors this half.
    every = np.hstack([power[::-1, MARGIN:0:-1], power])
    mean = cv2.blur(every, (NEIGHBOURHOOD, NEIGHBOURHOOD))[:, MARGIN:]
    # The blur is a running sum: beside a power of 1e10 its rounding leaves means below zero. A mean has at
    # least the share of its own wave.
    return np.sqrt(np.maximum(mean, power / NEIGHBOURHOOD**2)) + 1e-6


def _limit_amplitudes(waves: Waves) -> Waves:
    return waves * np.minimum(1, LOUDEST / (np.abs(waves) + 1e-9))
