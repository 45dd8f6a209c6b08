"""A decoder that draws larger than its encoder looks is trained on frozen latents, and resumes."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import torch
from diffusers.models.autoencoders.autoencoder_kl_flux2 import AutoencoderKLFlux2

from training.networks.autoencoder import decode_latents, encode_pixels
from training.networks.config import TrainingConfig
from training.networks.discriminator import generator_loss
from training.networks.large_decoder import FACTOR, DecoderTraining, with_large_decoder
from training.networks.pipeline_folder import load_sampler
from training.starter import train_decoder

pytestmark = pytest.mark.slow

WIDTHS = (8, 8, 8, 8, 8)


def test_the_encoder_and_the_latents_stay_as_they_are(pipeline: Path) -> None:
    before = load_sampler(pipeline).vae
    large = with_large_decoder(before, WIDTHS)
    pixels = torch.rand(2, 3, 16, 24, generator=torch.Generator().manual_seed(1)) * 2 - 1
    latents = encode_pixels(before, pixels)
    assert torch.equal(encode_pixels(large, pixels), latents)
    assert decode_latents(large, latents).shape == (2, 3, FACTOR * 16, FACTOR * 24)
    trained = {name for name, weight in large.named_parameters() if weight.requires_grad}
    assert trained
    assert all(name.startswith("decoder.") for name in trained)


def test_pairs_are_a_function_of_the_step(pipeline: Path) -> None:
    training = DecoderTraining(load_sampler(pipeline), 2, 1, WIDTHS)
    batches = [training.batch(step) for step in range(6)]
    for step, batch in enumerate(batches):
        assert batch.pictures.shape[2] == FACTOR * 8 * batch.latents.shape[2]
        assert torch.equal(training.batch(step).latents, batch.latents)
    exact = [training.batch(step, errors=False).latents for step in range(6)]
    changed = [not torch.equal(batch.latents, clean) for batch, clean in zip(batches, exact, strict=True)]
    assert any(changed)
    assert not all(changed)


def test_the_discriminator_learns_from_its_own_loss_alone(pipeline: Path) -> None:
    training = DecoderTraining(load_sampler(pipeline), 1, 1, WIDTHS)
    training.loss(0, adversarial=False).backward()
    assert all(weight.grad is None for weight in training.discriminator.parameters())
    training.zero_grad(set_to_none=True)
    drawn = torch.rand(1, 3, 32, 32, requires_grad=True)
    generator_loss(training.discriminator, drawn).backward()
    assert drawn.grad is not None
    assert all(weight.grad is None for weight in training.discriminator.parameters())
    training.loss(0, adversarial=True).backward()
    assert all(weight.grad is not None for weight in training.discriminator.parameters())


def test_a_stopped_training_goes_on_and_replaces_the_decoder_alone(
    pipeline: Path, tiny: TrainingConfig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(train_decoder, "_MEASURED", 1)
    monkeypatch.setattr(train_decoder, "DecoderTraining", partial(DecoderTraining, widths=WIDTHS))
    out, run = tmp_path / "out", tmp_path / "run"
    arguments = ["--pipeline", str(pipeline), "--run", str(run), "--batch", "1", "--out", str(out)]
    train_decoder.main([*arguments, "--steps", "2"])
    train_decoder.main([*arguments, "--steps", "3"])
    steps = torch.load(run / "decoder.pt", weights_only=True)["step"]
    assert steps == 3
    assert list(run.glob("sheet-*.png"))
    saved = AutoencoderKLFlux2.from_pretrained(out, subfolder="vae", torch_dtype=torch.float32)
    before = load_sampler(pipeline).vae
    pixels = torch.rand(1, 3, 16, 16) * 2 - 1
    np.testing.assert_array_equal(encode_pixels(saved, pixels), encode_pixels(before, pixels))
    assert json.loads((out / "vae" / "config.json").read_text())["_name_or_path"] == ""
    del tiny
