"""The network: a compact stack of convolutions on the small picture, and a pixel shuffle to the large one.

After Shi et al. 2016 (sub-pixel convolution, arXiv 1609.05158). The network learns the residual to bicubic
interpolation, so an untrained network already enlarges.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import nn
from torch.nn import functional

from worker.upscaler import edge_warping

FACTOR = 4


@dataclass(frozen=True)
class SuperResolutionShape:
    """The size of a network."""

    width: int = 40
    depth: int = 8  # convolutions between the first and the last
    factor: int = FACTOR  # the factor of the sides' lengths
    warped: bool = False  # edges are made narrower at the end: edge_warping.py

    @property
    def reach(self) -> int:
        """The distance that an output pixel sees, in pixels of the small picture."""
        warping = -(-edge_warping.REACH // self.factor) if self.warped else 0
        return self.depth + 2 + _INTERPOLATION_REACH + warping


_INTERPOLATION_REACH = 2  # of bicubic interpolation


class SuperResolution(nn.Module):
    """Our own network: (batch, 3, h, w) in 0–1 → (batch, 3, factor·h, factor·w), not clipped."""

    def __init__(self, shape: SuperResolutionShape = SuperResolutionShape()) -> None:
        super().__init__()
        self.shape, self.factor, self.reach = shape, shape.factor, shape.reach
        self.first = nn.Conv2d(3, shape.width, 3, padding=1)
        self.body = nn.ModuleList(
            nn.Conv2d(shape.width, shape.width, 3, padding=1) for _ in range(shape.depth)
        )
        self.slopes = nn.ModuleList(nn.PReLU(shape.width) for _ in range(shape.depth + 1))
        self.last = nn.Conv2d(shape.width, 3 * shape.factor**2, 3, padding=1)
        for parameter in self.last.parameters():
            nn.init.zeros_(parameter)

    def forward(self, small: torch.Tensor) -> torch.Tensor:
        seen = self.slopes[0](self.first(small))
        for convolution, slope in zip(self.body, self.slopes[1:], strict=True):
            seen = seen + slope(convolution(seen))
        detail = functional.pixel_shuffle(self.last(seen), self.factor)
        large = detail + functional.interpolate(small, scale_factor=self.factor, mode="bicubic")
        return edge_warping.warp_edges(large) if self.shape.warped else large
