"""Whether a mark can be seen: its contrast in the light of a display, in units of what the eye can just see.

The contrast sensitivity is Daly's (The visible differences predictor, 1993), which knows how much light the
eye is adapted to; texture raises the threshold as he says. A display of 120 cd/m² in a dim room, of which 0.3
are reflected, is seen at 1:1 from where a degree has 45 pixels: a 27-inch screen of 2560 × 1440 from 60 cm.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from worker.pictures.pixel_levels import Levels
from worker.watermark.canonical_view import Pixels, blurred
from worker.watermark.carriers import Floats

PEAK, REFLECTED = 120.0, 0.3  # cd/m²
DEGREE = 45.0  # pixels
ADAPTED = 0.5  # degrees: the light to which each place's eye is adapted
POOLED = 0.5  # degrees over which a pattern is seen as one
MASKING = 0.7  # the power with which texture beyond its own threshold raises the mark's
LIGHT = np.array([0.2126, 0.7152, 0.0722], np.float32)
LUMINANCES = np.geomspace(REFLECTED, PEAK + REFLECTED, 9)
DARK = 3.0  # cd/m²: sRGB levels below about 45
FLAT = 6.0  # of the picture's own contrast, in units of the threshold: hardly more than the steps of 8 bits
LOOKED_AT = 512  # pixels: the side of the pieces in which a large picture is looked at
# Where they lie, in shares of what is left of the sides.
PLACES = ((0, 0), (0, 1), (0.5, 0.5), (1, 0), (1, 1))


@dataclass(frozen=True)
class Visibility:
    """How far a mark is above what can just be seen: 1 is the threshold, as an extended grating's.

    ``anywhere`` and ``in_the_dark`` are of the worst hundredth of all places, and of those that are dark and
    flat; the latter is None where hardly any are.
    """

    anywhere: float
    in_the_dark: float | None


def visibility(before: Levels, after: Levels) -> Visibility:
    """Of the difference between two pictures of 8-bit sRGB (H, W, 3), at 1:1."""
    light, changed = _light(before), _light(after)
    adapted = blurred(light, ADAPTED * DEGREE)
    seen = _pooled(_heard((changed - light) / adapted, adapted))
    texture = _pooled(_heard((light - adapted) / adapted, adapted))
    seen /= np.maximum(1, texture) ** MASKING
    dark = (adapted < DARK) & (texture < FLAT)
    return Visibility(
        anywhere=float(np.quantile(seen, 0.99)),
        in_the_dark=float(np.quantile(seen[dark], 0.99)) if dark.mean() > 0.01 else None,
    )


def is_seen(before: Levels, after: Levels) -> bool:
    """Tells whether a difference is above the threshold, in five pieces of a large picture."""
    height, width = before.shape[:2]
    for down, across in PLACES if max(height, width) > LOOKED_AT else PLACES[:1]:
        top, left = round(down * max(0, height - LOOKED_AT)), round(across * max(0, width - LOOKED_AT))
        piece = slice(top, top + LOOKED_AT), slice(left, left + LOOKED_AT)
        if visibility(before[piece], after[piece]).anywhere > 1:
            return True
    return False


def sensitivity(frequencies: Floats, luminance: float, area: float) -> Floats:
    """One over the contrast just seen, at cycles per degree, cd/m² and square degrees (Daly, 1993)."""
    cycles = np.maximum(frequencies, 1e-3)
    a = 0.801 * (1 + 0.7 / luminance) ** -0.2
    b = 0.3 * (1 + 100 / luminance) ** 0.15
    size = ((3.23 * (cycles**2 * area) ** -0.3) ** 5 + 1) ** -0.2
    return 250 * size * a * 0.9 * cycles * np.exp(-b * cycles) * np.sqrt(1 + 0.06 * np.exp(b * cycles))


def _light(levels: Levels) -> Pixels:
    """What a display of this picture gives off, in cd/m² (H, W)."""
    values = levels.astype(np.float32) / 255
    linear = np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)
    return (linear @ LIGHT * PEAK + REFLECTED).astype(np.float32)


def _heard(contrast: Pixels, adapted: Pixels) -> Pixels:
    """The contrast in units of its threshold, by the light that each place's eye is adapted to."""
    height, width = contrast.shape
    waves = np.fft.rfft2(contrast)
    frequencies = DEGREE * np.hypot(np.fft.fftfreq(height)[:, None], np.fft.rfftfreq(width)[None])
    area = height * width / DEGREE**2
    place = np.interp(np.log(adapted), np.log(LUMINANCES), np.arange(len(LUMINANCES)))
    heard = np.zeros_like(contrast)
    for n, luminance in enumerate(LUMINANCES):
        near = np.clip(1 - np.abs(place - n), 0, None)
        if near.any():
            through = waves * sensitivity(frequencies, float(luminance), area)
            heard += (near * np.fft.irfft2(through, (height, width))).astype(np.float32)
    return heard


def _pooled(heard: Pixels) -> Pixels:
    """The amplitude of the grating that would be as strong about each place."""
    return np.sqrt(2 * blurred(heard * heard, POOLED * DEGREE))
