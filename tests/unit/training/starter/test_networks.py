"""The modules' own arithmetic: pixels, patches, latents, noise levels and the loss."""

from __future__ import annotations

import pytest
import torch

from training.networks.autoencoder import (
    build_autoencoder,
    decode_latents,
    encode_pixels,
    fresh_pictures,
    measure_channel_weights,
    measure_statistics,
    patchify,
    pixels_of,
    posterior_of,
    to_pictures,
    to_pixels,
    unpatchify,
)
from training.networks.config import TrainingConfig
from training.networks.transformer import (
    build_transformer,
    flow_loss,
    noise_levels,
    predict_velocity,
    velocity_loss,
)


def test_patches_are_two_by_two_and_come_apart_again() -> None:
    latents = torch.randn(2, 3, 4, 6)
    assert torch.equal(patchify(latents)[:, :4, 0, 0], latents[:, 0, :2, :2].flatten(1))
    assert torch.equal(unpatchify(patchify(latents)), latents)


def test_pixels_and_pictures_are_inverse(tiny: TrainingConfig) -> None:
    pixels = fresh_pictures(tiny, 0)
    assert pixels.min() >= -1
    assert pixels.max() <= 1
    assert torch.equal(to_pixels(to_pictures(pixels)), pixels)


def test_encoded_latents_have_unit_variance_and_decode_back(tiny: TrainingConfig) -> None:
    torch.manual_seed(0)
    vae = build_autoencoder(tiny.autoencoder, 64).eval()
    measure_statistics(vae, tiny, batches=8)
    pixels = torch.cat([fresh_pictures(tiny, n) for n in range(-8, 0) if _square(tiny, n)])
    latents = encode_pixels(vae, pixels)
    assert 0.6 < latents.std() < 1.4
    expected = pixels_of(vae, posterior_of(vae, pixels).mode())
    assert torch.allclose(decode_latents(vae, latents), expected, atol=1e-3)


def test_noise_levels_lie_between_picture_and_noise_and_shift_upwards() -> None:
    plain, shifted = (noise_levels(512, shift, torch.Generator().manual_seed(0)) for shift in (1.0, 3.0))
    assert plain.min() > 0
    assert shifted.max() < 1
    assert abs(plain.mean() - 0.5) < 0.01
    assert (shifted > plain).all()


def test_an_untrained_transformer_predicts_nothing_and_can_learn(tiny: TrainingConfig) -> None:
    torch.manual_seed(0)
    transformer = build_transformer(tiny.transformer, tiny.text, tiny.autoencoder.latent_channels)
    latents, text = torch.randn(2, 16, 2, 3), torch.randn(2, 5, 64)
    predicted = predict_velocity(transformer, latents, latents, text, torch.tensor([0.2, 0.9]))
    assert predicted.shape == latents.shape
    assert not predicted.any()
    weights = torch.ones(1, 16, 1, 1)
    flow_loss(transformer, latents, None, text, 2.0, torch.Generator().manual_seed(0), weights).backward()
    assert transformer.proj_out.weight.grad is not None
    assert transformer.proj_out.weight.grad.any()


def test_a_channel_that_the_decoder_does_not_read_has_no_weight(tiny: TrainingConfig) -> None:
    torch.manual_seed(0)
    vae = build_autoencoder(tiny.autoencoder, 24).eval()
    with torch.no_grad():
        vae.get_submodule("post_quant_conv").get_parameter("weight")[:, 1] = 0
    weights = measure_channel_weights(vae, tiny)
    assert weights.shape == (1, 4 * tiny.autoencoder.latent_channels, 1, 1)
    assert weights.mean().item() == pytest.approx(1)
    by_latent_channel = weights.view(tiny.autoencoder.latent_channels, 4)
    assert not by_latent_channel[1].any()
    assert (by_latent_channel[[0, 2, 3]] > 0).all()


def test_an_error_counts_as_much_as_its_channel_weighs(tiny: TrainingConfig) -> None:
    torch.manual_seed(0)
    transformer = build_transformer(tiny.transformer, tiny.text, tiny.autoencoder.latent_channels)
    noisy, text = torch.randn(2, 16, 2, 3), torch.randn(2, 5, 64)
    wanted, weights = torch.zeros(2, 16, 2, 3), torch.ones(1, 16, 1, 1)
    wanted[:, 3] = 2  # of which an untrained transformer predicts nothing
    weights[:, 3] = 0.5
    loss = velocity_loss(transformer, noisy, None, text, torch.tensor([0.2, 0.9]), wanted, weights)
    assert loss.item() == pytest.approx(0.5 * 4 / 16)


def _square(config: TrainingConfig, step: int) -> bool:
    return fresh_pictures(config, step).shape[2:] == (16, 16)
