"""A seed stands for the same noise with torch and without."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from worker.engines.onnx.noise import draw_normal


@pytest.mark.parametrize("count", [16, 17, 31, 32, 2048, 100_003])
@pytest.mark.parametrize("seed", [0, 1, 2**32 - 1, 2**32 + 5])
def test_the_numbers_are_torchs(count: int, seed: int) -> None:
    expected = torch.randn(count, generator=torch.Generator().manual_seed(seed)).numpy()
    assert np.abs(draw_normal((count,), seed) - expected).max() < 1e-6


def test_the_shape_is_filled_row_by_row() -> None:
    assert np.array_equal(draw_normal((1, 4, 2, 8), 3).reshape(-1), draw_normal((64,), 3))


def test_what_torch_draws_in_another_way_is_refused() -> None:
    with pytest.raises(ValueError, match="16"):
        draw_normal((15,), 0)
