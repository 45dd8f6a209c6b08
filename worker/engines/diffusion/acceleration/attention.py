"""The attention kernels that scaled_dot_product_attention tries on a CUDA device, the fastest first."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext

import torch
from torch.nn.attention import SDPBackend, sdpa_kernel

_HOPPER, _AMPERE = (9, 0), (8, 0)


def attention_kernels(capability: tuple[int, int], has_cudnn: bool) -> list[SDPBackend]:
    """Returns the kernels for a CUDA compute capability.

    cuDNN's is the fastest from Hopper on, and FlashAttention 2 on Ampere and Ada
    (https://docs.pytorch.org/docs/stable/generated/torch.nn.attention.sdpa_kernel.html). torch takes the
    first that computes the inputs: FlashAttention takes no masks, and the last one takes everything.
    """
    first = [SDPBackend.FLASH_ATTENTION] if capability >= _AMPERE else []
    if has_cudnn and capability >= _AMPERE:
        first.insert(0 if capability >= _HOPPER else 1, SDPBackend.CUDNN_ATTENTION)
    return [*first, SDPBackend.EFFICIENT_ATTENTION, SDPBackend.MATH]


def fastest_attention(device: torch.device) -> AbstractContextManager[object]:
    """Returns a context in which the device's fastest kernel computes attention; a CPU has one alone."""
    if device.type != "cuda":
        return nullcontext()
    capability = torch.cuda.get_device_capability(device)
    return sdpa_kernel(attention_kernels(capability, torch.backends.cudnn.is_available()), set_priority=True)
