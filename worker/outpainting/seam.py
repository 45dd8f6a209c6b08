"""The seam of an outpaint: the painted part begins in the colours of the picture's edge.

A model that continues a picture misses its edge by some levels, and the eye sees a small step along a line.
So the difference along the edge is added to the painted part: fully at the edge, and further out blurred and
fading. Gradient-domain cloning solves a system of equations for such a membrane (Pérez et al., "Poisson Image
Editing", 2003). A membrane that fades depends only on the nearest side of the picture, and along a side it
has one dimension.
"""

from __future__ import annotations

import cv2
import numpy as np

from worker.engines.protocol import Mask, Picture

_REACH = 0.25  # of the shorter side: at that distance the difference has faded
_WIDENING = 0.5  # the blur's sigma, by the distance from the edge


def join_seam(before: Picture, after: Picture, mask: Mask) -> Picture:
    """Returns float32 (H, W, 3): exactly ``before`` where the mask (H, W) is 0, and ``after`` joined to it.

    The picture is a rectangle. ``after`` covers the whole frame, the picture's place included.
    """
    joined, inside = after.astype(np.float32), mask == 0
    reach = max(1, round(min(mask.shape) * _REACH))
    for turns in range(4):  # each side of the picture is once the right one; rotated arrays are views
        sides = [np.rot90(array, turns) for array in (before, after, joined)]
        _join_right_side(sides[0], sides[1], sides[2], np.rot90(inside, turns), reach)
    np.clip(joined, 0, 1, out=joined)
    np.copyto(joined, before, where=inside[..., None])
    return joined


def _join_right_side(
    before: Picture, after: Picture, joined: Picture, inside: np.ndarray, reach: int
) -> None:
    """Adds the differences at the picture's right edge to ``joined``, to the right of that edge."""
    rows, edge = np.flatnonzero(inside.any(axis=1)), int(np.flatnonzero(inside.any(axis=0))[-1])
    top, bottom, width = int(rows[0]), int(rows[-1]) + 1, min(reach, inside.shape[1] - edge - 1)
    if width:
        difference = before[top:bottom, edge] - after[top:bottom, edge]
        joined[top:bottom, edge + 1 : edge + 1 + width] += _spread_difference(
            difference, width
        ) * _fade_weights(width, reach)


def _spread_difference(difference: np.ndarray, width: int) -> np.ndarray:
    """Returns the difference (H, 3) at distances 0 to ``width`` - 1, as (H, width, 3).

    The blur grows with the distance: its sigmas are powers of two, and two blurs are mixed in between.
    """
    levels = np.log2(np.maximum(np.arange(width) * _WIDENING, 1)).astype(np.float32)
    blurs = [difference, *(_blur_column(difference, 2.0**level) for level in range(1, int(levels[-1]) + 2))]
    stack, lower = np.stack(blurs, axis=1), levels.astype(np.intp)
    share = (levels - lower)[:, None]
    return stack[:, lower] * (1 - share) + stack[:, lower + 1] * share


def _blur_column(difference: np.ndarray, sigma: float) -> np.ndarray:
    column = difference[:, None]
    return cv2.GaussianBlur(column, (1, 0), sigma, borderType=cv2.BORDER_REPLICATE).reshape(difference.shape)


def _fade_weights(width: int, reach: int) -> np.ndarray:
    """Returns (width, 1): smoothly from 1 at the edge to 0 at ``reach``."""
    near = (1 - np.arange(width, dtype=np.float32) / reach)[:, None]
    return near * near * (3 - 2 * near)
