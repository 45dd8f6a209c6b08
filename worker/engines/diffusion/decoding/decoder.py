"""Decodes latents to a picture: in 32-bit floats where 16 bits a channel are wanted."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from contextlib import contextmanager, nullcontext
from typing import Any

import torch

from functions.contract.errors import EngineFailed
from worker.engines.diffusion.decoding.tiles import decode_in_tiles
from worker.engines.protocol import Picture
from worker.upscaler.host_copies import copy_to_host

_OF_VIDEOS = ("temperal_downsample", "spatio_temporal_scaling")  # in the config of a decoder with a time axis
_LEFT = 0.05  # of the noise, for decoders of LTX-Video that remove the last of it, as their cards say
_MAPS_AT_PEAK = 5  # measured 4.7 with AutoencoderKLFlux2's own sizes at 256² and 384² px, torch 2.13, CPU
LEAST_TILE = 512  # px along a side, without the decoder's own enlargement


def decode_latents(vae: Any, latents: Any, bit_depth: int = 16, budget: int | None = None) -> Picture:
    """Returns the picture of a (1, C, h, w) latent: float32, (H, W, 3), 0..1.

    A decoder in bfloat16 stays so for ``bit_depth`` 8. For 16 it is widened: bfloat16 has 8 significant bits,
    and a 16-bit PNG would hold no more than an 8-bit one. float16 is widened too, because large values
    overflow in it. A picture whose decoding takes more than ``budget`` bytes is decoded in tiles; None is no
    limit. Raises EngineFailed if values are not finite.
    """
    dtype = decoding_type(vae.dtype, bit_depth)
    with torch.no_grad(), nullcontext() if vae.dtype == dtype else in_float32(vae):
        tile = None if budget is None else _tile_side(vae, latents, dtype, budget)
        if tile is None:
            return to_picture(decode_for_pixels(vae, latents.to(dtype))[0].float())
        return to_picture(
            decode_in_tiles(lambda piece: decode_for_pixels(vae, piece)[0], latents.to(dtype), tile)
        )


def decoding_type(dtype: torch.dtype, bit_depth: int) -> torch.dtype:
    """Returns the type to decode in, for weights of ``dtype`` and so many bits a channel."""
    return dtype if bit_depth == 8 and dtype == torch.bfloat16 else torch.float32


def _tile_side(vae: Any, latents: Any, dtype: torch.dtype, budget: int) -> int | None:
    """Returns the side in latents of the largest tile that the budget allows; None if all of it fits."""
    height, width = (side * latent_side(vae) for side in latents.shape[-2:])
    share = budget * 4 / dtype.itemsize / decoding_peak_bytes(vae, width, height)
    if share >= 1:
        return None
    return max(LEAST_TILE // latent_side(vae), int((share * width * height) ** 0.5) // latent_side(vae), 1)


def to_picture(image: Any) -> Picture:
    """Returns a decoded image (3, H, W) in -1..1 as a picture.

    Raises EngineFailed if values are not finite.
    """
    if not bool(torch.isfinite(image).all()):
        raise EngineFailed("The model drew values that are not numbers; run it in bfloat16 or float32.")
    picture = (image / 2 + 0.5).clamp(0, 1).permute(1, 2, 0)
    return copy_to_host(picture.contiguous()).numpy()


def decode_for_pixels(vae: Any, latents: Any) -> Any:
    """Returns (1, 3, H, W), -1..1. A decoder of videos takes and gives a time axis, here of one frame."""
    if not any(name in vae.config for name in _OF_VIDEOS):
        return vae.decode(latents, return_dict=False)[0]
    return decode_video(vae, latents.unsqueeze(2))[:, :, 0]


def decode_video(vae: Any, latents: Any) -> Any:
    """Returns (1, 3, T, H, W) in -1..1 for (1, C, t, h, w)."""
    is_told = vae.config.get("timestep_conditioning")  # how much noise is left to remove
    left = (torch.full((1,), _LEFT).to(latents),) if is_told else ()
    return vae.decode(latents, *left, return_dict=False)[0]


def decoding_peak_bytes(vae: Any, width: int, height: int) -> int:
    """Returns the bytes that decoding a picture of this native size takes at its peak.

    The peak is a few maps of 32-bit floats at the last upsampling, as wide as the level before it.
    """
    channels = _decoder_widths(vae)
    widest = channels[1] if len(channels) > 1 else channels[0]
    times = decoder_enlargement(vae)
    return _MAPS_AT_PEAK * widest * (width * times) * (height * times) * 4


def latent_side(vae: Any) -> int:
    """Returns the pixels along a side of an encoded picture for each latent."""
    return getattr(vae, "spatial_compression_ratio", None) or 2 ** (len(_encoder_widths(vae)) - 1)


def decoder_enlargement(vae: Any) -> int:
    """Returns the ratio of the decoder's picture size to the encoder's; 1 for most models."""
    return 2 ** (len(_decoder_widths(vae)) - len(_encoder_widths(vae)))


def _decoder_widths(vae: Any) -> Sequence[int]:
    """Returns the decoder's channels, from the picture's own size downwards."""
    config = vae.config
    if config.get("decoder_base_dim"):
        return [config["decoder_base_dim"] * times for times in config["dim_mult"]]
    return config.get("decoder_block_out_channels") or _encoder_widths(vae)


def _encoder_widths(vae: Any) -> Sequence[int]:
    """Returns the encoder's channels, from the picture's own size downwards."""
    config = vae.config
    if "dim_mult" in config:
        return [config["base_dim"] * times for times in config["dim_mult"]]
    return config.get("block_out_channels") or config["encoder_block_out_channels"]


@contextmanager
def in_float32(vae: Any) -> Generator[None]:
    """Widens the weights, and narrows them again: exact, because the stored values are narrower."""
    dtype = vae.dtype
    # torch's own method: that of diffusers logs every call.
    torch.nn.Module.to(vae, torch.float32)
    try:
        yield
    finally:
        torch.nn.Module.to(vae, dtype)
