"""A machine's speed is measured on matrices that it multiplies in a moment."""

from __future__ import annotations

import pytest
import torch

from worker.engines.diffusion import speed


@pytest.mark.parametrize(("rate", "sides"), [(1e8, [128]), (1e9, [128, 256]), (1e12, [128, 256, 512, 1024])])
def test_the_matrices_grow_until_a_product_takes_long_enough(
    monkeypatch: pytest.MonkeyPatch, rate: float, sides: list[int]
) -> None:
    tried: list[int] = []

    def time_product(factor: torch.Tensor) -> float:
        tried.append(len(factor))
        return 2 * len(factor) ** 3 / rate

    monkeypatch.setattr(speed, "_time_product", time_product)
    assert speed.measure_products("cpu", "bfloat16") == pytest.approx(rate)
    assert sorted(set(tried)) == sides


def test_real_products_are_timed() -> None:
    assert 1e6 < speed.measure_products("cpu", "float32") < 1e15
