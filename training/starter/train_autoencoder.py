"""``python -m training.starter.train_autoencoder`` trains a pipeline's autoencoder further, and resumes.

``latents`` gives it more latent channels, beside those that the transformer knows. The result is a folder for
``python -m training.starter.train --config continued --start``: the transformer still has to learn the new
channels. ``decoder`` trains the decoder alone, for the latents as they are. After both, the enlarger has to
learn what the new decoder makes.
"""

from __future__ import annotations

import argparse
import copy
import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import torch
from diffusers.models.autoencoders.autoencoder_kl_flux2 import AutoencoderKLFlux2

from training.networks.autoencoder import (
    decoding_loss,
    fresh_pictures,
    measure_psnr,
    measure_statistics,
    posterior_of,
)
from training.networks.config import PRESETS, TrainingConfig, TrainingSpan
from training.networks.mixed_precision import autocast
from training.networks.optimizers import adamw
from training.networks.pipeline_folder import load_sampler
from training.networks.sampler import Sampler
from training.networks.stop_signals import stop_on_signals
from training.networks.training_phase import TrainingPhase
from training.networks.wider_latents import WiderAutoencoder, with_wider_latents
from training.starter.export import export_pipeline
from worker.settings import EMBEDDED_MODEL


class DecoderAlone(torch.nn.Module):
    """An autoencoder in training whose encoder is frozen."""

    def __init__(self, vae: AutoencoderKLFlux2) -> None:
        super().__init__()
        self.vae = vae.train().requires_grad_(False)
        self.vae.decoder.requires_grad_(True)

    def loss(self, pixels: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
        """Returns the reconstruction's loss."""
        with torch.no_grad(), autocast(pixels.device):
            posterior = posterior_of(self.vae, pixels)
        return decoding_loss(self.vae, posterior, pixels, generator)


def train_autoencoder(
    part: str, sampler: Sampler, config: TrainingConfig, run: Path, stop: Callable[[], bool]
) -> Sampler | None:
    """Trains a ``part``, "latents" or "decoder", on fresh renders. The checkpoints are in ``run``.

    Returns None if it was stopped before the end.
    """
    torch.manual_seed(config.seed)
    training: WiderAutoencoder | DecoderAlone
    if part == "latents":
        trained = with_wider_latents(sampler, config.autoencoder.latent_channels)
        training = WiderAutoencoder(trained.vae, sampler.vae)
    else:
        trained = sampler
        training = DecoderAlone(trained.vae)
    averaged = copy.deepcopy(training).eval()
    optimizers = adamw(training, config.autoencoder_rate)
    phase = TrainingPhase(part, training, run, config.autoencoder_span, optimizers, ema=0.997)

    def loss_at(step: int) -> torch.Tensor:
        generator = torch.Generator().manual_seed(config.seed * 1_000_003 + step)
        return training.loss(fresh_pictures(config, step), generator)

    def measure() -> None:
        averaged.load_state_dict(phase.averaged())
        print(f"step {phase.step}: {measure_psnr(averaged.vae, config):.2f} dB", flush=True)

    phase.run(loss_at, at_checkpoint=measure, stop=stop)
    if not phase.done:
        return None
    averaged.load_state_dict(phase.averaged())
    if part == "latents":
        measure_statistics(averaged.vae, config)
    return replace(trained, vae=averaged.vae)


def _parse_arguments(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m training.starter.train_autoencoder", description=__doc__)
    parser.add_argument("part", choices=("latents", "decoder"), help="what is trained")
    parser.add_argument("--start", type=Path, default=EMBEDDED_MODEL, help="a trained pipeline's folder")
    parser.add_argument(
        "--run", type=Path, default=Path("runs/autoencoder"), help="checkpoints and the journal"
    )
    parser.add_argument("--out", type=Path, required=True, help="the folder of the pipeline that results")
    parser.add_argument("--config", choices=PRESETS, default="cpu", help="the preset: sizes and seed")
    parser.add_argument("--channels", type=int, default=32, help="the latents' channels afterwards")
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--steps", type=int, default=10_000, help="at most")
    parser.add_argument("--batch", type=int, default=8, help="pictures a step")
    parser.add_argument("--rate", type=float, default=1e-3)
    parser.add_argument("--threads", type=int, default=1)
    return parser.parse_args(arguments)


def main(arguments: Sequence[str] | None = None) -> None:
    asked = _parse_arguments(arguments)
    asked.run.mkdir(parents=True, exist_ok=True)
    torch.set_num_threads(asked.threads)
    preset = PRESETS[asked.config]
    config = replace(
        preset,
        autoencoder=replace(preset.autoencoder, latent_channels=asked.channels),
        autoencoder_span=TrainingSpan(asked.minutes, asked.steps),
        autoencoder_batch=asked.batch,
        autoencoder_rate=asked.rate,
    )
    sampler = load_sampler(asked.start)
    trained = train_autoencoder(asked.part, sampler, config, asked.run, stop_on_signals())
    if trained is None:
        print("stopped; the same command goes on from here", flush=True)
        return
    card = json.loads((asked.start / "plantain.json").read_text())
    export_pipeline(trained, config, asked.out, card["revision"])


if __name__ == "__main__":
    main()
