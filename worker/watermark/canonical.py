"""The view in which a mark is written and read: luma with a short side of 512, whatever the size."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from .carriers import RING, TILE, Carriers, Waves

Pixels = npt.NDArray[np.float32]
Luma = npt.NDArray[np.floating]

SHORT_SIDE = 512
# ITU-R BT.601, as JPEG has it.
WEIGHTS = np.array([0.299, 0.587, 0.114], np.float32)
# Beyond this many local deviations a residual is the picture's edge and not the mark.
CLIP = 2.2


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
    band = blurred(luma, 0.6) - blurred(luma, 4)
    deviation = np.sqrt(blurred(band * band, 6))
    return np.clip(band / (deviation + 1), -CLIP, CLIP)


def blurred(pixels: Luma, sigma: float) -> Pixels:
    return cv2.GaussianBlur(pixels, (0, 0), sigma).astype(np.float32, copy=False)


def waves(residual: Luma) -> Waves:
    """The residual's waves (256, 129), all tiles laid over one another: a real transform, so half of it."""
    height, width = residual.shape
    padded = np.pad(residual, ((0, -height % TILE), (0, -width % TILE)))
    return np.fft.rfft2(padded.reshape(len(padded) // TILE, TILE, -1, TILE).sum(axis=(0, 2)))


def mirrored(waves: Waves, width: int) -> Waves:
    """The waves of the mirror image of a picture that is ``width`` wide, without transforming again."""
    rows, columns = -np.arange(TILE) % TILE, np.arange(waves.shape[1])
    return waves[rows].conj() * np.exp(-2j * np.pi / TILE * (width - 1) * columns)


def spectrum(waves: Waves, carriers: Carriers) -> tuple[Waves, Waves]:
    """The waves at the data and at the pilot frequencies.

    Each is divided by the mean strength of its radius, so that the picture's own spectrum, which falls
    with frequency, does not drown the higher carriers.
    """
    data = waves[carriers.data[:, 0], carriers.data[:, 1]]
    pilots = waves[carriers.pilots[:, 0], carriers.pilots[:, 1]]
    energy = np.bincount(carriers.data_radii, np.abs(data) ** 2, RING[1] + 2)
    count = np.bincount(carriers.data_radii, minlength=RING[1] + 2)
    strength = np.sqrt(energy / np.maximum(count, 1)) + 1e-6
    white = carriers.data_tilt / strength[carriers.data_radii]
    return data * white, pilots * (carriers.pilot_tilt / strength[carriers.pilot_radii])
