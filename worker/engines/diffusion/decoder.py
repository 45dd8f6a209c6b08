"""From latents to a picture, in 32-bit floats whatever the model runs in."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from contextlib import contextmanager
from typing import Any

import cv2
import numpy as np
import torch

from functions.contract.errors import EngineFailed
from worker.engines.protocol import Picture

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
    """The same, of at most 128 px, from latents shrunk to those of a picture of 128 px: quick and rough."""
    scale = 2 ** (len(vae.config.block_out_channels) - 1)  # pixels of such a picture for each latent
    down, across = latents.shape[-2:]
    shrink = min(1.0, _PREVIEW_SIDE / (max(down, across) * scale))
    size = (max(1, int(down * shrink)), max(1, int(across * shrink)))
    drawn = decode(vae, torch.nn.functional.interpolate(latents.float(), size=size, mode="area"))
    return _within(drawn, _PREVIEW_SIDE)


def _within(picture: Picture, side: int) -> Picture:
    """Returns the picture averaged down until its longer side is at most ``side`` pixels."""
    height, width = picture.shape[:2]
    scale = side / max(height, width)
    if scale >= 1:
        return picture
    smaller = (max(1, round(width * scale)), max(1, round(height * scale)))
    return np.asarray(cv2.resize(picture, smaller, interpolation=cv2.INTER_AREA), np.float32)


def peak_bytes(vae: Any, width: int, height: int) -> int:
    """What decoding a picture that the model draws at this size takes at its peak: a few maps at the last
    upsampling, as wide as the level before it."""
    channels = _decoder_widths(vae)
    widest = channels[1] if len(channels) > 1 else channels[0]
    times = enlargement(vae)
    return _MAPS_AT_PEAK * widest * (width * times) * (height * times) * 4


def enlargement(vae: Any) -> int:
    """Returns how many times larger the decoder draws than its encoder looks; 1 for most models."""
    return 2 ** (len(_decoder_widths(vae)) - len(vae.config.block_out_channels))


def _decoder_widths(vae: Any) -> Sequence[int]:
    """Returns the decoder's channels, from the picture's size down; not always from the encoder's."""
    return vae.config.get("decoder_block_out_channels") or vae.config.block_out_channels


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
