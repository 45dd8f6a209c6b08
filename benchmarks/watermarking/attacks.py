"""Attacks on a published picture: functions of its 8-bit levels (H, W, 3) and a random generator."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO

import cv2
import numpy as np
from PIL import Image

from worker.pictures.pixel_levels import Levels

Attack = Callable[[Levels, np.random.Generator], Levels]

WINDOW = 240  # the grey of the window around a picture on the screen


def recoded(levels: Levels, file_format: str, quality: int) -> Levels:
    file = BytesIO()
    Image.fromarray(levels).save(file, file_format, quality=quality)
    return np.asarray(Image.open(file).convert("RGB"))


def resized(levels: Levels, across: float, down: float) -> Levels:
    """Resizes by averaging where the picture shrinks and bicubically where it grows."""
    size = (round(levels.shape[1] * across), round(levels.shape[0] * down))
    method = cv2.INTER_AREA if across * down < 1 else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(levels, size, interpolation=method), np.uint8)


def cropped(levels: Levels, keep: float, random: np.random.Generator) -> Levels:
    """Cuts a piece of the same shape from anywhere in the picture, with this share of its area."""
    height, width = (round(side * keep**0.5) for side in levels.shape[:2])
    top = int(random.integers(0, levels.shape[0] - height + 1))
    left = int(random.integers(0, levels.shape[1] - width + 1))
    return levels[top : top + height, left : left + width].copy()


def rotated(levels: Levels, degrees: float) -> Levels:
    """Rotates about the middle within the frame: corners are lost, and black comes in."""
    height, width = levels.shape[:2]
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1)
    return np.asarray(cv2.warpAffine(levels, turn, (width, height), flags=cv2.INTER_CUBIC), np.uint8)


def noisy(levels: Levels, deviation: float, random: np.random.Generator) -> Levels:
    return np.clip(np.rint(levels + random.normal(0, deviation, levels.shape)), 0, 255).astype(np.uint8)


def screenshot(levels: Levels, random: np.random.Generator) -> Levels:
    """Shows the picture at an odd size in a window with a margin, captures it whole, and saves it as
    a JPEG.
    """
    shown = resized(levels, *[float(random.uniform(0.66, 0.8))] * 2)
    height, width = shown.shape[:2]
    screen = np.full((round(height * 1.2), round(width * 1.3), 3), WINDOW, np.uint8)
    top, left = round(height * 0.12), round(width * 0.1)
    screen[top : top + height, left : left + width] = shown
    return recoded(screen, "JPEG", 80)


def in_page(levels: Levels, _: np.random.Generator) -> Levels:
    """Shows the picture in a white page of 1,200 pixels, of which it fills a fifth, as a JPEG."""
    height, width = levels.shape[:2]
    page = np.full((round(height * 5**0.5), round(width * 5**0.5), 3), 255, np.uint8)
    top, left = height // 2, (page.shape[1] - width) // 2
    page[top : top + height, left : left + width] = levels
    return recoded(resized(page, *[1_200 / max(page.shape[:2])] * 2), "JPEG", 80)


# The share of pictures, in percent, that must come back exactly; None: measured, and nothing promised.
ATTACKS: dict[str, tuple[Attack, float | None]] = {
    "none": (lambda levels, _: levels, 99),
    "JPEG 90": (lambda levels, _: recoded(levels, "JPEG", 90), 99),
    "JPEG 75": (lambda levels, _: recoded(levels, "JPEG", 75), 99),
    "JPEG 50": (lambda levels, _: recoded(levels, "JPEG", 50), 99),
    "JPEG 30": (lambda levels, _: recoded(levels, "JPEG", 30), 99),
    "WebP 50": (lambda levels, _: recoded(levels, "WEBP", 50), 99),
    "half size": (lambda levels, _: resized(levels, 0.5, 0.5), 99),
    "crop to 50 %": (lambda levels, random: cropped(levels, 0.5, random), 99),
    "noise, σ 5": (lambda levels, random: noisy(levels, 5, random), 99),
    "blur, σ 1": (lambda levels, _: np.asarray(cv2.GaussianBlur(levels, (0, 0), 1), np.uint8), 99),
    "mirrored": (lambda levels, _: levels[:, ::-1].copy(), 99),
    "screenshot": (screenshot, 99),
    "crop to 25 %": (lambda levels, random: cropped(levels, 0.25, random), 90),
    "crop to 50 %, JPEG 50": (
        lambda levels, random: recoded(cropped(levels, 0.5, random), "JPEG", 50),
        90,
    ),
    "half size, JPEG 50": (lambda levels, _: recoded(resized(levels, 0.5, 0.5), "JPEG", 50), 90),
    "rotated by 3°": (lambda levels, _: rotated(levels, 3), 90),
    "rotated by −3°": (lambda levels, _: rotated(levels, -3), 90),
    "rotated by 8°": (lambda levels, _: rotated(levels, 8), None),
    "rotated by −8°": (lambda levels, _: rotated(levels, -8), None),
    "10 % wider": (lambda levels, _: resized(levels, 1.1, 1), None),
    "10 % narrower": (lambda levels, _: resized(levels, 0.9, 1), None),
    "quarter turn": (lambda levels, _: np.rot90(levels).copy(), 99),
    "half turn": (lambda levels, _: np.rot90(levels, 2).copy(), 99),
    "upside-down mirror": (lambda levels, _: levels[::-1].copy(), 99),
    "quarter turn, half size, JPEG 50": (
        lambda levels, _: recoded(np.rot90(resized(levels, 0.5, 0.5)).copy(), "JPEG", 50),
        90,
    ),
    "a fifth of a page": (in_page, 90),
}
