"""Latents with more channels, for a pipeline that is trained already.

The autoencoder's first channels stay those that the transformer knows, so that the transformer goes on from
its weights. The new channels learn to hold what the first ones lose.
"""

from __future__ import annotations

from dataclasses import replace

import torch
from diffusers.models.autoencoders.autoencoder_kl_flux2 import AutoencoderKLFlux2
from diffusers.models.transformers.transformer_flux2 import Flux2Transformer2DModel
from torch.nn import functional

from .autoencoder import decoding_loss, latent_statistics, patchify, posterior_of
from .mixed_precision import autocast
from .pipeline_folder import shape_of
from .sampler import Sampler

_KEEP_WEIGHT = 1.0  # of the loss that keeps the first channels as they are
_MOMENTS = {"encoder.conv_out": (True, False), "quant_conv": (True, True)}
"""Whether a layer's outputs, and its inputs, are means and then the logarithms of as many variances."""


def with_wider_latents(sampler: Sampler, channels: int) -> Sampler:
    """Returns a copy of ``sampler`` with ``channels`` latent channels, whose pictures are the same.

    Raises:
        ValueError: The autoencoder has as many channels already, or more.
    """
    known = sampler.vae.config["latent_channels"]
    if channels <= known:
        raise ValueError(f"The latents have {known} channels. {channels} are not more.")
    return replace(
        sampler,
        vae=_widen_autoencoder(sampler.vae, channels),
        transformer=_widen_transformer(sampler.transformer, channels),
    )


class WiderAutoencoder(torch.nn.Module):
    """A widened autoencoder in training. Its first channels are held to those of the one before."""

    def __init__(self, wider: AutoencoderKLFlux2, before: AutoencoderKLFlux2) -> None:
        super().__init__()
        self.vae = wider.train().requires_grad_(True)
        self._before = (before,)  # in a tuple, so that it is not among this module's weights

    def loss(self, pixels: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
        """Returns the loss of the reconstruction and of the first channels' latents."""
        (before,) = self._before
        _, std = latent_statistics(before)
        with autocast(pixels.device):
            posterior = posterior_of(self.vae, pixels)
            with torch.no_grad():
                wanted = patchify(posterior_of(before, pixels).mean)
        known = patchify(posterior.mean)[:, : wanted.shape[1]]
        changed = functional.mse_loss(known / std, wanted / std)
        return decoding_loss(self.vae, posterior, pixels, generator) + _KEEP_WEIGHT * changed


@torch.no_grad()
def _widen_autoencoder(vae: AutoencoderKLFlux2, channels: int) -> AutoencoderKLFlux2:
    wider = AutoencoderKLFlux2(**shape_of(vae, latent_channels=channels)).eval()
    known = vae.config["latent_channels"]
    moments = torch.cat([torch.arange(known), torch.arange(known) + channels])
    before = vae.state_dict()
    for name, weight in wider.state_dict().items():
        in_moments = _MOMENTS.get(name.rpartition(".")[0], (False, False))
        places = [
            moments if halves else torch.arange(size)
            for size, halves in zip(before[name].shape, in_moments, strict=False)
        ]
        _copy_weight(before[name], weight, places)
    return wider


@torch.no_grad()
def _widen_transformer(transformer: Flux2Transformer2DModel, channels: int) -> Flux2Transformer2DModel:
    wider = Flux2Transformer2DModel(**shape_of(transformer, in_channels=4 * channels)).eval()
    wider.proj_out.weight.zero_()
    before = transformer.state_dict()
    for name, weight in wider.state_dict().items():
        _copy_weight(before[name], weight, [torch.arange(size) for size in before[name].shape[:2]])
    return wider


def _copy_weight(before: torch.Tensor, weight: torch.Tensor, places: list[torch.Tensor]) -> None:
    """Copies a layer's weight to ``places`` of a wider one, whose known outputs do not read new inputs."""
    if weight.shape == before.shape:
        weight.copy_(before)
    elif weight.ndim == 1:
        weight[places[0]] = before
    else:
        weight[places[0]] = 0
        weight[places[0][:, None], places[1]] = before
