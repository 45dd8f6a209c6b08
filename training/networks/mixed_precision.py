"""Mixed precision, where the device multiplies bfloat16 by itself."""

from __future__ import annotations

import torch

from worker.upscaler.inference_network import fastest_type


def multiplies_bfloat16(device: torch.device) -> bool:
    """Returns False for a CPU that only emulates such products.

    It takes eighty times as long for a matrix product as in single precision.
    """
    return device.type != "cpu" or fastest_type("cpu") == torch.bfloat16


def autocast(device: torch.device) -> torch.autocast:
    """Returns a context that computes in bfloat16, or, where that is emulated, as without it."""
    return torch.autocast(device.type, torch.bfloat16, enabled=multiplies_bfloat16(device))
