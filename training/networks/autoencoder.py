"""The autoencoder: it turns pictures into latents and back."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import cast

import numpy as np
import torch
from diffusers.models.autoencoders.autoencoder_kl_flux2 import AutoencoderKLFlux2
from diffusers.models.autoencoders.vae import DiagonalGaussianDistribution
from numpy.typing import NDArray
from torch.nn import functional

from training.scenes.pixel_canvas import Picture
from training.scenes.scene_sampling import render_scene, sample_scene

from .config import AutoencoderShape, TrainingConfig
from .mixed_precision import autocast

KL_WEIGHT = 1e-4
"""The weight of the KL loss. It is small: latents stay bounded, with little noise for the decoder."""

_MEASURED_ERROR = 0.3  # standard deviations of a channel


def build_autoencoder(shape: AutoencoderShape, sample_size: int) -> AutoencoderKLFlux2:
    """Builds an untrained autoencoder. Tiling would start at ``sample_size`` pixels a side."""
    levels = len(shape.encoder_widths)
    return AutoencoderKLFlux2(
        down_block_types=("DownEncoderBlock2D",) * levels,
        up_block_types=("UpDecoderBlock2D",) * levels,
        block_out_channels=shape.encoder_widths,
        decoder_block_out_channels=shape.decoder_widths,
        layers_per_block=1,
        latent_channels=shape.latent_channels,
        norm_num_groups=shape.groups,
        # Attention in the middle costs the square of the picture's area, and flat pictures gain nothing.
        mid_block_add_attention=False,
        sample_size=sample_size,
    )


def to_pixels(
    pictures: Sequence[Picture] | NDArray[np.uint8], device: torch.device | str = "cpu"
) -> torch.Tensor:
    """Converts pictures of one size to (batch, 3, height, width), from -1 to 1."""
    stacked = torch.from_numpy(np.asarray(pictures)).to(device).permute(0, 3, 1, 2)
    return (stacked.float() / 127.5 - 1.0).contiguous()


def to_pictures(pixels: torch.Tensor) -> list[Picture]:
    """Inverts :func:`to_pixels`, and clips values outside the range."""
    scaled = ((pixels.float() + 1.0) * 127.5).round().clamp(0, 255).to(torch.uint8)
    return list(scaled.permute(0, 2, 3, 1).cpu().numpy())


def fresh_pictures(config: TrainingConfig, number: int) -> torch.Tensor:
    """Renders a batch of scenes of one bucket, none of which is in the picture cache."""
    rng = random.Random(f"autoencoder {config.seed} {number}")
    width, height = rng.choice(config.buckets)
    scenes = [sample_scene(rng, wide=width >= height) for _ in range(config.autoencoder_batch)]
    return to_pixels([render_scene(scene, width, height) for scene in scenes])


def reconstruction_loss(
    vae: AutoencoderKLFlux2, pixels: torch.Tensor, generator: torch.Generator
) -> torch.Tensor:
    """Returns L1, squared and edge errors, plus a small KL term of the latents."""
    with autocast(pixels.device):
        posterior = posterior_of(vae, pixels)
    return decoding_loss(vae, posterior, pixels, generator)


def decoding_loss(
    vae: AutoencoderKLFlux2,
    posterior: DiagonalGaussianDistribution,
    pixels: torch.Tensor,
    generator: torch.Generator,
) -> torch.Tensor:
    """Returns :func:`reconstruction_loss` for ``posterior``, which the encoder made of ``pixels``."""
    noise = torch.randn(posterior.mean.shape, generator=generator, device=generator.device)
    with autocast(pixels.device):
        decoded = pixels_of(vae, posterior.mean + posterior.std * noise.to(pixels.device))
    decoded = decoded.float()
    # diffusers' kl() sums over a sample's latents. The mean does not depend on the size.
    kl = posterior.kl().mean() / posterior.mean[0].numel()
    pixel_loss = functional.l1_loss(decoded, pixels) + functional.mse_loss(decoded, pixels)
    return pixel_loss + 0.5 * _edge_loss(decoded, pixels) + KL_WEIGHT * kl


def _edge_loss(one: torch.Tensor, other: torch.Tensor) -> torch.Tensor:
    """Returns the L1 error of the differences of neighbours, down and across. It keeps outlines crisp."""
    down = functional.l1_loss(one.diff(dim=2), other.diff(dim=2))
    across = functional.l1_loss(one.diff(dim=3), other.diff(dim=3))
    return down + across


def posterior_of(vae: AutoencoderKLFlux2, pixels: torch.Tensor) -> DiagonalGaussianDistribution:
    """Returns the encoder's distribution of latents, (batch, c, height/4, width/4)."""
    return cast(tuple[DiagonalGaussianDistribution], vae.encode(pixels, return_dict=False))[0]


def pixels_of(vae: AutoencoderKLFlux2, latents: torch.Tensor) -> torch.Tensor:
    """Decodes unnormalised, unpatchified latents."""
    decoded = vae.decode(cast(torch.FloatTensor, latents), return_dict=False)
    return cast(tuple[torch.Tensor], decoded)[0]


def patchify(latents: torch.Tensor) -> torch.Tensor:
    """Turns (batch, c, h, w) into (batch, 4c, h/2, w/2): 2 × 2 patches as channels, in Flux2's order."""
    batch, channels, height, width = latents.shape
    split = latents.reshape(batch, channels, height // 2, 2, width // 2, 2).permute(0, 1, 3, 5, 2, 4)
    return split.reshape(batch, channels * 4, height // 2, width // 2)


def unpatchify(latents: torch.Tensor) -> torch.Tensor:
    """Inverts :func:`patchify`."""
    batch, channels, height, width = latents.shape
    split = latents.reshape(batch, channels // 4, 2, 2, height, width).permute(0, 1, 4, 2, 5, 3)
    return split.reshape(batch, channels // 4, height * 2, width * 2)


@torch.no_grad()
def encode_pixels(vae: AutoencoderKLFlux2, pixels: torch.Tensor) -> torch.Tensor:
    """Encodes pixels to the transformer's latents: patchified, (batch, 4c, h/2, w/2), and normalised."""
    patches = patchify(posterior_of(vae, pixels).mode())
    mean, std = latent_statistics(vae)
    return (patches - mean) / std


@torch.no_grad()
def decode_latents(vae: AutoencoderKLFlux2, latents: torch.Tensor) -> torch.Tensor:
    """Inverts :func:`encode_pixels`: returns pixels from -1 to 1."""
    return pixels_of(vae, unnormalise_latents(vae, latents))


def unnormalise_latents(vae: AutoencoderKLFlux2, latents: torch.Tensor) -> torch.Tensor:
    """Turns the transformer's latents into the decoder's, (batch, c, h, w)."""
    mean, std = latent_statistics(vae)
    return unpatchify(latents * std + mean)


def latent_statistics(vae: AutoencoderKLFlux2) -> tuple[torch.Tensor, torch.Tensor]:
    """Returns the mean and the standard deviation of patchified latents, each (1, 4c, 1, 1)."""
    mean, variance = (vae.bn.get_buffer(f"running_{kind}").view(1, -1, 1, 1) for kind in ("mean", "var"))
    return mean, torch.sqrt(variance + vae.config["batch_norm_eps"])


@torch.no_grad()
def measure_statistics(vae: AutoencoderKLFlux2, config: TrainingConfig, batches: int = 40) -> None:
    """Measures, on fresh scenes, the latents' mean and variance, by which pipelines normalise."""
    device = next(vae.parameters()).device
    rows = [
        patchify(posterior_of(vae, fresh_pictures(config, n).to(device)).mode())
        .permute(0, 2, 3, 1)
        .flatten(0, 2)
        for n in range(batches)
    ]
    values = torch.cat(rows).double()
    vae.bn.get_buffer("running_mean").copy_(values.mean(0))
    vae.bn.get_buffer("running_var").copy_(values.var(0))


@torch.no_grad()
def measure_channel_weights(vae: AutoencoderKLFlux2, config: TrainingConfig) -> torch.Tensor:
    """Measures how much an error in each of the transformer's channels changes the picture.

    Returns the square roots of the pixels' squared changes in fresh scenes, (1, 4c, 1, 1), with a mean of 1.
    All channels are normalised, but some of them are hardly seen: without weights they are most of a loss.
    """
    device = next(vae.parameters()).device
    generator = torch.Generator(device).manual_seed(config.seed)
    latents = encode_pixels(vae, fresh_pictures(config, 20_000).to(device))
    exact = decode_latents(vae, latents)
    changes = []
    for channel in range(latents.shape[1]):
        wrong = latents.clone()
        error = torch.randn(latents[:, channel].shape, generator=generator, device=device)
        wrong[:, channel] += _MEASURED_ERROR * error
        changes.append(functional.mse_loss(decode_latents(vae, wrong), exact))
    weights = torch.stack(changes).sqrt().view(1, -1, 1, 1)
    return weights / weights.mean()


@torch.no_grad()
def measure_psnr(vae: AutoencoderKLFlux2, config: TrainingConfig, batches: int = 20) -> float:
    """Returns the PSNR of reconstructed fresh scenes, in dB, over all of their pixels."""
    device = next(vae.parameters()).device
    total, count = 0.0, 0
    for n in range(batches):
        pixels = fresh_pictures(config, 10_000 + n).to(device)
        decoded = pixels_of(vae, posterior_of(vae, pixels).mode()).clamp(-1, 1)
        total += functional.mse_loss(decoded, pixels, reduction="sum").item()
        count += pixels.numel()
    return 10 * float(np.log10(4.0 / (total / count)))
