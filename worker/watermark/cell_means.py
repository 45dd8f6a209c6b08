"""The mark in cell means, for pictures whose texture drowns the spread-spectrum mark.

A grid divides the picture into a few hundred cells. The mean luma of each is moved to the nearest point of
one of two interleaved lattices: quantization index modulation with a keyed dither (Chen and Wornell, 2001).
Texture does not matter, because the embedder knows each mean. The mark survives compression and resizing. It
is not read from pieces, because the cells are shares of the whole picture.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from math import ceil, sqrt

import cv2
import numpy as np

from worker.pictures.pixel_levels import Levels, levels_to_floats
from worker.watermark import convolutional_code as codes
from worker.watermark.canonical_view import WEIGHTS, Pixels
from worker.watermark.carriers import Carriers, Floats
from worker.watermark.convolutional_code import CODE_BITS
from worker.watermark.orientation import ORIENTATIONS, Orientation, turn_upright

# The distance of the two lattices, in levels of 0–255. Embedding moves a mean by at most as much.
STEPS = (0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0)
# How many of a reading's likeliest codewords are tried.
LISTED = codes.LISTED
# The least closeness of the means to a lattice, as a mean cosine: 1 is on it; chance deviates by 0.04 from 0.
DETECTION_THRESHOLD = 0.2
# A mean is embedded, measured as the file has it, and embedded again.
ROUNDS = 8
# The tolerance, in steps, within which a mean is where it should be.
CLOSE = 0.1
# Clipping halves the change in a cell that is partly black and partly white.
FARTHEST = 4.0
# Rows that are changed at a time, so that a large picture is copied only once.
RUN = 128

AsDelivered = Callable[[Pixels], Levels]


def has_room(height: int, width: int) -> bool:
    """Returns True if a picture has a pixel for each code bit."""
    return height * width >= CODE_BITS and min(height, width) > 0 and ceil(CODE_BITS / width) <= height


def cell_grid(height: int, width: int) -> tuple[int, int]:
    """Returns the number of cells down and across: about square, at least one for each code bit."""
    rows = min(height, max(1, round(sqrt(CODE_BITS * height / width))))
    rows = max(rows, ceil(CODE_BITS / width))
    return rows, ceil(CODE_BITS / rows)


def embed_in_cells(
    rgb: Pixels, code: Floats, carriers: Carriers, step: float, as_delivered: AsDelivered
) -> Pixels:
    """Returns a copy of sRGB (H, W, 3) in 0–1 whose cell means carry the codeword (312,).

    Pixels change by whole levels of 8 bits.

    Args:
        step: one of STEPS.
        as_delivered: gives the levels that the picture's file will have.
    """
    rows, columns = cell_grid(*rgb.shape[:2])
    slots, dither = carriers.assign_cells(rows * columns)
    places = 2 * step * dither + step * (code[slots] < 0)
    means = _cell_means(rgb, rows, columns)
    lowest, highest = (
        _cell_means(_shift_levels(rgb, sign * FARTHEST * step), rows, columns) for sign in (-1, 1)
    )
    wanted = _nearest_lattice_points(means, places, 2 * step, lowest, highest)
    asked = np.zeros_like(means)
    for _ in range(ROUNDS):
        delivered = as_delivered(_add_cell_levels(rgb, asked, rows, columns))
        missing = wanted - _cell_means(levels_to_floats(delivered), rows, columns)
        if np.abs(missing).max() < CLOSE * step:
            break
        asked += missing
    return _add_cell_levels(rgb, asked, rows, columns)


def read_cells(rgb: Pixels, carriers: Carriers) -> Iterator[tuple[tuple[int, float] | None, Orientation]]:
    """Yields the payload and score, or None, of sRGB (H, W, 3) in 0–1 in each orientation."""
    height, width = rgb.shape[:2]
    if not has_room(height, width):
        return
    straight = _cell_means(rgb, *cell_grid(height, width)).reshape(cell_grid(height, width))
    down, across = cell_grid(width, height)
    turned = _cell_means(rgb, across, down).reshape(across, down)
    for orientation in ORIENTATIONS:
        seen = turned if orientation.turned % 180 else straight
        yield _decode_means(turn_upright(seen, orientation).ravel(), carriers), orientation


def read_upright_cells(rgb: Pixels, carriers: Carriers) -> tuple[int, float] | None:
    """Returns the payload and score of an upright picture, or None."""
    return next((reading for reading, _ in read_cells(rgb, carriers)), None)


def _decode_means(means: Floats, carriers: Carriers) -> tuple[int, float] | None:
    slots, dither = carriers.assign_cells(len(means))
    phases = [np.pi * (means / step - 2 * dither) for step in STEPS]
    closest = [float(np.mean(np.cos(2 * each))) for each in phases]
    best = int(np.argmax(closest))
    if closest[best] < DETECTION_THRESHOLD:
        return None
    soft = np.bincount(slots, np.cos(phases[best]), CODE_BITS).astype(np.float64)
    payload = codes.decode_soft_bits(soft[None], carriers.scramble)[0]
    if payload is None:
        return None
    sent = codes.encode_payload(payload, carriers.scramble)
    return payload, float(soft @ sent / (np.linalg.norm(soft) * np.linalg.norm(sent)))


def _cell_means(rgb: Pixels, rows: int, columns: int) -> Floats:
    """Returns the mean luma of each cell in 0–255, in row order."""
    small = cv2.resize(rgb.astype(np.float32, copy=False), (columns, rows), interpolation=cv2.INTER_AREA)
    return (small.astype(np.float64) @ (WEIGHTS.astype(np.float64) * 255)).ravel()


def _nearest_lattice_points(
    means: Floats, places: Floats, period: float, lowest: Floats, highest: Floats
) -> Floats:
    """Returns the nearest of ``places`` plus whole ``period``s, reachable ones before others."""
    first = places + period * np.round((means - places) / period)
    choices = np.stack([first, first - period, first + period])
    beyond = np.clip(lowest - choices, 0, None) + np.clip(choices - highest, 0, None)
    chosen = np.argmin(np.abs(choices - means) + 1e6 * (beyond > 0), axis=0)
    return np.take_along_axis(choices, chosen[None], axis=0)[0]


def _add_cell_levels(rgb: Pixels, asked: Floats, rows: int, columns: int) -> Pixels:
    """Adds to ``rgb`` the levels asked for each cell, dithered to whole levels."""
    height, width = rgb.shape[:2]
    down, across = (np.arange(side) * cells // side for side, cells in ((height, rows), (width, columns)))
    moved = np.empty(rgb.shape, np.float32)
    for start in range(0, height, RUN):
        run = slice(start, start + RUN)
        level = asked.reshape(rows, columns)[np.ix_(down[run], across)]
        moved[run] = _shift_levels(
            rgb[run], np.floor(level + _dither_thresholds(down[run].size, width, start))[..., None]
        )
    return moved


def _shift_levels(rgb: Pixels, levels: Floats | float) -> Pixels:
    return np.clip(rgb + np.asarray(levels, np.float32) / np.float32(255), 0, 1).astype(np.float32)


def _dither_thresholds(height: int, width: int, first: int) -> Floats:
    """Returns evenly spread numbers in 0–1: interleaved gradient noise (Jimenez, 2014)."""
    rows, columns = np.ogrid[first : first + height, :width]
    return _fractions(52.9829189 * _fractions(0.06711056 * columns + 0.00583715 * rows))


def _fractions(numbers: Floats) -> Floats:
    """Returns ``numbers % 1``, in a fraction of that operator's time."""
    return numbers - np.floor(numbers)
