"""Floats are rounded to the nearest level, halves to the even one, and clipped."""

from __future__ import annotations

import numpy as np
import pytest

from worker.pictures.pixel_levels import quantize, to_bytes


@pytest.mark.parametrize("depth", [8, 16])
@pytest.mark.parametrize("shape", [(3_001,), (700, 501), (300, 401, 3)])
def test_every_value_has_the_nearest_level(depth: int, shape: tuple[int, ...]) -> None:
    top = np.float32(2**depth - 1)
    values = np.random.default_rng(0).uniform(-0.1, 1.1, shape).astype(np.float32)
    values.ravel()[:256] = (np.arange(256, dtype=np.float32) + np.float32(0.5)) / top
    levels = quantize(values, depth)
    assert levels.dtype == (np.uint8 if depth == 8 else np.uint16)
    np.testing.assert_array_equal(levels, np.clip(np.rint(values * top), 0, top))


def test_sixteen_bits_become_eight() -> None:
    np.testing.assert_array_equal(to_bytes(np.array([[0, 128, 129, 65_535]], np.uint16)), [[0, 0, 1, 255]])
