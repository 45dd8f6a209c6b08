"""Previews without the decoder: a linear map from latents to pixels, fitted to what it draws."""

from __future__ import annotations

from typing import Any

import torch
from torch.nn import functional

from worker.engines.diffusion.decoding.decoder import (
    decode_for_pixels,
    decoder_enlargement,
    in_float32,
    latent_side,
)
from worker.engines.framing import PREVIEW_SIDE, shrink_to_preview
from worker.engines.protocol import Picture

_MOST_PIXELS = 8  # a latent becomes at most 8 x 8 pixels of a preview
_KERNEL = 3  # a pixel is a sum over the latents around it: 4 to 5 dB better than over its own latent alone
_LATENTS = 16  # along a side of a picture to fit to
_CHANNELS = 8  # of the latents for each such picture; at least two pictures
_RIDGE = 1e-3  # of the mean square of the latents
_OCTAVES = (2, 4, 8, 16)  # colours along a side of the fields that the pictures are sums of


class LinearPreview:
    """A convolution over 3 x 3 latents, to p x p pixels for each: kernels (3·p·p, C, 3, 3), bias (3·p·p).

    The idea is from https://huggingface.co/blog/TimothyAlexisVass/explaining-the-sdxl-latent-space.
    """

    def __init__(self, kernels: torch.Tensor, bias: torch.Tensor) -> None:
        self._kernels, self._bias = kernels, bias
        self._pixels = round((len(bias) / 3) ** 0.5)

    @classmethod
    def fit(cls, vae: Any) -> LinearPreview:
        """Fits to what the decoder makes of a few latents, by ridge regression.

        The latents are those of random fields of colours, mixed with noise of the same statistics. Maps that
        were fitted to either alone draw a denoiser's latents 1 dB worse.
        """
        device, scale = next(vae.parameters()).device, latent_side(vae)
        pixels = min(_MOST_PIXELS, scale * decoder_enlargement(vae))
        with torch.no_grad(), in_float32(vae):
            fields = _colour_fields(max(2, _count_channels(vae) // _CHANNELS), _LATENTS * scale)
            latents = _mix_with_noise(
                torch.cat([encode_pictures(vae, each[None].to(device)) for each in fields])
            )
            drawn = torch.cat([decode_for_pixels(vae, each[None]) for each in latents])
        drawn = functional.interpolate(drawn, size=_LATENTS * pixels, mode="area")
        wanted = functional.pixel_unshuffle(drawn, pixels).movedim(1, -1).flatten(0, 2)
        solution = _solve_ridge(_neighbourhoods(latents), wanted).to(device)
        kernels = solution[:-1].T.reshape(-1, latents.shape[1], _KERNEL, _KERNEL)
        return cls(kernels.contiguous(), solution[-1])

    @torch.no_grad()
    def draw(self, latents: Any) -> Picture:
        """Returns a picture of at most 128 px for (1, C, h, w), as the decoder takes them."""
        pixels = self._pixels
        while pixels > 1 and max(latents.shape[-2:]) * pixels > PREVIEW_SIDE:
            pixels //= 2
        padded = functional.pad(latents.float(), (_KERNEL // 2,) * 4, mode="replicate")
        flat = functional.conv2d(padded, *self.kernels_for(pixels))
        drawn = functional.pixel_shuffle(flat, pixels)[0]
        return shrink_to_preview((drawn / 2 + 0.5).clamp(0, 1).permute(1, 2, 0).contiguous().cpu().numpy())

    def kernels_for(self, pixels: int) -> tuple[torch.Tensor, torch.Tensor]:
        """Returns kernels and bias for fewer pixels a latent: means of linear maps are maps to the means."""
        together = self._pixels // pixels
        shape = (3, pixels, together, pixels, together)
        kernels = self._kernels.unflatten(0, shape).mean((2, 4)).flatten(0, 2)
        return kernels, self._bias.unflatten(0, shape).mean((2, 4)).flatten()


def _count_channels(vae: Any) -> int:
    return vae.config.get("latent_channels") or vae.config.z_dim


def _colour_fields(count: int, side: int) -> torch.Tensor:
    """Returns pictures (count, 3, side, side) in -1..1 with coarse and fine structure; always the same."""
    generator = torch.Generator().manual_seed(0)
    fields = (torch.randn(count, 3, n, n, generator=generator) for n in _OCTAVES)
    grown = (functional.interpolate(field, size=(side, side), mode="bicubic") for field in fields)
    return torch.tanh(torch.stack(list(grown)).sum(0))


def encode_pictures(vae: Any, pictures: torch.Tensor) -> torch.Tensor:
    """Returns (n, C, h, w) for (n, 3, H, W) in -1..1. An encoder of videos gets clips of one frame."""
    has_time = any(kernel.ndim == 5 for kernel in vae.encoder.parameters())
    encoded = vae.encode(pictures.unsqueeze(2) if has_time else pictures, return_dict=False)[0]
    latents = encoded if isinstance(encoded, torch.Tensor) else encoded.mode()
    return latents[:, :, 0] if has_time else latents


def _mix_with_noise(latents: torch.Tensor) -> torch.Tensor:
    generator = torch.Generator().manual_seed(0)
    noise = torch.randn(latents.shape, generator=generator).to(latents)
    mean, deviation = latents.mean((0, 2, 3), keepdim=True), latents.std((0, 2, 3), keepdim=True)
    return mean + (latents - mean + noise * deviation) * 0.5**0.5


def _neighbourhoods(latents: torch.Tensor) -> torch.Tensor:
    """Returns (n·h·w, 9·C + 1): the latents around each place, and a one for the bias."""
    padded = functional.pad(latents, (_KERNEL // 2,) * 4, mode="replicate")
    around = functional.unfold(padded, _KERNEL).movedim(1, -1).flatten(0, 1)
    return functional.pad(around, (0, 1), value=1.0)


def _solve_ridge(given: torch.Tensor, wanted: torch.Tensor) -> torch.Tensor:
    """Returns W of given · W ≈ wanted, in double precision on the CPU; the penalty spares the bias."""
    given, wanted = given.double().cpu(), wanted.double().cpu()
    squares = given.T @ given
    penalty = torch.full((len(squares),), _RIDGE * float(squares.diagonal()[:-1].mean())).double()
    penalty[-1] = 0
    return torch.linalg.solve(squares + penalty.diag(), given.T @ wanted).float()
