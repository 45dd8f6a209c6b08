"""The candidate geometries: matrices that take the mark's frequencies to those in a changed picture.

An enlargement by ``s`` multiplies frequencies by ``1/s``. The canonical view enlarges a piece of a picture,
and reduces a picture in a window or with a margin.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import numpy.typing as npt

from worker.watermark.carriers import Floats

Matrices = npt.NDArray[np.float32]

# A third of a frequency's width, at the outermost pilots of a view of 512 pixels.
STEP = 0.0035
# From a piece of a tenth of the picture to a picture in a window of more than twice its area.
SCALES = np.exp(np.arange(np.log(0.3), np.log(1.6), STEP))
ANGLES = np.arange(-np.deg2rad(11), np.deg2rad(11), STEP)
STRETCHES = np.exp(np.arange(-0.13, 0.13, STEP))


@lru_cache(maxsize=1)
def geometry_grid() -> Matrices:
    """Returns every scale with every rotation and every stretch, plain and mirrored: (n, 2, 2)."""
    shapes = _with_mirrored(
        np.concatenate([_rotation_matrices(), _scale_matrices(STRETCHES**0.5, STRETCHES**-0.5)])
    )
    return (shapes[:, None] * SCALES[:, None, None]).reshape(-1, 2, 2).astype(np.float32)


@lru_cache(maxsize=32)
def likely_geometries(ratio: float) -> Matrices:
    """Returns the usual changes (n, 2, 2) of a picture whose view has this ratio of height to width.

    They are a piece or a window at any scale; a whole picture rotated, in its own frame or in a grown one;
    and a whole picture made wider or narrower.
    """
    one = np.ones_like(STRETCHES)
    turns = _rotation_matrices()
    grown = turns * _frame_growth(ratio)[:, None, None]
    stretches = np.concatenate([_scale_matrices(STRETCHES, one), _scale_matrices(one, STRETCHES)])
    every = np.concatenate([_scale_matrices(SCALES, SCALES), turns, grown, stretches])
    return _with_mirrored(every).astype(np.float32)


def _rotation_matrices() -> Floats:
    cos, sin = np.cos(ANGLES), np.sin(ANGLES)
    return np.stack([cos, -sin, sin, cos], axis=1).reshape(-1, 2, 2)


def _scale_matrices(down: Floats, across: Floats) -> Floats:
    matrices = np.zeros((len(down), 2, 2))
    matrices[:, 0, 0], matrices[:, 1, 1] = down, across
    return matrices


def _with_mirrored(matrices: Floats) -> Floats:
    return np.concatenate([matrices, matrices * np.array([1, -1])])


def _frame_growth(ratio: float) -> Floats:
    """Returns how much the short side of a frame grows to hold the picture at each angle."""
    cos, sin = np.cos(ANGLES), np.abs(np.sin(ANGLES))
    squeeze = cos * cos - sin * sin
    width, height = (cos - sin * ratio) / squeeze, (cos * ratio - sin) / squeeze  # of a frame 1 wide
    return min(1.0, ratio) / np.clip(np.minimum(width, height), 0.3, None)
