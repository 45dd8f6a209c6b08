"""Published architectures of super-resolution networks; the layers have the names of their checkpoints.

``Compact`` is Real-ESRGAN's SRVGGNetCompact (arXiv 2107.10833). ``ResidualDense`` is its RRDBNet, from ESRGAN
(arXiv 1809.00219). Sizes and factor are read from the weights.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import isqrt
from typing import Protocol

import torch
from torch import nn
from torch.nn import functional

Tensors = Mapping[str, torch.Tensor]


class UpscalingNetwork(Protocol):
    """A network: (batch, 3, h, w) in 0–1 → (batch, 3, factor·h, factor·w), not clipped."""

    factor: int
    reach: int
    """The distance that an output pixel sees, in pixels of the small picture, if noticeable."""

    def __call__(self, small: torch.Tensor, /) -> torch.Tensor: ...


class Compact(nn.Module):
    """Plain convolutions on the small picture, which learned the residual to its repeated pixels."""

    def __init__(self, features: int, depth: int, factor: int) -> None:
        super().__init__()
        self.factor, self.reach = factor, depth + 2
        layers: list[nn.Module] = [nn.Conv2d(3, features, 3, padding=1), nn.PReLU(features)]
        for _ in range(depth):
            layers += [nn.Conv2d(features, features, 3, padding=1), nn.PReLU(features)]
        self.body = nn.Sequential(*layers, nn.Conv2d(features, 3 * factor**2, 3, padding=1))

    @classmethod
    def from_tensors(cls, tensors: Tensors) -> Compact:
        last = max(int(name.split(".")[1]) for name in tensors)
        factor = isqrt(len(tensors[f"body.{last}.weight"]) // 3)
        return cls(len(tensors["body.0.weight"]), last // 2 - 1, factor)

    def forward(self, small: torch.Tensor) -> torch.Tensor:
        detail = functional.pixel_shuffle(self.body(small), self.factor)
        return detail + functional.interpolate(small, scale_factor=self.factor, mode="nearest")


class ResidualDense(nn.Module):
    """Dense blocks in residual blocks. They enlarge fourfold; a smaller factor folds the picture first."""

    reach = 32  # it sees the whole tile; beyond this distance the effect is below 1/255

    def __init__(self, features: int, growth: int, blocks: int, factor: int) -> None:
        super().__init__()
        self.factor = factor
        self._fold = 4 // factor
        self.conv_first = _convolution_3x3(3 * self._fold**2, features)
        self.body = nn.Sequential(*(_ResidualInResidual(features, growth) for _ in range(blocks)))
        self.conv_body = _convolution_3x3(features, features)
        self.conv_up1 = _convolution_3x3(features, features)
        self.conv_up2 = _convolution_3x3(features, features)
        self.conv_hr = _convolution_3x3(features, features)
        self.conv_last = _convolution_3x3(features, 3)

    @classmethod
    def from_tensors(cls, tensors: Tensors) -> ResidualDense:
        features, channels = tensors["conv_first.weight"].shape[:2]
        blocks = 1 + max(int(name.split(".")[1]) for name in tensors if name.startswith("body."))
        return cls(features, len(tensors["body.0.rdb1.conv1.weight"]), blocks, 4 // isqrt(channels // 3))

    def forward(self, small: torch.Tensor) -> torch.Tensor:
        height, width = small.shape[2:]
        small = functional.pad(small, [0, -width % self._fold, 0, -height % self._fold], mode="replicate")
        first = self.conv_first(functional.pixel_unshuffle(small, self._fold))
        seen = first + self.conv_body(self.body(first))
        for convolution in (self.conv_up1, self.conv_up2):
            seen = _leaky_relu(convolution(functional.interpolate(seen, scale_factor=2, mode="nearest")))
        large = self.conv_last(_leaky_relu(self.conv_hr(seen)))
        return large[:, :, : height * self.factor, : width * self.factor]


class _ResidualInResidual(nn.Module):
    def __init__(self, features: int, growth: int) -> None:
        super().__init__()
        self.rdb1 = _DenseBlock(features, growth)
        self.rdb2 = _DenseBlock(features, growth)
        self.rdb3 = _DenseBlock(features, growth)

    def forward(self, seen: torch.Tensor) -> torch.Tensor:
        return seen + 0.2 * self.rdb3(self.rdb2(self.rdb1(seen)))


class _DenseBlock(nn.Module):
    def __init__(self, features: int, growth: int) -> None:
        super().__init__()
        self.conv1 = _convolution_3x3(features, growth)
        self.conv2 = _convolution_3x3(features + growth, growth)
        self.conv3 = _convolution_3x3(features + 2 * growth, growth)
        self.conv4 = _convolution_3x3(features + 3 * growth, growth)
        self.conv5 = _convolution_3x3(features + 4 * growth, features)

    def forward(self, seen: torch.Tensor) -> torch.Tensor:
        known = seen
        for convolution in (self.conv1, self.conv2, self.conv3, self.conv4):
            known = torch.cat([known, _leaky_relu(convolution(known))], dim=1)
        return seen + 0.2 * self.conv5(known)


def _convolution_3x3(before: int, after: int) -> nn.Conv2d:
    return nn.Conv2d(before, after, 3, padding=1)


def _leaky_relu(seen: torch.Tensor) -> torch.Tensor:
    return functional.leaky_relu(seen, 0.2)
