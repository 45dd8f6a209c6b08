"""Errors in latents such as a denoiser leaves, for the training of what turns latents into large pictures."""

from __future__ import annotations

import random
from collections.abc import Sequence

import torch
from torch.nn import functional

from training.examples.captions import sample_caption
from training.scenes.composition import Scene

from .sampler import Sampler
from .text_encoder import embed_texts
from .transformer import predict_velocity

_MOST_NOISE = 0.3  # standard deviations of the latents
_DENOISED_FROM = (0.15, 0.75)  # noise levels from which the student predicts a picture in one step


def with_latent_errors(
    sampler: Sampler,
    latents: torch.Tensor,
    scenes: Sequence[Scene],
    rng: random.Random,
    generator: torch.Generator,
) -> torch.Tensor:
    """Returns latents with errors: none, noise or the student's own, each in a third of the cases."""
    kind = rng.randrange(3)
    if kind == 0:
        return latents
    if kind == 1:
        return with_noise(latents, generator)
    texts = [sample_caption(scene, rng).text for scene in scenes]
    return _denoised_once(sampler, latents, texts, rng.uniform(*_DENOISED_FROM), generator)


def with_noise(latents: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
    """Returns the latents with white and smooth errors, up to 0.3 standard deviations for each picture."""
    strength = torch.rand(len(latents), 1, 1, 1, generator=generator) * _MOST_NOISE
    white = torch.randn(latents.shape, generator=generator)
    smooth = 3 * functional.avg_pool2d(functional.pad(white, (1, 1, 1, 1), mode="replicate"), 3, 1)
    return latents + strength * 0.7 * (white + smooth)


@torch.no_grad()
def _denoised_once(
    sampler: Sampler, latents: torch.Tensor, texts: list[str], level: float, generator: torch.Generator
) -> torch.Tensor:
    """Returns the latents with the student's own errors, which it makes in one step from ``level``."""
    noisy = (1 - level) * latents + level * torch.randn(latents.shape, generator=generator)
    embeddings = embed_texts(sampler.text_encoder, sampler.tokenizer, texts, sampler.text)
    sigma = torch.full((len(latents),), level)
    return noisy - level * predict_velocity(sampler.transformer, noisy, None, embeddings, sigma)
