"""How fast this machine multiplies matrices, which is most of what a model does."""

from __future__ import annotations

import time

import torch

_GPU_SIDE, _CPU_SIDE = (
    8192,
    1024,
)  # of the matrices: large enough to fill the device, done in well under a second
_RUNS = 5


def measure_products(device: str, dtype: str) -> float:
    """Returns the floating-point operations a second of a matrix product: the best of a few.

    ``device`` is as torch names it; ``dtype`` is float32 or bfloat16.
    """
    side = _GPU_SIDE if device.startswith("cuda") else _CPU_SIDE
    factor = torch.ones(side, side, device=device, dtype=getattr(torch, dtype))
    seconds = [_time_product(factor) for _ in range(_RUNS + 1)][1:]  # the first one also prepares
    return 2 * side**3 / min(seconds)


def _time_product(factor: torch.Tensor) -> float:
    start = time.perf_counter()
    float((factor @ factor)[0, 0])  # reading a value waits for the device
    return time.perf_counter() - start
