"""The effects of styles on colours and outlines, and on the finished picture."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np

from worker.scene_vocabulary.colours import RGB

from .palette import darken_colour, lighten_colour, luma, mix_colours
from .pen import keep_colour
from .pixel_canvas import Picture

_PAPER: RGB = (250, 247, 238)
_GRAPHITE: RGB = (66, 66, 74)
_DARKNESS: RGB = (16, 8, 34)
_PIXELS = 28
"""The squares along the short side in the pixel style."""


@dataclass(frozen=True)
class StyleEffect:
    """A style: how it changes colours, how it outlines figures, and a last step over the picture."""

    figure: Callable[[RGB], RGB] = keep_colour
    ground: Callable[[RGB], RGB] = keep_colour
    outline: Callable[[RGB], RGB] = keep_colour
    """The colour of the outline of a figure of that colour."""
    outline_width: float = 0.075
    """The width in the figure's own frame."""
    finish: Callable[[Picture, random.Random], Picture] = lambda picture, _: picture


def outline_ink(colour: RGB) -> RGB:
    """Returns a dark colour, or a light one for the outline of a dark figure."""
    return (30, 26, 38) if luma(colour) > 0.2 else (214, 214, 226)


def _to_grey(colour: RGB) -> RGB:
    level = round(255 * luma(colour))
    return level, level, level


def _sketch_colour(colour: RGB) -> RGB:
    """Lets the paper show through, as a light layer of coloured pencil does."""
    return mix_colours(colour, _PAPER, 0.35)


def _pale_grey(colour: RGB) -> RGB:
    return mix_colours(mix_colours(_to_grey(colour), colour, 0.25), _PAPER, 0.62)


def _hatch_picture(picture: Picture, rng: random.Random) -> Picture:
    """Draws slanted strokes of paper over the picture, at a distance that is a share of the short side."""
    del rng
    height, width = picture.shape[:2]
    rows, columns = (np.mgrid[0:height, 0:width] + 0.5) / min(height, width)
    strokes = 0.5 + 0.5 * np.sin(2 * np.pi * 14 * (rows + columns))
    share = 0.22 * strokes[..., None]
    return (picture * (1 - share) + np.asarray(_PAPER) * share).round().astype(np.uint8)


def _wash_picture(picture: Picture, rng: random.Random) -> Picture:
    """Adds blotches of more and less water, and leaves the paper white around the edge."""
    height, width = picture.shape[:2]
    noise = np.random.default_rng(rng.getrandbits(32)).random((6, 6), np.float32)
    water = cv2.resize(noise, (width, height), interpolation=cv2.INTER_CUBIC)[..., None]
    y = np.abs(np.linspace(-1, 1, height))[:, None, None] ** 10
    x = np.abs(np.linspace(-1, 1, width))[None, :, None] ** 10
    share = np.clip(0.04 + 0.24 * water + 0.9 * np.maximum(x, y), 0.0, 1.0)
    return (picture * (1 - share) + np.asarray(_PAPER) * share).round().astype(np.uint8)


def _pixelate_picture(picture: Picture, rng: random.Random) -> Picture:
    del rng
    height, width = picture.shape[:2]
    cell = min(height, width) / _PIXELS
    few = cv2.resize(picture, (round(width / cell), round(height / cell)), interpolation=cv2.INTER_AREA)
    flat = (few // 16 * 16 + 8).astype(np.uint8)
    return np.asarray(cv2.resize(flat, (width, height), interpolation=cv2.INTER_NEAREST), np.uint8)


def _neon_colour(colour: RGB) -> RGB:
    """Returns the same hue as a neon tube shows it."""
    if luma(colour) < 0.2:
        return (150, 150, 170)
    highest = max(colour)
    red, green, blue = (round(min(255, c * 255 / highest)) for c in colour)
    return lighten_colour((red, green, blue), 0.25)


STYLE_EFFECTS: dict[str, StyleEffect] = {
    "flat": StyleEffect(outline=outline_ink),
    "pencil": StyleEffect(
        figure=_sketch_colour,
        ground=_pale_grey,
        outline=lambda _: _GRAPHITE,
        outline_width=0.06,
        finish=_hatch_picture,
    ),
    "watercolour": StyleEffect(
        figure=lambda colour: lighten_colour(colour, 0.12),
        ground=lambda colour: lighten_colour(colour, 0.35),
        outline=lambda colour: darken_colour(colour, 0.3),
        outline_width=0.035,
        finish=_wash_picture,
    ),
    "neon": StyleEffect(
        figure=lambda colour: mix_colours(colour, _DARKNESS, 0.35),
        ground=lambda colour: mix_colours(colour, _DARKNESS, 0.82),
        outline=_neon_colour,
        outline_width=0.12,
    ),
    "pixel": StyleEffect(outline=outline_ink, finish=_pixelate_picture),
}
"""The effect of every style of the vocabulary."""
