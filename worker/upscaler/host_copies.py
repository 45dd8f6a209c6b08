"""Copies from a device to the host, through pinned memory and on a stream of their own."""

from __future__ import annotations

from functools import cache
from typing import Any

import torch


def copy_to_host(tensor: torch.Tensor) -> torch.Tensor:
    """Returns the tensor on the CPU. The caller waits for this copy alone, not for the device's later work.

    torch keeps pinned blocks for the next copy. On a CPU the tensor itself is returned.
    """
    if tensor.device.type != "cuda":
        return tensor.cpu()
    stream = _copy_stream(tensor.device)
    host = torch.empty(tensor.shape, dtype=tensor.dtype, pin_memory=True)
    stream.wait_stream(torch.cuda.current_stream(tensor.device))
    with torch.cuda.stream(stream):
        host.copy_(tensor, non_blocking=True)
        copied = stream.record_event()
    tensor.record_stream(stream)
    copied.synchronize()
    return host


@cache
def _copy_stream(device: torch.device) -> Any:
    return torch.cuda.Stream(device)
