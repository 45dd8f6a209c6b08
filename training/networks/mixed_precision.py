"""Mixed precision, where the device multiplies bfloat16 by itself."""

from __future__ import annotations

import torch

from worker.upscaler.inference_network import fastest_type


def autocast(device: torch.device) -> torch.autocast:
    """Returns a context that computes in bfloat16, or, on a CPU without such instructions, as without it.

    Such a CPU emulates them, and takes eighty times as long for a matrix product as in single precision.
    """
    able = device.type != "cpu" or fastest_type("cpu") == torch.bfloat16
    return torch.autocast(device.type, torch.bfloat16, enabled=able)
