"""Draws a block of words into a picture: in perspective, in an ink that stands out, at its own sharpness."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from worker.engines.protocol import Picture
from worker.typesetting.backings import draw_board, draw_ribbon
from worker.typesetting.clearing import clear_lines, clear_panel
from worker.typesetting.ink import READABLE, Colour, choose_ink, contrast_with
from worker.typesetting.places import Place, sides_of
from worker.typesetting.text_block import Coverage, TextBlock, draw_block

_FINER = 2  # letters in perspective are drawn at twice the size, and averaged
_MOST_PIXELS = 24_000_000  # of one drawing of letters: 4096 × 1500 in perspective
_UPRIGHT = 0.75  # pixels: corners that far from a rectangle's are its own
_WRITTEN_ON = 0.75  # of a surface's width and height
_HALO = 0.62  # opacity of the soft glow that words need on a busy background
_HALO_WIDTH = 0.07  # of the letters' size


def typeset_block(picture: Picture, block: TextBlock, place: Place) -> None:
    """Draws the block into float32 (H, W, 3) at its place. Only the pixels at the place are touched."""
    height, width = picture.shape[:2]
    corners = place.corners * np.array([width, height], np.float32)
    surface = _prepare(picture, place, corners)
    across, down = sides_of(corners)
    size = block.size_in(*place.room_in(width, height))
    finer = _FINER if not _is_upright(corners) else 1
    finer = min(finer, (_MOST_PIXELS / (across * down)) ** 0.5)
    letters = draw_block(block, size * finer)
    left, top, coverage = _warp(letters, corners, finer, (width, height))
    part = picture[top : top + coverage.shape[0], left : left + coverage.shape[1]]
    under = _inside(part, corners - (left, top)) if surface is None else surface
    ink = choose_ink(under)
    if surface is None and place.panel is None and contrast_with(ink, _around(part, coverage)) < READABLE:
        _draw_halo(picture, coverage, (left, top), ink, size)
    part += (ink - part) * coverage[..., None]


def _prepare(picture: Picture, place: Place, corners: NDArray[np.float32]) -> Colour | None:
    """Draws what the words stand on, or clears it. Returns its colour if that is one."""
    (left, top), (right, bottom) = corners.min(axis=0), corners.max(axis=0)
    if place.backing == "board":
        return draw_board(picture, float(left), float(top), float(right), float(bottom))
    if place.backing == "ribbon":
        return draw_ribbon(picture, float(left), float(top), float(right), float(bottom))
    if place.panel is not None:
        clear_panel(picture, place.panel, corners)
    elif place.is_cleared:
        clear_lines(picture, corners)
    return None


def _warp(
    letters: Coverage, corners: NDArray[np.float32], finer: float, limit: tuple[int, int]
) -> tuple[int, int, NDArray[np.float32]]:
    """Returns the left and upper edge in pixels, and the letters' coverage there, float32 (h, w) in 0–1."""
    across, down = sides_of(corners)
    if _is_upright(corners):
        x, y = corners.mean(axis=0) - np.array(letters.shape[::-1]) / 2
        left, top = max(round(float(x)), 0), max(round(float(y)), 0)
        shown = letters[: limit[1] - top, : limit[0] - left]
        return left, top, _in_shares(shown)
    (left, top), (right, bottom) = (
        np.floor(corners.min(axis=0)).astype(int),
        np.ceil(corners.max(axis=0)).astype(int),
    )
    left, top, right, bottom = max(left, 0), max(top, 0), min(right, limit[0]), min(bottom, limit[1])
    begin = ((np.array([across, down]) * finer - letters.shape[::-1]) / 2).astype(np.float32)
    flat = np.array([(0, 0), (across, 0), (across, down), (0, down)], np.float32) * np.float32(finer) - begin
    target = (corners - (left, top)).astype(np.float32) * np.float32(finer)
    there = cv2.getPerspectiveTransform(flat, target)
    large = (round((right - left) * finer), round((bottom - top) * finer))
    warped = cv2.warpPerspective(letters, there, large, flags=cv2.INTER_LINEAR)
    small = cv2.resize(warped, (right - left, bottom - top), interpolation=cv2.INTER_AREA)
    return int(left), int(top), _in_shares(np.asarray(small, np.uint8))


def _in_shares(coverage: Coverage) -> NDArray[np.float32]:
    return coverage.astype(np.float32) / np.float32(255)


def _draw_halo(
    picture: Picture, coverage: NDArray[np.float32], origin: tuple[int, int], ink: Colour, size: float
) -> None:
    """Draws a soft glow of the opposite tone behind the letters."""
    height, width = picture.shape[:2]
    spread = max(1.0, _HALO_WIDTH * size)
    margin = int(3 * spread)
    left, top = max(origin[0] - margin, 0), max(origin[1] - margin, 0)
    right = min(origin[0] + coverage.shape[1] + margin, width)
    bottom = min(origin[1] + coverage.shape[0] + margin, height)
    glow = np.zeros((bottom - top, right - left), np.float32)
    x, y = origin[0] - left, origin[1] - top
    glow[y : y + coverage.shape[0], x : x + coverage.shape[1]] = coverage
    radius = max(1, round(0.6 * spread))
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * radius + 1, 2 * radius + 1))
    glow = cv2.GaussianBlur(cv2.dilate(glow, disc), (0, 0), spread * 0.6)
    tone = np.float32(0.03 if float(ink.mean()) > 0.5 else 0.99)
    part = picture[top:bottom, left:right]
    part += (tone - part) * (_HALO * glow)[..., None]


def _inside(part: Picture, corners: NDArray[np.float32]) -> NDArray[np.float32]:
    """Returns the pixels (n, 3) in the middle of a surface: its frame is not written on."""
    inside = np.zeros(part.shape[:2], np.uint8)
    middle = corners.mean(axis=0)
    cv2.fillPoly(inside, [np.round(middle + (corners - middle) * _WRITTEN_ON).astype(np.int32)], 1)
    return part[inside > 0] if inside.any() else part.reshape(-1, 3)


def _around(part: Picture, coverage: NDArray[np.float32]) -> NDArray[np.float32]:
    """Returns the pixels (n, 3) that letters cover, or all where they cover nothing."""
    covered = part[coverage > 0.5]
    return covered if len(covered) else part.reshape(-1, 3)


def _is_upright(corners: NDArray[np.float32]) -> bool:
    (left, top), (right, bottom) = corners.min(axis=0), corners.max(axis=0)
    box = np.array([(left, top), (right, top), (right, bottom), (left, bottom)], np.float32)
    return bool(np.abs(corners - box).max() < _UPRIGHT)
