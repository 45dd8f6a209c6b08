"""Styles: what happens to colours and outlines while a scene is drawn, and to the whole afterwards."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np

from .canvas import Picture
from .palette import Colour, brightness, darker, lighter, mix
from .pen import unchanged

_PAPER: Colour = (250, 247, 238)
_GRAPHITE: Colour = (66, 66, 74)
_DARKNESS: Colour = (16, 8, 34)
_PIXELS = 28
"""How many squares the short side has in the pixel style."""


@dataclass(frozen=True)
class Style:
    """A way to draw: what colours become, what outlines a figure, and a last step over the picture."""

    name: str
    phrases: tuple[str, ...]
    figure: Callable[[Colour], Colour] = unchanged
    ground: Callable[[Colour], Colour] = unchanged
    outline: Callable[[Colour], Colour] = unchanged
    """The outline of a figure of that colour."""
    outline_width: float = 0.075
    """In the figure's own frame."""
    finish: Callable[[Picture, random.Random], Picture] = lambda picture, _: picture


def ink(colour: Colour) -> Colour:
    """Dark, or light around what is dark itself."""
    return (30, 26, 38) if brightness(colour) > 0.2 else (214, 214, 226)


def _grey(colour: Colour) -> Colour:
    level = round(255 * brightness(colour))
    return level, level, level


def _sketched(colour: Colour) -> Colour:
    """A coloured pencil's light layer: the paper shows through."""
    return mix(colour, _PAPER, 0.35)


def _outlined(colour: Colour) -> Colour:
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


def _glowing(colour: Colour) -> Colour:
    """The same hue as a neon tube has it."""
    if brightness(colour) < 0.2:
        return (150, 150, 170)
    highest = max(colour)
    red, green, blue = (round(min(255, c * 255 / highest)) for c in colour)
    return lighter((red, green, blue), 0.25)


STYLES: dict[str, Style] = {
    "flat": Style("flat", ("in a flat style", "as a flat illustration", "in flat colours"), outline=ink),
    "pencil": Style(
        "pencil",
        ("as a pencil drawing", "in pencil", "as a pencil sketch", "drawn with pencils"),
        figure=_sketched,
        ground=_outlined,
        outline=lambda _: _GRAPHITE,
        outline_width=0.06,
        finish=_hatched,
    ),
    "watercolour": Style(
        "watercolour",
        ("as a watercolour", "in watercolour", "painted in watercolor", "as a watercolor painting"),
        figure=lambda colour: lighter(colour, 0.12),
        ground=lambda colour: lighter(colour, 0.35),
        outline=lambda colour: darker(colour, 0.3),
        outline_width=0.035,
        finish=_washed,
    ),
    "neon": Style(
        "neon",
        ("in neon", "in neon style", "as a neon sign", "in glowing neon lights"),
        figure=lambda colour: mix(colour, _DARKNESS, 0.35),
        ground=lambda colour: mix(colour, _DARKNESS, 0.82),
        outline=_glowing,
        outline_width=0.12,
    ),
    "pixel": Style(
        "pixel art",
        ("as pixel art", "in pixel art style", "in pixels", "like an old video game"),
        outline=ink,
        finish=_pixelated,
    ),
}
