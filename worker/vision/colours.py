"""Finds the pixels of a named colour, by OpenCV's HSV of float32 (hue 0–360, the rest 0–1)."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray

from worker.engines.protocol import Picture

# Hue in degrees (from, to), wrapping past 360; least saturation and value.
_HUES: dict[str, tuple[float, float, float, float]] = {
    "red": (345, 15, 0.4, 0.25),
    "orange": (15, 42, 0.45, 0.45),
    "yellow": (42, 70, 0.4, 0.5),
    "green": (70, 165, 0.25, 0.15),
    "turquoise": (160, 200, 0.25, 0.25),
    "blue": (195, 255, 0.3, 0.2),
    "purple": (255, 310, 0.2, 0.2),
    "pink": (305, 350, 0.15, 0.5),
    "brown": (10, 45, 0.3, 0.15),
}
_GREYS: dict[str, Callable[[NDArray[np.float32], NDArray[np.float32]], NDArray[np.bool_]]] = {
    "white": lambda saturation, value: (saturation < 0.2) & (value > 0.75),
    "black": lambda _, value: value < 0.22,
    "grey": lambda saturation, value: (saturation < 0.2) & (value > 0.2) & (value < 0.8),
}
COLOUR_NAMES = frozenset({*_HUES, *_GREYS})


def pixels_of_colour(picture: Picture, colour: str) -> NDArray[np.bool_]:
    """Returns, as bool (H, W), the pixels of float32 (H, W, 3) in 0–1 that have the named colour."""
    hsv = np.asarray(cv2.cvtColor(picture.astype(np.float32), cv2.COLOR_RGB2HSV), np.float32)
    hue, saturation, value = hsv[..., 0], hsv[..., 1], hsv[..., 2]
    if colour in _GREYS:
        return _GREYS[colour](saturation, value)
    first, last, least_saturation, least_value = _HUES[colour]
    in_hue = (hue >= first) & (hue < last) if first < last else (hue >= first) | (hue < last)
    return in_hue & (saturation >= least_saturation) & (value >= least_value)


def share_of_colour(picture: Picture, colour: str) -> float:
    """Returns the share of the pixels that have the named colour."""
    return float(np.mean(pixels_of_colour(picture, colour)))
