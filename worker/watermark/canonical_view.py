"""The view in which a mark is written and read: luma with a short side of 512, whatever the size."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from worker.watermark.carriers import TILE, Carriers, Floats, Waves

Pixels = npt.NDArray[np.float32]
Luma = npt.NDArray[np.floating]

SHORT_SIDE = 512
# ITU-R BT.601, as JPEG has it.
WEIGHTS = np.array([0.299, 0.587, 0.114], np.float32)
# Beyond this many local deviations a residual is the picture's edge and not the mark.
CLIP = 1.6
# Frequencies (of the tile, either way) over which the picture's own spectrum is taken to be even, and how
# many of its deviations a single one may say at most.
NEIGHBOURHOOD, LOUDEST = 9, 2.0


def canonical(rgb: Pixels) -> Luma:
    """Luma (h, w) in 0–255 of sRGB (H, W, 3) in 0–1, its short side 512."""
    return scaled(rgb, SHORT_SIDE / min(rgb.shape[:2]))


def scaled(rgb: Pixels, scale: float) -> Luma:
    """Luma in 0–255 of sRGB in 0–1, resized by ``scale``."""
    height, width = rgb.shape[:2]
    small = resized(rgb, round(width * scale), round(height * scale))
    return np.clip(small, 0, 1) @ (WEIGHTS * 255)


def resized(pixels: Luma, width: int, height: int) -> Pixels:
    """Averaged where it shrinks and bicubic where it grows; (H, W[, C]) to (height, width[, C])."""
    shrinks = height < pixels.shape[0]
    method = cv2.INTER_AREA if shrinks else cv2.INTER_CUBIC
    return cv2.resize(pixels, (width, height), interpolation=method).astype(np.float32, copy=False)


def residual(luma: Luma) -> Luma:
    """What is left of the luma without the picture: band-passed, in units of its local deviation."""
    band = _band(luma)
    return np.clip(band / (_deviations(band) + 1), -CLIP, CLIP)


def deviations(luma: Luma) -> Pixels:
    """What the band of the luma that carries the mark deviates by about each place, in levels (h, w)."""
    return _deviations(_band(luma))


def _band(luma: Luma) -> Pixels:
    return blurred(luma, 0.6) - blurred(luma, 4)


def _deviations(band: Luma) -> Pixels:
    return np.sqrt(blurred(band * band, 4))


def blurred(pixels: Luma, sigma: float) -> Pixels:
    return cv2.GaussianBlur(pixels, (0, 0), sigma).astype(np.float32, copy=False)


def waves(residual: Luma) -> Waves:
    """The residual's waves (256, 129), all tiles laid over one another: a real transform, so half of it."""
    height, width = residual.shape
    padded = np.pad(residual, ((0, -height % TILE), (0, -width % TILE)))
    return np.fft.rfft2(padded.reshape(len(padded) // TILE, TILE, -1, TILE).sum(axis=(0, 2)))


@dataclass(frozen=True, eq=False)
class Spectrum:
    """What a view says at the frequencies of the mark.

    ``data`` (n,) and ``pilots`` (64,) are waves in units of the view's own strength thereabouts, so that what
    the picture itself has much of does not drown the rest, times the mark's tilt. ``strength`` (n,) is that
    of the view at the data frequencies; its mean is 1.
    """

    data: Waves
    pilots: Waves
    strength: Floats


def spectrum(waves: Waves, carriers: Carriers) -> Spectrum:
    strength = _strength(waves)
    at_data, at_pilots = tuple(carriers.data.T), tuple(carriers.pilots.T)
    around_data = strength[at_data]
    return Spectrum(
        data=_limited(waves[at_data] / around_data) * carriers.data_tilt,
        pilots=_limited(waves[at_pilots] / strength[at_pilots]) * carriers.pilot_tilt,
        strength=around_data / around_data.mean(),
    )


def _strength(waves: Waves) -> Floats:
    """The waves' root mean square in the neighbourhood of each, (256, 129)."""
    power = np.square(np.abs(waves)).astype(np.float32)
    margin = NEIGHBOURHOOD // 2
    beyond = power[-np.arange(TILE) % TILE, margin:0:-1]  # a real picture's other half mirrors this one
    every = np.pad(np.hstack([beyond, power]), ((margin, margin), (0, 0)), mode="wrap")
    mean = cv2.blur(every, (NEIGHBOURHOOD, NEIGHBOURHOOD))[margin:-margin, margin:]
    return np.sqrt(mean) + 1e-6


def _limited(waves: Waves) -> Waves:
    return waves * np.minimum(1, LOUDEST / (np.abs(waves) + 1e-9))
