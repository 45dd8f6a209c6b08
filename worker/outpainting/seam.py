"""The seam of an outpaint: what is painted takes up the colours of the picture's edge, and lets go of them.

A model that continues a picture meets its edge some levels off, and the eye sees a small step along a line.
So the difference along the edge is added to what is painted: all of it at the edge, further out a blurred
and fading one. Gradient-domain cloning solves a system of equations for such a membrane (Pérez et al.,
"Poisson Image Editing", 2003). Of one that fades only the nearest side of the picture matters, and along a
side it has one dimension.
"""

from __future__ import annotations

import cv2
import numpy as np

from worker.engines.protocol import Mask, Picture

_REACH = 0.25  # of the shorter side: so far out the difference has faded
_WIDENING = 0.5  # the blur's sigma, by the distance from the edge


def continued(before: Picture, after: Picture, mask: Mask) -> Picture:
    """float32 (H, W, 3): ``before`` where the mask (H, W) is 0, exactly; around it ``after``, joined to it.

    ``after`` covers the whole frame, also where the picture is. The picture is a rectangle.
    """
    joined, inside = after.astype(np.float32), mask == 0
    reach = max(1, round(min(mask.shape) * _REACH))
    for turns in range(4):  # so that each side of the picture is once the right one; turned arrays are views
        sides = [np.rot90(array, turns) for array in (before, after, joined)]
        _join_right_side(sides[0], sides[1], sides[2], np.rot90(inside, turns), reach)
    np.clip(joined, 0, 1, out=joined)
    np.copyto(joined, before, where=inside[..., None])
    return joined


def _join_right_side(
    before: Picture, after: Picture, joined: Picture, inside: np.ndarray, reach: int
) -> None:
    """Adds to ``joined``, to the right of the picture and beside it, what the edge's pixels are off by."""
    rows, edge = np.flatnonzero(inside.any(axis=1)), int(np.flatnonzero(inside.any(axis=0))[-1])
    top, bottom, width = int(rows[0]), int(rows[-1]) + 1, min(reach, inside.shape[1] - edge - 1)
    if width:
        difference = before[top:bottom, edge] - after[top:bottom, edge]
        joined[top:bottom, edge + 1 : edge + 1 + width] += _carried(difference, width) * _fading(width, reach)


def _carried(difference: np.ndarray, width: int) -> np.ndarray:
    """The difference (H, 3) at distances 0 to ``width`` - 1, as (H, width, 3).

    It is blurred the more the further out: the sigmas are powers of two, and in between two blurs are mixed.
    """
    levels = np.log2(np.maximum(np.arange(width) * _WIDENING, 1)).astype(np.float32)
    blurs = [difference, *(_blurred(difference, 2.0**level) for level in range(1, int(levels[-1]) + 2))]
    stack, lower = np.stack(blurs, axis=1), levels.astype(np.intp)
    share = (levels - lower)[:, None]
    return stack[:, lower] * (1 - share) + stack[:, lower + 1] * share


def _blurred(difference: np.ndarray, sigma: float) -> np.ndarray:
    column = difference[:, None]
    return cv2.GaussianBlur(column, (1, 0), sigma, borderType=cv2.BORDER_REPLICATE).reshape(difference.shape)


def _fading(width: int, reach: int) -> np.ndarray:
    """(width, 1): 1 at the edge, 0 from ``reach`` on, without a corner at either end."""
    near = (1 - np.arange(width, dtype=np.float32) / reach)[:, None]
    return near * near * (3 - 2 * near)
