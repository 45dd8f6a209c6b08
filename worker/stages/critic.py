"""What can be checked of a picture by measuring it: is there one, are its colours and its light as asked."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from functions.contract.manifest import IntentFacts

_MIN_CONTRAST = 0.03  # standard deviation of luma below which a picture is blank
_MIN_SHARE = 0.01  # of the pixels that must have a colour that was asked for
_MIN_CHANGE = 0.01  # mean difference below which an edit did nothing
_NIGHT_BELOW, _DAY_ABOVE = 0.5, 0.3  # mean luma

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


@dataclass(frozen=True)
class Review:
    """A score in 0–1, the share of the checks that hold, and the ones that do not."""

    score: float
    reasons: tuple[str, ...]


def review(rgb: np.ndarray, intent: IntentFacts | None, before: np.ndarray | None = None) -> Review:
    """Judges float32 (H, W, 3) against the intent and, for an edit, against the picture before."""
    checks = [("the picture is blank", not is_blank(rgb))]
    if intent:
        checks += [(f"{name} is missing", share_of(rgb, name) >= _MIN_SHARE) for name in intent.colours]
        checks += [(f"the light is not {intent.light}", has_light(rgb, intent.light))] if intent.light else []
    if before is not None:
        checks.append(("nothing was changed", change(before, rgb) >= _MIN_CHANGE))
    reasons = tuple(reason for reason, holds in checks if not holds)
    return Review(1 - len(reasons) / len(checks), reasons)


def is_blank(rgb: np.ndarray) -> bool:
    return not np.isfinite(rgb).all() or float(_luma(rgb).std()) < _MIN_CONTRAST


def share_of(rgb: np.ndarray, colour: str) -> float:
    """The share of pixels that have a colour of that name."""
    hue, saturation, value = cv2.split(cv2.cvtColor(rgb.astype(np.float32), cv2.COLOR_RGB2HSV))
    if colour == "white":
        found = (saturation < 0.2) & (value > 0.75)
    elif colour == "black":
        found = value < 0.22
    elif colour == "grey":
        found = (saturation < 0.2) & (value > 0.2) & (value < 0.8)
    else:
        first, last, least_saturation, least_value = _HUES[colour]
        in_hue = (hue >= first) & (hue < last) if first < last else (hue >= first) | (hue < last)
        found = in_hue & (saturation >= least_saturation) & (value >= least_value)
    return float(np.mean(found))


def has_light(rgb: np.ndarray, light: str) -> bool:
    brightness = float(_luma(rgb).mean())
    return {"night": brightness < _NIGHT_BELOW, "day": brightness > _DAY_ABOVE}.get(light, True)


def change(before: np.ndarray, after: np.ndarray) -> float:
    """Mean absolute difference, in 0–1, at the size of ``after``."""
    size = (after.shape[1], after.shape[0])
    return float(np.abs(cv2.resize(before, size, interpolation=cv2.INTER_AREA) - after).mean())


def _luma(rgb: np.ndarray) -> np.ndarray:
    return rgb @ np.array([0.299, 0.587, 0.114], np.float32)
