"""Lays one picture over another."""

from __future__ import annotations

import numpy as np


def blend_pictures(before: np.ndarray, after: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """Returns float32 (H, W, 3): exactly ``before`` where the weight (H, W) is 0, ``after`` where it is 1."""
    mixed = before + weight[..., None] * (after - before)
    return np.where(weight[..., None] == 0, before, mixed)
