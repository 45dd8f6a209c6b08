"""What several pipelines do to latents before they are denoised, undone."""

from __future__ import annotations

from typing import Any

import torch


def unpack_patches(latents: Any, width: int, height: int, multiple: int) -> Any:
    """Lays out (1, tokens, 4C) as (1, C, h, w): each token is a patch of 2 x 2 latents.

    ``width`` and ``height`` are the picture's, in px; a token covers ``multiple`` px of each side.
    """
    down, across = height // multiple, width // multiple
    patches = latents.view(1, down, across, -1, 2, 2).permute(0, 3, 1, 4, 2, 5)
    return patches.reshape(1, -1, down * 2, across * 2)


def undo_scale_and_shift(vae: Any, latents: Any) -> Any:
    """Returns (1, C, h, w) as the decoder takes them."""
    return latents / vae.config.scaling_factor + vae.config.shift_factor


def undo_channel_statistics(vae: Any, latents: Any) -> Any:
    """Returns (1, C, …) with each channel's deviation and mean of the config put back."""
    shape = (1, -1, *(1,) * (latents.ndim - 2))
    mean = torch.tensor(vae.config.latents_mean).view(shape).to(latents)
    deviation = torch.tensor(vae.config.latents_std).view(shape).to(latents)
    return latents * deviation + mean
