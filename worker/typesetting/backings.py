"""What words stand on where the picture has no surface for them: a board, or a ribbon."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from worker.engines.protocol import Picture
from worker.typesetting.ink import Colour

Points = NDArray[np.float32]

_PAPER, _WOOD = np.array([0.985, 0.965, 0.91], np.float32), np.array([0.29, 0.19, 0.13], np.float32)
_LINE = np.array([0.57, 0.51, 0.46], np.float32)
_RIBBON, _FOLD = np.array([0.70, 0.12, 0.17], np.float32), np.array([0.45, 0.06, 0.10], np.float32)
_TAIL, _STITCH = np.array([0.57, 0.10, 0.14], np.float32), np.array([0.80, 0.51, 0.53], np.float32)
TAIL, BODY_FROM = 0.75, 0.62
"""How long a ribbon's ends are, in its heights, and the share of an end at which the middle part begins."""
_CORNER = 0.12  # of a board's height
_SHADOW = 0.28  # opacity
_SUBPIXELS = 4  # bits: corners are placed to a sixteenth of a pixel


def draw_board(picture: Picture, left: float, top: float, right: float, bottom: float) -> Colour:
    """Draws a board with a frame into the picture, in pixels. Returns the colour that words stand on."""
    unit = bottom - top
    frame, line = 0.045 * unit, 0.0225 * unit
    insets = (
        0.0,
        frame,
        2.1 * frame,
        2.1 * frame + line,
    )  # frame, paper, a line, paper
    colours = (_WOOD, _PAPER, _LINE, _PAPER)
    _cast_shadow(picture, _rounded(left, top, right, bottom, _CORNER * unit), unit)
    for inset, colour in zip(insets, colours, strict=True):
        corner = max(_CORNER * unit - inset, 0.04 * unit)
        outline = _rounded(left + inset, top + inset, right - inset, bottom - inset, corner)
        _fill(picture, outline, colour)
    return _PAPER


def draw_ribbon(picture: Picture, left: float, top: float, right: float, bottom: float) -> Colour:
    """Draws a ribbon with forked ends into the picture, in pixels. Returns the colour that words stand on."""
    unit = bottom - top
    tail, drop, fork = TAIL * unit, 0.22 * unit, 0.3 * unit
    body = np.array(
        [
            (left + tail * BODY_FROM, top),
            (right - tail * BODY_FROM, top),
            (right - tail * BODY_FROM, bottom),
            (left + tail * BODY_FROM, bottom),
        ],
        np.float32,
    )
    _cast_shadow(picture, body, unit)
    for outer, sign in ((left, 1.0), (right, -1.0)):
        inner, fold = outer + sign * tail, outer + sign * tail * BODY_FROM
        end = np.array(
            [
                (outer, top + drop),
                (inner, top + drop),
                (inner, bottom + drop),
                (outer, bottom + drop),
                (outer + sign * fork, (top + bottom) / 2 + drop),
            ],
            np.float32,
        )
        _fill(picture, end, _TAIL)
        _fill(picture, np.array([(fold, bottom), (inner, bottom), (inner, bottom + drop)], np.float32), _FOLD)
    _fill(picture, body, _RIBBON)
    (inner_left, _), (inner_right, _) = body[0], body[1]
    for y in (top + 0.07 * unit, bottom - 0.10 * unit):
        ends = (float(inner_left), y, float(inner_right), y + 0.025 * unit)
        _fill(picture, _rounded(*ends, 0.0), _STITCH)
    return _RIBBON


def _rounded(left: float, top: float, right: float, bottom: float, corner: float) -> Points:
    """Returns the outline of a rectangle with round corners."""
    turns = np.linspace(0, np.pi / 2, 24)
    centres = [
        (right - corner, bottom - corner),
        (left + corner, bottom - corner),
        (left + corner, top + corner),
        (right - corner, top + corner),
    ]
    points = [
        (x + corner * np.cos(turn + n * np.pi / 2), y + corner * np.sin(turn + n * np.pi / 2))
        for n, (x, y) in enumerate(centres)
        for turn in turns
    ]
    return np.array(points, np.float32)


def _fill(picture: Picture, outline: Points, colour: Colour, opacity: float = 1.0, blur: float = 0.0) -> None:
    """Fills an outline; only the pixels around it are touched."""
    margin = int(3 * blur) + 2
    height, width = picture.shape[:2]
    left, top = np.maximum(np.floor(outline.min(axis=0)).astype(int) - margin, 0)
    right, bottom = np.minimum(np.ceil(outline.max(axis=0)).astype(int) + margin, (width, height))
    if right <= left or bottom <= top:
        return
    coverage = np.zeros((bottom - top, right - left), np.uint8)
    points = np.round((outline - (left, top) - 0.5) * (1 << _SUBPIXELS)).astype(np.int32)
    cv2.fillPoly(coverage, [points], 255, cv2.LINE_AA, _SUBPIXELS)
    share = coverage.astype(np.float32) / 255
    if blur:
        share = cv2.GaussianBlur(share, (0, 0), blur)
    part = picture[top:bottom, left:right]
    part += (colour - part) * (share * opacity)[..., None]


def _cast_shadow(picture: Picture, outline: Points, unit: float) -> None:
    offset = np.array([0.0, 0.06 * unit], np.float32)
    _fill(picture, outline + offset, np.zeros(3, np.float32), _SHADOW, blur=max(1.0, 0.06 * unit))
