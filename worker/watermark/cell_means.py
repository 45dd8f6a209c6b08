"""The other mark: the code bits in the means of cells, for pictures whose texture drowns the usual one.

The picture is laid out in a few hundred cells. The mean luma of each is moved to the nearest point of one of
two lattices, which lie between one another: quantization index modulation with a keyed dither (Chen and
Wornell, 2001). Texture does not matter, since whoever writes the mean knows it. It is read after compression
and resizing, and not from pieces, since the cells are shares of the picture.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from math import ceil, sqrt

import cv2
import numpy as np

from worker.watermark import convolutional_code as codes
from worker.watermark.canonical_view import WEIGHTS, Pixels
from worker.watermark.carriers import Carriers, Floats
from worker.watermark.convolutional_code import CODE_BITS
from worker.watermark.orientation import EVERY, Orientation, upright

# How far the two lattices lie apart, in levels of 0–255: what is written moves a mean by at most as much.
STEPS = (0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0)
# The likeliest codewords of a reading that are tried.
LISTED = codes.LISTED
# How close the means lie to a lattice, by the cosine's mean: 1 on it, and 0.04 away from 0 by chance.
HEARD = 0.2
# A mean is written, measured as the file has it, and written again.
ROUNDS = 8
# So near, in steps, every mean is where it should be.
CLOSE = 0.1
# A cell that is black here and white there moves by half of what is asked.
FARTHEST = 4.0
# Rows that are moved at a time, so that a large picture is copied once and no more.
RUN = 128

Written = Callable[[Pixels], Pixels]


def has_room(height: int, width: int) -> bool:
    """Whether a picture has a pixel for each code bit."""
    return height * width >= CODE_BITS and min(height, width) > 0 and ceil(CODE_BITS / width) <= height


def grid(height: int, width: int) -> tuple[int, int]:
    """How many cells, about square, a picture has down and across: one for each code bit, and a few more."""
    rows = min(height, max(1, round(sqrt(CODE_BITS * height / width))))
    rows = max(rows, ceil(CODE_BITS / width))
    return rows, ceil(CODE_BITS / rows)


def embed(rgb: Pixels, code: Floats, carriers: Carriers, step: float, written: Written) -> Pixels:
    """Writes the codeword (312,) into the means of the cells of sRGB (H, W, 3) in 0–1; returns the copy.

    Pixels move by whole levels of 8 bits.

    Args:
        step: one of STEPS.
        written: gives the pixels in 0–1 as the picture's file will have them.
    """
    rows, columns = grid(*rgb.shape[:2])
    slots, dither = carriers.cells(rows * columns)
    places = 2 * step * dither + step * (code[slots] < 0)
    means = _means(rgb, rows, columns)
    lowest, highest = (_means(_shifted(rgb, sign * FARTHEST * step), rows, columns) for sign in (-1, 1))
    wanted = _nearest(means, places, 2 * step, lowest, highest)
    asked = np.zeros_like(means)
    for _ in range(ROUNDS):
        missing = wanted - _means(written(_moved(rgb, asked, rows, columns)), rows, columns)
        if np.abs(missing).max() < CLOSE * step:
            break
        asked += missing
    return _moved(rgb, asked, rows, columns)


def read(rgb: Pixels, carriers: Carriers) -> Iterator[tuple[tuple[int, float] | None, Orientation]]:
    """What the cells of sRGB (H, W, 3) in 0–1 say, in each way in which the picture may lie."""
    height, width = rgb.shape[:2]
    if not has_room(height, width):
        return
    straight = _means(rgb, *grid(height, width)).reshape(grid(height, width))
    down, across = grid(width, height)
    turned = _means(rgb, across, down).reshape(across, down)
    for orientation in EVERY:
        seen = turned if orientation.turned % 180 else straight
        yield _decoded(upright(seen, orientation).ravel(), carriers), orientation


def read_upright(rgb: Pixels, carriers: Carriers) -> tuple[int, float] | None:
    """What the cells of a picture say that lies as it did."""
    return next((reading for reading, _ in read(rgb, carriers)), None)


def _decoded(means: Floats, carriers: Carriers) -> tuple[int, float] | None:
    slots, dither = carriers.cells(len(means))
    phases = [np.pi * (means / step - 2 * dither) for step in STEPS]
    closest = [float(np.mean(np.cos(2 * each))) for each in phases]
    best = int(np.argmax(closest))
    if closest[best] < HEARD:
        return None
    soft = np.bincount(slots, np.cos(phases[best]), CODE_BITS).astype(np.float64)
    payload = codes.decode(soft[None], carriers.scramble)[0]
    if payload is None:
        return None
    sent = codes.encode(payload, carriers.scramble)
    return payload, float(soft @ sent / (np.linalg.norm(soft) * np.linalg.norm(sent)))


def _means(rgb: Pixels, rows: int, columns: int) -> Floats:
    """The mean luma of each cell in 0–255, in order of rows."""
    small = cv2.resize(rgb.astype(np.float32, copy=False), (columns, rows), interpolation=cv2.INTER_AREA)
    return (small.astype(np.float64) @ (WEIGHTS.astype(np.float64) * 255)).ravel()


def _nearest(means: Floats, places: Floats, period: float, lowest: Floats, highest: Floats) -> Floats:
    """The nearest of ``places`` plus whole ``period``s that can be reached, or the nearest of all."""
    first = places + period * np.round((means - places) / period)
    choices = np.stack([first, first - period, first + period])
    beyond = np.clip(lowest - choices, 0, None) + np.clip(choices - highest, 0, None)
    chosen = np.argmin(np.abs(choices - means) + 1e6 * (beyond > 0), axis=0)
    return np.take_along_axis(choices, chosen[None], axis=0)[0]


def _moved(rgb: Pixels, asked: Floats, rows: int, columns: int) -> Pixels:
    """Adds the levels that are asked for each cell to ``rgb``: whole ones, dithered."""
    height, width = rgb.shape[:2]
    down, across = (np.arange(side) * cells // side for side, cells in ((height, rows), (width, columns)))
    moved = np.empty(rgb.shape, np.float32)
    for start in range(0, height, RUN):
        run = slice(start, start + RUN)
        level = asked.reshape(rows, columns)[np.ix_(down[run], across)]
        moved[run] = _shifted(
            rgb[run], np.floor(level + _thresholds(down[run].size, width, start))[..., None]
        )
    return moved


def _shifted(rgb: Pixels, levels: Floats | float) -> Pixels:
    return np.clip(rgb + np.asarray(levels, np.float32) / np.float32(255), 0, 1).astype(np.float32)


def _thresholds(height: int, width: int, first: int) -> Floats:
    """Numbers in 0–1, spread evenly about every place: interleaved gradient noise (Jimenez, 2014)."""
    rows, columns = np.ogrid[first : first + height, :width]
    return 52.9829189 * ((0.06711056 * columns + 0.00583715 * rows) % 1) % 1
