"""The network as it is quickest to run: the same weights and results, without what training needs.

Interpolation by a whole factor is a convolution whose outputs are the pixels of a block, and joins the
network's own before they are shuffled: bicubic interpolation by itself takes up to a sixth of the time under
torch, and half of it under onnxruntime.
"""

from __future__ import annotations

import copy

import torch
from torch import nn
from torch.nn import functional

from worker.upscaler.super_resolution import SuperResolution

_BICUBIC_REACH = 2


class InferenceNetwork(nn.Module):
    """(batch, 3, h, w) in 0–1 → (batch, 3, factor·h, factor·w), not clipped; float32 at both ends.

    ``body`` is what the inner convolutions compute in. What they add to stays float32, as do the layers that
    read and make the picture: in bfloat16 the result is off by 1/25000 on average and by less than half of
    1/255, where a network that is bfloat16 throughout is off by two steps of 8 bits (docs/upscaling.md).
    """

    def __init__(self, network: SuperResolution, body: torch.dtype = torch.float32) -> None:
        super().__init__()
        network = copy.deepcopy(network)
        self.factor, self.reach, self._dtype = network.factor, network.reach, body
        self.first, self.last, self.slope = network.first, network.last, network.slopes[0]
        self.body, self.slopes = network.body.to(body), network.slopes[1:].to(body)
        self.bicubic = nn.Parameter(_bicubic_weights(network.factor), requires_grad=False)

    def forward(self, small: torch.Tensor) -> torch.Tensor:
        seen = self.slope(self.first(small))
        for convolution, slope in zip(self.body, self.slopes, strict=True):
            seen = seen + slope(convolution(seen.to(self._dtype)))
        plain = functional.conv2d(small, self.bicubic, padding=_BICUBIC_REACH)
        return functional.pixel_shuffle(self.last(seen) + plain, self.factor)


def fastest_type(device: str) -> torch.dtype:
    """bfloat16 on a CPU that multiplies it by itself, which takes half of the time; float32 elsewhere."""
    able = torch.cpu.get_capabilities() if device == "cpu" else {}
    return torch.bfloat16 if able.get("avx512_bf16") or able.get("amx_bf16") else torch.float32


def _bicubic_weights(factor: int) -> torch.Tensor:
    """Bicubic interpolation as weights, (3·factor², 3, 5, 5): what a single bright pixel does to a block."""
    side = 2 * _BICUBIC_REACH + 1
    weights = torch.zeros(3, factor**2, 3, side, side)
    centre = slice(2 * _BICUBIC_REACH * factor, (2 * _BICUBIC_REACH + 1) * factor)
    for down in range(side):
        for across in range(side):
            bright = torch.zeros(1, 1, 2 * side - 1, 2 * side - 1)
            bright[..., down + _BICUBIC_REACH, across + _BICUBIC_REACH] = 1
            large = functional.interpolate(bright, scale_factor=factor, mode="bicubic")[0, 0]
            for channel in range(3):
                weights[channel, :, channel, down, across] = large[centre, centre].reshape(-1)
    return weights.view(3 * factor**2, 3, side, side)
