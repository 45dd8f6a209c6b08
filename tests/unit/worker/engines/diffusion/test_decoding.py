"""Latents become pictures, in tiles where memory is short, and previews by a linear map."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import numpy as np
import pytest
import torch
from diffusers.models.autoencoders.autoencoder_kl_flux2 import AutoencoderKLFlux2
from torch.nn import functional

from worker.engines.diffusion.decoding.decoder import decode_latents, decoding_peak_bytes, decoding_type
from worker.engines.diffusion.decoding.linear_preview import LinearPreview
from worker.engines.diffusion.decoding.tiles import decode_in_tiles
from worker.engines.protocol import Picture
from worker.settings import EMBEDDED_MODEL


@pytest.fixture(scope="module")
def vae() -> Any:
    """The embedded model's own autoencoder: 4 px a latent."""
    return AutoencoderKLFlux2.from_pretrained(EMBEDDED_MODEL / "vae").eval()


@pytest.fixture(scope="module")
def latents(vae: Any) -> torch.Tensor:
    """The latents of a picture of 96 x 64 px: a disc before a sky."""
    down, across = torch.meshgrid(torch.linspace(-1, 1, 64), torch.linspace(-1.5, 1.5, 96), indexing="ij")
    disc = (down**2 + across**2 < 0.3).float()
    picture = torch.stack([disc, 0.3 - 0.4 * disc, 0.5 * down])[None]
    with torch.no_grad():
        return vae.encode(picture, return_dict=False)[0].mode()


def psnr(one: Picture, other: Picture) -> float:
    return float(-10 * np.log10(np.mean((one - other) ** 2)))


def test_a_preview_is_near_what_the_decoder_draws(vae: Any, latents: torch.Tensor) -> None:
    preview = LinearPreview.fit(vae).draw(latents)
    assert psnr(preview, decode_latents(vae, latents)) > 20


def test_a_preview_shows_at_most_128_pixels(vae: Any, latents: torch.Tensor) -> None:
    linear = LinearPreview.fit(vae)
    sides = {linear.draw(latents.repeat(1, 1, n, n)).shape for n in (1, 2, 4, 8)}
    assert sides == {(64, 96, 3), (64, 96, 3), (64, 96, 3), (85, 128, 3)}


def test_a_smaller_preview_is_the_mean_of_the_larger(vae: Any, latents: torch.Tensor) -> None:
    linear, twice = LinearPreview.fit(vae), latents.repeat_interleave(2, 2).repeat_interleave(2, 3)
    padded = functional.pad(twice, (1, 1, 1, 1), mode="replicate")
    whole, mean = (
        functional.pixel_shuffle(functional.conv2d(padded, *linear.kernels_for(pixels)), pixels)
        for pixels in (4, 2)
    )
    torch.testing.assert_close(functional.avg_pool2d(whole, 2), mean)


def test_tiles_of_a_local_decoder_are_the_whole() -> None:
    latents = torch.randn(1, 3, 21, 34, generator=torch.Generator().manual_seed(0))

    def decode(piece: torch.Tensor) -> torch.Tensor:
        return piece[0].repeat_interleave(2, 1).repeat_interleave(2, 2)

    for tile in (8, 16, 21, 40):
        torch.testing.assert_close(decode_in_tiles(decode, latents, tile), decode(latents))


def test_a_picture_beyond_the_memory_is_decoded_in_tiles(
    vae: Any, latents: torch.Tensor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("worker.engines.diffusion.decoding.decoder.LEAST_TILE", 32)
    sizes: list[tuple[int, ...]] = []
    decode = vae.decode

    def watch(piece: torch.Tensor, **how: Any) -> Any:
        sizes.append(tuple(piece.shape[-2:]))
        return decode(piece, **how)

    monkeypatch.setattr(vae, "decode", watch)
    needed = decoding_peak_bytes(vae, 96, 64)
    whole = decode_latents(vae, latents, budget=needed)
    assert sizes == [(16, 24)]
    tiled = decode_latents(vae, latents, budget=needed // 3)
    assert len(sizes) > 1
    assert max(decoding_peak_bytes(vae, 4 * across, 4 * down) for down, across in sizes[1:]) <= needed // 3
    assert psnr(whole, tiled) > 30


@pytest.mark.parametrize(
    ("weights", "bit_depth", "wanted"),
    [
        (torch.bfloat16, 8, torch.bfloat16),
        (torch.bfloat16, 16, torch.float32),
        (torch.float16, 8, torch.float32),
        (torch.float32, 8, torch.float32),
    ],
)
def test_a_decoder_is_as_fine_as_the_file(
    weights: torch.dtype, bit_depth: int, wanted: torch.dtype, vae: Any, latents: torch.Tensor
) -> None:
    assert decoding_type(weights, bit_depth) == wanted
    narrow, seen = deepcopy(vae), list[torch.dtype]()
    torch.nn.Module.to(narrow, weights)

    def note(_module: object, _given: object, made: torch.Tensor) -> None:
        seen.append(made.dtype)

    narrow.decoder.register_forward_hook(note)
    picture = decode_latents(narrow, latents.to(weights), bit_depth)
    assert seen == [wanted]
    assert picture.dtype == np.float32
