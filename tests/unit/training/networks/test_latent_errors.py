"""The errors that latents are given in training."""

from __future__ import annotations

import torch

from training.networks.latent_errors import with_noise


def test_noise_is_at_most_a_third_of_the_latents_spread() -> None:
    latents = torch.zeros(64, 4, 8, 8)
    noisy = with_noise(latents, torch.Generator().manual_seed(1))
    strengths = noisy.std(dim=(1, 2, 3))
    assert strengths.min() < 0.05
    assert 0.2 < strengths.max() < 0.45
