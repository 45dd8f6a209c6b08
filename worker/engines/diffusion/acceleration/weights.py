"""Weights in 8 bits: int8 on a CPU by our own products, int8 and fp8 on a GPU by torchao."""

from __future__ import annotations

from importlib.util import find_spec
from typing import Any, Literal

import torch
from torch import nn

from functions.contract.errors import ModelUnavailable
from worker.engines.diffusion.acceleration.int8 import NARROW, quantize_linears, repeated_layers

EightBits = Literal["int8", "fp8"]

_FP8_FROM = (8, 9)  # compute capability: Ada and Hopper multiply in fp8


def check_weights(kind: EightBits, device: str) -> None:
    """Raises ModelUnavailable if ``device``, as torch names it, cannot multiply in ``kind``."""
    on_gpu = device.startswith("cuda")
    capability = torch.cuda.get_device_capability(device) if on_gpu else None
    if why := missing_for(kind, capability, find_spec("torchao") is not None):
        raise ModelUnavailable(f"PLANTAIN_DTYPE is {kind}, and {why}.")


def missing_for(kind: EightBits, capability: tuple[int, int] | None, has_torchao: bool) -> str | None:
    """Returns what is missing for ``kind``; None if nothing is. ``capability`` is CUDA's; None: a CPU."""
    if capability is None:
        return None if kind == "int8" else "fp8 is for GPUs: say int8 or bfloat16"
    if kind == "fp8" and capability < _FP8_FROM:
        return "this GPU has no fp8, which Ada and Hopper have: say int8 or bfloat16"
    return None if has_torchao else "torchao is not installed: it comes with the extra gpu"


def quantize_weights(pipeline: Any, kind: EightBits, device: str) -> None:
    """Quantizes the linear layers in the repeated blocks of the denoiser and the text encoder.

    On a GPU activations are quantized by row as they come, and weights by row once, as on a CPU.
    """
    if device == "cpu":
        quantize_linears(pipeline)
        return
    # It prints errors on a machine without CUDA, and comes with the extra gpu alone.
    from torchao import quantization  # pyright: ignore[reportMissingImports]

    config = (
        quantization.Float8DynamicActivationFloat8WeightConfig(granularity=quantization.PerRow())
        if kind == "fp8"
        else quantization.Int8DynamicActivationInt8WeightConfig()
    )
    for layers in repeated_layers(pipeline):
        quantization.quantize_(layers, config, filter_fn=_is_wide)


def _is_wide(layer: nn.Module, _name: str) -> bool:
    return isinstance(layer, nn.Linear) and min(layer.in_features, layer.out_features) >= NARROW
