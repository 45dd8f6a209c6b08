"""The network for inference: the same weights and results as in training, in the fastest form.

Bicubic interpolation by an integer factor is a convolution whose outputs are the pixels of a block. It is
added to the network's outputs before the pixel shuffle. Separate interpolation takes up to a sixth of the
time in torch, and half of it in onnxruntime.
"""

from __future__ import annotations

import copy

import torch
from torch import nn
from torch.nn import functional

from worker.upscaler.edge_warping import warp_edges
from worker.upscaler.super_resolution import SuperResolution

_BICUBIC_REACH = 2


class InferenceNetwork(nn.Module):
    """Enlarges (batch, 3, h, w) in 0–1 → (batch, 3, factor·h, factor·w), not clipped; in and out float32.

    ``body`` is the type in which the inner convolutions compute. Their sum and the first and last layers stay
    float32. With bfloat16 the result differs by 1/25000 on average and by at most 0.6 of 1/255; a network
    entirely in bfloat16 differs by two steps of 8 bits (docs/upscaling.md).
    """

    def __init__(self, network: SuperResolution, body: torch.dtype = torch.float32) -> None:
        super().__init__()
        network = copy.deepcopy(network)
        self.factor, self.reach, self._dtype = network.factor, network.reach, body
        self._warped = network.shape.warped
        self.first, self.last, self.slope = network.first, network.last, network.slopes[0]
        self.body, self.slopes = network.body.to(body), network.slopes[1:].to(body)
        self.bicubic = nn.Parameter(_bicubic_weights(network.factor), requires_grad=False)

    def forward(self, small: torch.Tensor) -> torch.Tensor:
        seen = self.slope(self.first(small))
        for convolution, slope in zip(self.body, self.slopes, strict=True):
            seen += slope(convolution(seen.to(self._dtype)))
        made = self.last(seen)
        made += functional.conv2d(
            functional.pad(small, (_BICUBIC_REACH,) * 4, mode="replicate"), self.bicubic
        )
        large = functional.pixel_shuffle(made, self.factor)
        return warp_edges(large) if self._warped else large


def fastest_type(device: str) -> torch.dtype:
    """Returns bfloat16 on a CPU with bfloat16 instructions, which halves the time; else float32."""
    able = torch.cpu.get_capabilities() if device == "cpu" else {}
    return torch.bfloat16 if able.get("avx512_bf16") or able.get("amx_bf16") else torch.float32


def _bicubic_weights(factor: int) -> torch.Tensor:
    """Returns bicubic interpolation as weights (3·factor², 3, 5, 5): a block's response to one pixel."""
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
