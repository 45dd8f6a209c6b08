"""From latents to a picture, in 32-bit floats whatever the model runs in."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

import torch

from functions.contract.errors import EngineFailed

from ..protocol import Picture

_PREVIEW_SIDE = 128
_MAPS_AT_PEAK = 5  # measured 4.7 with AutoencoderKLFlux2's own sizes at 256² and 384² px, torch 2.13, CPU


def decode(vae: Any, latents: Any) -> Picture:
    """A (1, C, h, w) latent as a picture, float32, (H, W, 3), 0..1.

    bfloat16 has 8 significant bits: decoded in it, a 16-bit PNG would hold no more than an 8-bit one.
    Raises EngineFailed where the model has left the numbers.
    """
    with torch.no_grad(), _in_float32(vae):
        image = vae.decode(latents.float(), return_dict=False)[0][0]
    if not bool(torch.isfinite(image).all()):
        raise EngineFailed("The model drew values that are not numbers; run it in bfloat16 or float32.")
    picture = (image / 2 + 0.5).clamp(0, 1).permute(1, 2, 0)
    return picture.contiguous().cpu().numpy()


def preview(vae: Any, latents: Any) -> Picture:
    """The same from latents shrunk until the picture's longer side is at most 128 px: quick, and rough."""
    scale = _pixels_per_latent(vae)
    down, across = latents.shape[-2:]
    shrink = min(1.0, _PREVIEW_SIDE / (max(down, across) * scale))
    size = (max(1, int(down * shrink)), max(1, int(across * shrink)))
    small = torch.nn.functional.interpolate(latents.float(), size=size, mode="area")
    return decode(vae, small)


def peak_bytes(vae: Any, width: int, height: int) -> int:
    """What decoding takes at its peak: at full size, a few maps as wide as the last upsampling."""
    channels = vae.config.block_out_channels
    widest = channels[1] if len(channels) > 1 else channels[0]
    return _MAPS_AT_PEAK * widest * width * height * 4


def _pixels_per_latent(vae: Any) -> int:
    return 2 ** (len(vae.config.block_out_channels) - 1)


@contextmanager
def _in_float32(vae: Any) -> Generator[None]:
    """The weights widened and put back: exact both ways, since what was stored is narrower."""
    dtype = vae.dtype
    # torch's own method: diffusers' logs a line about every such call.
    torch.nn.Module.to(vae, torch.float32)
    try:
        yield
    finally:
        torch.nn.Module.to(vae, dtype)
