"""The crop of a picture from a page, such as a screenshot: a rectangle unlike the page's colour."""

from __future__ import annotations

import cv2
import numpy as np

from worker.watermark.canonical_view import Pixels

# The picture is looked for in a copy of about this many pixels along the short side.
SMALL = 512
# The least difference of a picture's pixels from the page's colour; a JPEG changes less.
DIFFERENT = 12 / 255
# The least share of a page's border that has one colour, and of its rectangle that a picture covers.
EVEN, COVERED = 0.8, 0.85
# The least share of a rectangle that differs from the page's colour before closing; text has less.
FILLED = 0.6
# The shares of the page between which a rectangle counts as a picture; a larger one is the page itself.
SMALLEST, LARGEST = 0.02, 0.97
# Pixels of the morphological closing: lines of text stay separate, and light areas of a picture are joined.
CLOSED = 5


def find_picture_in_page(rgb: Pixels) -> Pixels | None:
    """Returns the largest rectangle of sRGB (H, W, 3) that stands out from a page of one colour, or None."""
    scale = min(1.0, SMALL / min(rgb.shape[:2]))
    size = (round(rgb.shape[1] * scale), round(rgb.shape[0] * scale))
    small = cv2.resize(rgb, size, interpolation=cv2.INTER_AREA).astype(np.float32, copy=False)
    if (colour := _page_colour(small)) is None:
        return None
    other = (np.abs(small - colour).max(axis=2) > DIFFERENT).astype(np.uint8)
    closed = cv2.morphologyEx(other, cv2.MORPH_CLOSE, np.ones((CLOSED, CLOSED), np.uint8))
    _, _, found, _ = cv2.connectedComponentsWithStats(closed)
    for left, top, width, height, area in sorted(found[1:].tolist(), key=lambda each: -each[-1]):
        share = width * height / other.size
        filled = float(np.mean(other[top : top + height, left : left + width]))
        if SMALLEST < share < LARGEST and area > COVERED * width * height and filled > FILLED:
            box = (np.array([top, left, top + height, left + width]) / scale).tolist()
            return _trim_to_picture(rgb, colour, *box)
    return None


def _page_colour(small: Pixels) -> Pixels | None:
    """Returns the colour of most of the border, or None if it has no single colour."""
    border = np.concatenate([small[0], small[-1], small[:, 0], small[:, -1]])
    colour = np.median(border, axis=0).astype(np.float32)
    even = float(np.mean(np.abs(border - colour).max(axis=1) <= DIFFERENT))
    return colour if even >= EVEN else None


def _trim_to_picture(
    rgb: Pixels, colour: Pixels, top: float, left: float, bottom: float, right: float
) -> Pixels:
    """Returns the rectangle to the pixel, without edge rows and columns that are mostly the page's colour."""
    margin = 4
    rows = slice(max(0, int(top) - margin), int(np.ceil(bottom)) + margin)
    columns = slice(max(0, int(left) - margin), int(np.ceil(right)) + margin)
    piece = rgb[rows, columns]
    other = np.abs(piece - colour).max(axis=2) > DIFFERENT
    down, across = (np.flatnonzero(other.mean(axis=axis) > 0.5 * other.mean()) for axis in (1, 0))
    return piece[down[0] : down[-1] + 1, across[0] : across[-1] + 1]
