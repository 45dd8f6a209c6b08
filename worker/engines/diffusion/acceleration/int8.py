"""int8 products on a CPU: weights are quantized by row once, activations by row as they come.

torch's own dynamic quantization (``torch.ao``) is being retired, and its successor is not for CPUs. The
integer product remains, and is fast on CPUs with VNNI: docs/on-device.md has the measurements.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import torch
from torch import nn

_MAX_LEVEL = 127
_PARTS = ("transformer", "unet", "text_encoder")
NARROW = 64  # a narrower product is little work, and its error spreads through the whole picture


class Int8Linear(nn.Module):
    """A linear layer (…, in) → (…, out) with int8 weights; input and output have the activations' dtype."""

    def __init__(self, linear: nn.Linear) -> None:
        super().__init__()
        weight = linear.weight.detach().float()
        scale = weight.abs().amax(dim=1).clamp(min=torch.finfo(torch.float32).tiny) / _MAX_LEVEL
        levels = (weight / scale[:, None]).round().to(torch.int8)
        self.register_buffer("levels", levels)
        self.register_buffer("scale", scale)
        self.bias: nn.Parameter | None = linear.bias  # torch annotates it as never None
        self.in_features, self.out_features = linear.in_features, linear.out_features

    def forward(self, states: torch.Tensor) -> torch.Tensor:
        rows = states.reshape(-1, self.in_features).float()
        scale = rows.abs().amax(dim=1, keepdim=True).clamp(min=torch.finfo(torch.float32).tiny) / _MAX_LEVEL
        levels = (rows / scale).round().to(torch.int8)
        product = torch.ops.aten._int_mm(levels, self.get_buffer("levels").t()).float()
        product = product * (scale * self.get_buffer("scale"))
        if self.bias is not None:
            product = product + self.bias
        return product.to(states.dtype).reshape(*states.shape[:-1], self.out_features)


def quantize_linears(pipeline: Any) -> None:
    """Replaces the linear layers in the repeated blocks of the denoiser and the text encoder.

    Layers outside those blocks stay: those at the ends, and those that modulate, of one row each.
    """
    for layers in repeated_layers(pipeline):
        _replace_linears(layers)


def repeated_layers(pipeline: Any) -> list[nn.ModuleList]:
    """Returns the lists of repeated blocks of the denoiser and the text encoder, without lists in them."""
    parts = (getattr(pipeline, name, None) for name in _PARTS)
    return [layers for part in parts if part is not None for layers in _outermost_lists(part)]


def _outermost_lists(module: nn.Module) -> Iterator[nn.ModuleList]:
    for child in module.children():
        if isinstance(child, nn.ModuleList):
            yield child
        else:
            yield from _outermost_lists(child)


def _replace_linears(module: nn.Module) -> None:
    for name, child in list(module.named_children()):
        if isinstance(child, nn.Linear):
            if min(child.in_features, child.out_features) >= NARROW:
                setattr(module, name, Int8Linear(child))
        else:
            _replace_linears(child)
