"""Pixel art from a drawing of few pixels: each pixel becomes a square, and no network smooths it."""

from __future__ import annotations

import math

import numpy as np

from functions.contract.intent_facts import IntentFacts

STYLE = "pixel"
MOST_PIXELS = 128
"""The short side, in pixels, from which on single pixels are too small for the style."""


def is_pixel_art(drawn: np.ndarray, intent: IntentFacts | None) -> bool:
    """Checks that the prompt asks for pixel art, and that the drawing (h, w, 3) has few enough pixels."""
    return intent is not None and intent.style == STYLE and min(drawn.shape[:2]) < MOST_PIXELS


def repeat_pixels(drawn: np.ndarray, factor: float) -> np.ndarray:
    """Returns (n·h, n·w, 3), where n is the least whole number that is not below ``factor``."""
    times = max(1, math.ceil(factor))
    return drawn.repeat(times, axis=0).repeat(times, axis=1)
