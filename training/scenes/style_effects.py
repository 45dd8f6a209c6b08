"""Styles: what happens to colours and outlines while a scene is drawn, and to the whole afterwards."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np

from worker.scene_vocabulary.colours import RGB

from .canvas import Picture
from .palette import brightness, darker, lighter, mix
from .pen import unchanged

_PAPER: RGB = (250, 247, 238)
_GRAPHITE: RGB = (66, 66, 74)
_DARKNESS: RGB = (16, 8, 34)
_PIXELS = 28
"""How many squares the short side has in the pixel style."""


@dataclass(frozen=True)
class StyleEffect:
    """A way to draw: what colours become, what outlines a figure, and a last step over the picture."""

    figure: Callable[[RGB], RGB] = unchanged
    ground: Callable[[RGB], RGB] = unchanged
    outline: Callable[[RGB], RGB] = unchanged
    """The outline of a figure of that colour."""
    outline_width: float = 0.075
    """In the figure's own frame."""
    finish: Callable[[Picture, random.Random], Picture] = lambda picture, _: picture


def ink(colour: RGB) -> RGB:
    """Dark, or light around what is dark itself."""
    return (30, 26, 38) if brightness(colour) > 0.2 else (214, 214, 226)


def _grey(colour: RGB) -> RGB:
    level = round(255 * brightness(colour))
    return level, level, level


def _sketched(colour: RGB) -> RGB:
    """A coloured pencil's light layer: the paper shows through."""
    return mix(colour, _PAPER, 0.35)


def _outlined(colour: RGB) -> RGB:
    return mix(mix(_grey(colour), colour, 0.25), _PAPER, 0.62)


def _hatched(picture: Picture, dice: random.Random) -> Picture:
    """Slanted strokes of paper over everything, their distance a share of the short side."""
    del dice
    height, width = picture.shape[:2]
    rows, columns = (np.mgrid[0:height, 0:width] + 0.5) / min(height, width)
    strokes = 0.5 + 0.5 * np.sin(2 * np.pi * 14 * (rows + columns))
    share = 0.22 * strokes[..., None]
    return (picture * (1 - share) + np.asarray(_PAPER) * share).round().astype(np.uint8)


def _washed(picture: Picture, dice: random.Random) -> Picture:
    """Blotches of more and less water, and paper left white around the edge."""
    height, width = picture.shape[:2]
    noise = np.random.default_rng(dice.getrandbits(32)).random((6, 6), np.float32)
    water = cv2.resize(noise, (width, height), interpolation=cv2.INTER_CUBIC)[..., None]
    y = np.abs(np.linspace(-1, 1, height))[:, None, None] ** 10
    x = np.abs(np.linspace(-1, 1, width))[None, :, None] ** 10
    share = np.clip(0.04 + 0.24 * water + 0.9 * np.maximum(x, y), 0.0, 1.0)
    return (picture * (1 - share) + np.asarray(_PAPER) * share).round().astype(np.uint8)


def _pixelated(picture: Picture, dice: random.Random) -> Picture:
    del dice
    height, width = picture.shape[:2]
    cell = min(height, width) / _PIXELS
    few = cv2.resize(picture, (round(width / cell), round(height / cell)), interpolation=cv2.INTER_AREA)
    flat = (few // 16 * 16 + 8).astype(np.uint8)
    return np.asarray(cv2.resize(flat, (width, height), interpolation=cv2.INTER_NEAREST), np.uint8)


def _glowing(colour: RGB) -> RGB:
    """The same hue as a neon tube has it."""
    if brightness(colour) < 0.2:
        return (150, 150, 170)
    highest = max(colour)
    red, green, blue = (round(min(255, c * 255 / highest)) for c in colour)
    return lighter((red, green, blue), 0.25)


STYLE_EFFECTS: dict[str, StyleEffect] = {
    "flat": StyleEffect(outline=ink),
    "pencil": StyleEffect(
        figure=_sketched,
        ground=_outlined,
        outline=lambda _: _GRAPHITE,
        outline_width=0.06,
        finish=_hatched,
    ),
    "watercolour": StyleEffect(
        figure=lambda colour: lighter(colour, 0.12),
        ground=lambda colour: lighter(colour, 0.35),
        outline=lambda colour: darker(colour, 0.3),
        outline_width=0.035,
        finish=_washed,
    ),
    "neon": StyleEffect(
        figure=lambda colour: mix(colour, _DARKNESS, 0.35),
        ground=lambda colour: mix(colour, _DARKNESS, 0.82),
        outline=_glowing,
        outline_width=0.12,
    ),
    "pixel": StyleEffect(outline=ink, finish=_pixelated),
}
"""The effect of every style of the vocabulary."""
