"""What may have happened to the shape of a picture: matrices that take the mark's frequencies to those seen.

A picture that was enlarged by ``s`` is seen at frequencies of ``1/s``; one that was cut to a piece is
enlarged by its canonical view; one in a window, or with a margin, is made smaller by it.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import numpy.typing as npt

from worker.watermark.carriers import Floats

Matrices = npt.NDArray[np.float32]

# A third of a frequency's width at the outermost pilots of a view of 512 pixels.
STEP = 0.0035
# From a piece of a tenth of the picture to a picture in a window of twice its area and more.
SCALES = np.exp(np.arange(np.log(0.3), np.log(1.6), STEP))
ANGLES = np.arange(-np.deg2rad(11), np.deg2rad(11), STEP)
STRETCHES = np.exp(np.arange(-0.13, 0.13, STEP))


@lru_cache(maxsize=1)
def grid() -> Matrices:
    """Every scale with every rotation and with every stretch, straight and mirrored: (n, 2, 2)."""
    shapes = _mirrored_too(np.concatenate([_turns(), _stretched(STRETCHES**0.5, STRETCHES**-0.5)]))
    return (shapes[:, None] * SCALES[:, None, None]).reshape(-1, 2, 2).astype(np.float32)


@lru_cache(maxsize=32)
def likely(ratio: float) -> Matrices:
    """What is usually done to a picture whose view has this height over its width: (n, 2, 2).

    A piece or a window, at any scale; a whole picture rotated, in its frame or with its frame grown; a whole
    picture made wider or narrower.
    """
    one = np.ones_like(STRETCHES)
    turns = _turns()
    grown = turns * _growth(ratio)[:, None, None]
    stretches = np.concatenate([_stretched(STRETCHES, one), _stretched(one, STRETCHES)])
    every = np.concatenate([_stretched(SCALES, SCALES), turns, grown, stretches])
    return _mirrored_too(every).astype(np.float32)


def _turns() -> Floats:
    cos, sin = np.cos(ANGLES), np.sin(ANGLES)
    return np.stack([cos, -sin, sin, cos], axis=1).reshape(-1, 2, 2)


def _stretched(down: Floats, across: Floats) -> Floats:
    matrices = np.zeros((len(down), 2, 2))
    matrices[:, 0, 0], matrices[:, 1, 1] = down, across
    return matrices


def _mirrored_too(matrices: Floats) -> Floats:
    return np.concatenate([matrices, matrices * np.array([1, -1])])


def _growth(ratio: float) -> Floats:
    """How much longer the short side of a frame became when it had to hold the picture at each angle."""
    cos, sin = np.cos(ANGLES), np.abs(np.sin(ANGLES))
    squeeze = cos * cos - sin * sin
    width, height = (cos - sin * ratio) / squeeze, (cos * ratio - sin) / squeeze  # of a frame 1 wide
    return min(1.0, ratio) / np.clip(np.minimum(width, height), 0.3, None)
