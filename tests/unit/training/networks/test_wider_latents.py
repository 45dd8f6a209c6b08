"""A pipeline with more latent channels draws as before, and its autoencoder learns to use them."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from training.networks.autoencoder import decode_latents, encode_pixels
from training.networks.optimizers import adamw
from training.networks.pipeline_folder import load_sampler
from training.networks.sampler import Sampler
from training.networks.transformer import predict_velocity
from training.networks.wider_latents import WiderAutoencoder, with_wider_latents

pytestmark = pytest.mark.slow

KNOWN, CHANNELS = 4, 6


@pytest.fixture
def sampler(pipeline: Path) -> Sampler:
    return load_sampler(pipeline)


@pytest.fixture
def pixels() -> torch.Tensor:
    return torch.rand(2, 3, 16, 24, generator=torch.Generator().manual_seed(1)) * 2 - 1


def test_pictures_stay_as_they_are(sampler: Sampler, pixels: torch.Tensor) -> None:
    wider = with_wider_latents(sampler, CHANNELS)
    before, now = encode_pixels(sampler.vae, pixels), encode_pixels(wider.vae, pixels)
    assert now.shape == (2, 4 * CHANNELS, 2, 3)
    torch.testing.assert_close(now[:, : 4 * KNOWN], before)
    assert now[:, 4 * KNOWN :].std() > 0
    torch.testing.assert_close(decode_latents(wider.vae, now), decode_latents(sampler.vae, before))


def test_the_transformer_says_the_same_of_the_known_channels_and_nothing_of_the_new(
    sampler: Sampler, pixels: torch.Tensor
) -> None:
    wider = with_wider_latents(sampler, CHANNELS)
    embeddings = torch.randn(2, 5, 64, generator=torch.Generator().manual_seed(2))
    level = torch.full((2,), 0.5)
    before = predict_velocity(
        sampler.transformer, encode_pixels(sampler.vae, pixels), None, embeddings, level
    )
    now = predict_velocity(wider.transformer, encode_pixels(wider.vae, pixels), None, embeddings, level)
    torch.testing.assert_close(now[:, : 4 * KNOWN], before)
    assert before.abs().max() > 0
    assert torch.equal(now[:, 4 * KNOWN :], torch.zeros_like(now[:, 4 * KNOWN :]))


def test_fewer_channels_are_refused(sampler: Sampler) -> None:
    with pytest.raises(ValueError, match="have 4 channels"):
        with_wider_latents(sampler, KNOWN)


def test_training_lowers_the_loss_and_leaves_the_autoencoder_before(
    sampler: Sampler, pixels: torch.Tensor
) -> None:
    known = {name: weight.clone() for name, weight in sampler.vae.state_dict().items()}
    training = WiderAutoencoder(with_wider_latents(sampler, CHANNELS).vae, sampler.vae)
    (optimizer,) = adamw(training, 3e-3)
    losses: list[float] = []
    for _ in range(30):
        loss = training.loss(pixels, torch.Generator().manual_seed(3))
        training.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert losses[-1] < 0.9 * losses[0]
    assert all(torch.equal(weight, known[name]) for name, weight in sampler.vae.state_dict().items())
