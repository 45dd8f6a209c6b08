"""The visibility of a mark: its contrast on a display, in units of the eye's threshold.

The contrast sensitivity is Daly's (The visible differences predictor, 1993), which depends on the light to
which the eye is adapted. Texture raises the threshold, also after Daly. The display has 120 cd/m² and
reflects 0.3 cd/m² of a dim room. It is seen at 1:1, with 45 pixels per degree: a 27-inch screen of 2560 ×
1440 at 60 cm.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from worker.pictures.pixel_levels import Levels
from worker.watermark.canonical_view import Pixels, gaussian_blur
from worker.watermark.carriers import Floats

PEAK, REFLECTED = 120.0, 0.3  # cd/m²
DEGREE = 45.0  # pixels
ADAPTED = 0.5  # degrees around a place, whose light the eye is adapted to
POOLED = 0.5  # degrees over which the eye pools a pattern
MASKING = 0.7  # the power by which texture above its threshold raises the mark's threshold
# The display's share of its light at each 8-bit level of sRGB.
LINEAR = np.array(
    [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in np.arange(256) / 255], np.float32
)
LIGHT = np.array([0.2126, 0.7152, 0.0722], np.float32)
LUMINANCES = np.geomspace(REFLECTED, PEAK + REFLECTED, 9)
DARK = 3.0  # cd/m²: sRGB levels below about 45
FLAT = 6.0  # the picture's own contrast in thresholds: hardly more than the steps of 8 bits
LOOKED_AT = 512  # pixels: the side of the pieces that are measured of a large picture
# The pieces' positions, in shares of the remaining sides.
PLACES = ((0, 0), (0, 1), (0.5, 0.5), (1, 0), (1, 1))


@dataclass(frozen=True)
class Visibility:
    """A mark's contrast in units of the threshold of an extended grating: above 1 it is visible.

    ``anywhere`` and ``in_the_dark`` are the 99th percentiles of all places, and of the dark and flat ones;
    the latter is None if there are hardly any.
    """

    anywhere: float
    in_the_dark: float | None


def measure_visibility(before: Levels, after: Levels) -> Visibility:
    """Measures the visibility of the difference between two pictures of 8-bit sRGB (H, W, 3), at 1:1."""
    light, changed = _display_luminance(before), _display_luminance(after)
    adapted = gaussian_blur(light, ADAPTED * DEGREE)
    seen = _pool_contrast(_contrast_in_thresholds((changed - light) / adapted, adapted))
    texture = _pool_contrast(_contrast_in_thresholds((light - adapted) / adapted, adapted))
    seen /= np.maximum(1, texture) ** MASKING
    dark = (adapted < DARK) & (texture < FLAT)
    return Visibility(
        anywhere=float(np.quantile(seen, 0.99)),
        in_the_dark=float(np.quantile(seen[dark], 0.99)) if dark.mean() > 0.01 else None,
    )


def is_visible(before: Levels, after: Levels) -> bool:
    """Returns True if the difference is above the threshold; of a large picture five pieces are measured."""
    height, width = before.shape[:2]
    for down, across in PLACES if max(height, width) > LOOKED_AT else PLACES[:1]:
        top, left = round(down * max(0, height - LOOKED_AT)), round(across * max(0, width - LOOKED_AT))
        piece = slice(top, top + LOOKED_AT), slice(left, left + LOOKED_AT)
        if measure_visibility(before[piece], after[piece]).anywhere > 1:
            return True
    return False


def contrast_sensitivity(frequencies: Floats, luminance: float, area: float) -> Floats:
    """Returns 1 / threshold contrast, at cycles per degree, cd/m² and square degrees (Daly, 1993)."""
    cycles = np.maximum(frequencies, 1e-3)
    a = 0.801 * (1 + 0.7 / luminance) ** -0.2
    b = 0.3 * (1 + 100 / luminance) ** 0.15
    size = ((3.23 * (cycles**2 * area) ** -0.3) ** 5 + 1) ** -0.2
    return 250 * size * a * 0.9 * cycles * np.exp(-b * cycles) * np.sqrt(1 + 0.06 * np.exp(b * cycles))


def _display_luminance(levels: Levels) -> Pixels:
    """Returns the luminance of the picture on the display, in cd/m² (H, W)."""
    return (LINEAR[levels] @ LIGHT * PEAK + REFLECTED).astype(np.float32)


def _contrast_in_thresholds(contrast: Pixels, adapted: Pixels) -> Pixels:
    """Returns the contrast in units of its threshold at each place's adapted luminance."""
    height, width = contrast.shape
    waves = np.fft.rfft2(contrast)
    place = np.interp(np.log(adapted), np.log(LUMINANCES), np.arange(len(LUMINANCES)))
    weighted = np.zeros_like(contrast)
    for n, sensitivity in enumerate(_sensitivities(height, width)):
        near = np.clip(1 - np.abs(place - n), 0, None)
        if near.any():
            weighted += (near * np.fft.irfft2(waves * sensitivity, (height, width))).astype(np.float32)
    return weighted


@lru_cache(maxsize=2)
def _sensitivities(height: int, width: int) -> Sequence[Pixels]:
    """Returns the sensitivity at each of LUMINANCES to the waves (h, w / 2 + 1) of pictures of this size."""
    frequencies = DEGREE * np.hypot(np.fft.fftfreq(height)[:, None], np.fft.rfftfreq(width)[None])
    area = height * width / DEGREE**2
    return [
        contrast_sensitivity(frequencies, luminance, area).astype(np.float32)
        for luminance in LUMINANCES.tolist()
    ]


def _pool_contrast(weighted: Pixels) -> Pixels:
    """Returns the amplitude of the equally strong grating around each place."""
    return np.sqrt(2 * gaussian_blur(weighted * weighted, POOLED * DEGREE))
