"""The colour of letters: a dark or a light tint of what they stand on, by WCAG's contrast ratio."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

Colour = NDArray[np.float32]
"""(3,), sRGB in 0–1."""

READABLE = 4.5
"""The contrast ratio of WCAG 2.2, success criterion 1.4.3."""
_DARK, _LIGHT = 16.0, 97.0  # CIELAB's lightness of the two inks
_TINT = 0.35  # of the surface's own chroma
_WARM = np.array([0.0, 1.0, 5.0], np.float32)  # a white that is a little warm: a and b


def luminance_of(colours: NDArray[np.float32]) -> NDArray[np.float32]:
    """Returns WCAG's relative luminance, 0–1, of (…, 3) in sRGB."""
    linear = np.where(colours <= 0.04045, colours / 12.92, ((colours + 0.055) / 1.055) ** 2.4)
    return np.asarray(linear @ np.array([0.2126, 0.7152, 0.0722]), np.float32)


def contrast_ratio(one: NDArray[np.float32], other: NDArray[np.float32]) -> NDArray[np.float32]:
    """Returns WCAG's contrast ratio, 1 to 21."""
    first, second = luminance_of(one), luminance_of(other)
    return np.asarray((np.maximum(first, second) + 0.05) / (np.minimum(first, second) + 0.05), np.float32)


def choose_ink(pixels: NDArray[np.float32]) -> Colour:
    """Returns the ink that stands out the most from (…, 3) pixels, by the contrast of nine in ten."""
    surface = np.median(pixels.reshape(-1, 3), axis=0).astype(np.float32)
    return max(inks_for(surface), key=lambda ink: contrast_with(ink, pixels))


def contrast_with(ink: Colour, pixels: NDArray[np.float32]) -> float:
    """Returns the contrast ratio that nine of ten of the pixels (…, 3) have at least."""
    return float(np.quantile(contrast_ratio(ink, pixels.reshape(-1, 3)), 0.1))


def inks_for(surface: Colour) -> tuple[Colour, Colour]:
    """Returns a dark and a light tint of the surface's colour."""
    _, a, b = cv2.cvtColor(surface.reshape(1, 1, 3), cv2.COLOR_RGB2LAB)[0, 0]
    dark = np.array([_DARK, a * _TINT, b * _TINT], np.float32)
    light = np.array([_LIGHT, *(_WARM[1:])], np.float32)
    return _to_rgb(dark), _to_rgb(light)


def _to_rgb(lab: NDArray[np.float32]) -> Colour:
    rgb = cv2.cvtColor(lab.reshape(1, 1, 3), cv2.COLOR_LAB2RGB)[0, 0]
    return np.clip(rgb, 0, 1).astype(np.float32)
