"""A discriminator of patches and its losses, for networks whose pictures have to be as crisp as renders."""

from __future__ import annotations

import torch
from torch import nn
from torch.nn import functional


class PatchDiscriminator(nn.Module):
    """Scores every patch of (batch, 3, h, w) in -1 to 1: high for renders, low for a network's pictures.

    After Isola et al. 2017 (arXiv:1611.07004).
    """

    def __init__(self, width: int = 32) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.Conv2d(3, width, 4, 2, 1),
            nn.LeakyReLU(0.2),
            nn.Conv2d(width, 2 * width, 4, 2, 1),
            nn.LeakyReLU(0.2),
            nn.Conv2d(2 * width, 2 * width, 3, 1, 1),
            nn.LeakyReLU(0.2),
            nn.Conv2d(2 * width, 1, 3, 1, 1),
        )

    def forward(self, pictures: torch.Tensor) -> torch.Tensor:
        return self.layers(pictures)


def generator_loss(discriminator: PatchDiscriminator, drawn: torch.Tensor) -> torch.Tensor:
    """Returns the loss of what drew the pictures. The discriminator gets no gradient from it."""
    frozen = {name: weight.detach() for name, weight in discriminator.named_parameters()}
    return -torch.func.functional_call(discriminator, frozen, drawn).mean()


def discriminator_loss(
    discriminator: PatchDiscriminator, drawn: torch.Tensor, real: torch.Tensor
) -> torch.Tensor:
    """Returns the discriminator's hinge loss (arXiv:1705.02894)."""
    return (
        functional.relu(1 - discriminator(real)).mean()
        + functional.relu(1 + discriminator(drawn.detach())).mean()
    )
