"""A pipeline's autoencoder is trained further, with more channels or its decoder alone, and resumes."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from training.networks.autoencoder import encode_pixels
from training.networks.config import TrainingConfig
from training.networks.pipeline_folder import load_sampler
from training.starter import train_autoencoder
from training.starter.starter_training import StarterTraining

pytestmark = pytest.mark.slow


@pytest.fixture(autouse=True)
def tiny_preset(tiny: TrainingConfig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(train_autoencoder.PRESETS, "cpu", tiny)


def train_in_two_parts(part: str, pipeline: Path, folder: Path) -> Path:
    asked = [part, f"--start={pipeline}", f"--run={folder / 'run'}", f"--out={folder / 'out'}"]
    asked += ["--channels=6", "--batch=2"]
    train_autoencoder.main([*asked, "--steps=2"])
    train_autoencoder.main([*asked, "--steps=3"])
    assert torch.load(folder / "run" / f"{part}.pt", weights_only=True)["step"] == 3
    return folder / "out"


def test_the_transformer_is_trained_on_the_wider_latents(
    pipeline: Path, tiny: TrainingConfig, tmp_path: Path
) -> None:
    wide = train_in_two_parts("latents", pipeline, tmp_path)
    assert load_sampler(wide).vae.config["latent_channels"] == 6
    training = StarterTraining(tiny, tmp_path / "further", device="cpu", stop=lambda: False, start=wide)
    further = training.train_all()
    assert further is not None
    assert further.transformer.config["in_channels"] == 24
    assert further.draw(["a red boat"], 16, 16, seed=1)[0].shape == (16, 16, 3)


def test_a_decoder_alone_is_trained_for_the_same_latents(pipeline: Path, tmp_path: Path) -> None:
    before = load_sampler(pipeline)
    written = load_sampler(train_in_two_parts("decoder", pipeline, tmp_path))
    pixels = torch.rand(2, 3, 16, 24, generator=torch.Generator().manual_seed(1)) * 2 - 1
    assert torch.equal(encode_pixels(written.vae, pixels), encode_pixels(before.vae, pixels))
    known, now = before.vae.decoder.state_dict(), written.vae.decoder.state_dict()
    assert any(not torch.equal(known[name], now[name]) for name in known)
