"""The memory that torch can still have on a device."""

from __future__ import annotations

import torch

from worker.engines.free_memory import available_bytes


def free_bytes(device: torch.device) -> int:
    """Returns the free bytes of a CUDA device, with those that torch holds for its next tensors; or of the
    machine.
    """
    if device.type != "cuda":
        return available_bytes()
    held = torch.cuda.memory_reserved(device) - torch.cuda.memory_allocated(device)
    return torch.cuda.mem_get_info(device)[0] + held
