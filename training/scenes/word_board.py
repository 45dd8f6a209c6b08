"""Short words on a board, in the typeface that Pillow brings along (Aileron)."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from .scene_canvas import SceneCanvas

WORDS: tuple[str, ...] = (
    "HELLO", "HI", "OPEN", "LOVE", "CAFE", "STOP", "GO", "YES", "NO", "WOW", "SALE", "HOTEL", "TAXI", "ZOO",
    "BAR", "PARTY", "HAPPY", "MUSIC", "SHOP", "FOOD", "COOL", "HOME", "MOON", "SUN",
)  # fmt: skip
"""The words that boards show."""
BOARD = (0.06, 0.3)
"""The board's upper and lower edge, in shares of the height."""
_SIZE = 96


def draw_board(canvas: SceneCanvas, word: str) -> None:
    """Draws a white board with ``word`` at the top of the picture."""
    top, bottom = BOARD
    pixels = canvas.pixels
    tall = min((bottom - top) * pixels.height, 0.26 * pixels.short)
    coverage = render_word(word)
    letters = tall * 0.72
    half = max(letters * coverage.shape[1] / coverage.shape[0] / 2 + tall * 0.22, tall * 0.9)
    centre = (0.5 * pixels.width, top * pixels.height + tall / 2)
    pen = canvas.pen(0.5, centre[1] / pixels.height, 1 / pixels.short, glows=True)
    pen.box(-half - tall * 0.08, -tall * 0.58, half + tall * 0.08, tall * 0.58, (70, 50, 40))
    pen.box(-half, -tall / 2, half, tall / 2, (252, 250, 242))
    pixels.stamp(coverage, centre, letters, canvas.glowing((30, 26, 38)))


@lru_cache(maxsize=256)
def render_word(word: str) -> NDArray[np.uint8]:
    """Returns ``word`` as coverage, 0 to 255, cut to capital height and to the word's width."""
    font = ImageFont.load_default(size=_SIZE)
    left, _, right, _ = font.getbbox(word, stroke_width=2)
    _, top, _, bottom = font.getbbox("H", stroke_width=2)
    image = Image.new("L", (round(right - left), round(bottom - top)), 0)
    ImageDraw.Draw(image).text((-left, -top), word, fill=255, font=font, stroke_width=2)
    return np.asarray(image, np.uint8)
