"""How fast this machine multiplies matrices, which is most of what a model does."""

from __future__ import annotations

import time

import torch

_GPU_SIDES = (2048, 8192)  # of the matrices: the last ones fill the device, and take well under a second
_CPU_SIDES = (128, 256, 512, 1024)
_LONG_ENOUGH = 0.02  # seconds for a product
_RUNS = 5


def measure_products(device: str, dtype: str) -> float:
    """Returns the floating-point operations a second of a matrix product: the best of a few.

    The matrices grow until a product takes long enough to be measured: a CPU that only emulates bfloat16
    would take seconds for one of the largest.

    Args:
        device: as torch names it.
        dtype: float32 or bfloat16.
    """
    seconds, side = 0.0, 0
    for side in _GPU_SIDES if device.startswith("cuda") else _CPU_SIDES:
        factor = torch.ones(side, side, device=device, dtype=getattr(torch, dtype))
        seconds = min([_time_product(factor) for _ in range(_RUNS + 1)][1:])  # the first one also prepares
        if seconds >= _LONG_ENOUGH:
            break
    return 2 * side**3 / seconds


def _time_product(factor: torch.Tensor) -> float:
    start = time.perf_counter()
    float((factor @ factor)[0, 0])  # reading a value waits for the device
    return time.perf_counter() - start
