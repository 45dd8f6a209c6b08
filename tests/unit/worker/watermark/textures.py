"""Pictures whose texture drowns a mark, and dark ones that would show it: levels (side, side, 3)."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
import skimage
from PIL import Image

Levels = npt.NDArray[np.uint8]


def load_photograph(file: str, side: int) -> Levels:
    levels = np.asarray(Image.open(Path(skimage.__file__).parent / "data" / file).convert("RGB"))
    short = min(levels.shape[:2])
    square = levels[:short, :short]
    return np.asarray(cv2.resize(square, (side, side), interpolation=cv2.INTER_AREA), np.uint8)


def qr_code(side: int, modules: int = 57) -> Levels:
    """Returns a random grid of modules with a quiet zone."""
    grid = np.random.default_rng(2).integers(0, 2, (modules, modules)).astype(np.uint8) * 255
    quiet = np.pad(grid, 4, constant_values=255)
    return _grey_levels(cv2.resize(quiet, (side, side), interpolation=cv2.INTER_NEAREST))


def halftone_screen(side: int) -> Levels:
    grey = cv2.cvtColor(load_photograph("astronaut.png", side), cv2.COLOR_RGB2GRAY) / 255
    rows, columns = np.mgrid[:side, :side]
    turned = [2 * np.pi * (rows + sign * columns) / 8.5 for sign in (1, -1)]
    return _grey_levels(np.where(grey > (np.cos(turned[0]) + np.cos(turned[1])) / 4 + 0.5, 255, 0))


def text_page(side: int) -> Levels:
    page = np.full((side, side, 3), 255, np.uint8)
    for line, top in enumerate(range(16, side, 16)):
        words = " ".join(f"{chr(97 + (line * 7 + n) % 26)}{'aeiou'[n % 5]}ntain" for n in range(40))
        cv2.putText(page, words, (4, top), cv2.FONT_HERSHEY_SIMPLEX, 0.4, (0, 0, 0), 1, cv2.LINE_AA)
    return page


def black_and_white_noise(side: int) -> Levels:
    return _grey_levels(np.random.default_rng(0).integers(0, 2, (side, side)) * 255)


def night_scene(side: int) -> Levels:
    """Returns a sky that becomes slightly lighter, a moon, and houses with lit windows."""
    down = np.linspace(0, 1, side)[:, None, None]
    picture = np.rint(np.array([6, 8, 22]) * (1 - down) + np.array([28, 32, 60]) * down)
    levels = np.ascontiguousarray(np.broadcast_to(picture, (side, side, 3)).astype(np.uint8))
    cv2.circle(levels, (side * 3 // 4, side // 5), side // 14, (235, 230, 205), -1, cv2.LINE_AA)
    for left in range(side // 16, side, side // 7):
        cv2.rectangle(levels, (left, side * 7 // 10), (left + side // 10, side), (40, 36, 50), -1)
        cv2.rectangle(levels, (left + 8, side * 3 // 4), (left + 20, side * 3 // 4 + 16), (240, 200, 110), -1)
    return levels


def _grey_levels(values: npt.NDArray[np.generic]) -> Levels:
    return np.repeat(np.asarray(values).astype(np.uint8)[..., None], 3, axis=2)
