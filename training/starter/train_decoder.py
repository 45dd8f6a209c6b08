"""``python -m training.starter.train_decoder`` trains a pipeline's large decoder and resumes after a stop."""

from __future__ import annotations

import argparse
import signal
from collections.abc import Iterator, Sequence
from pathlib import Path

import cv2
import numpy as np
import torch

from training.networks.autoencoder import decode_latents, to_pictures
from training.networks.config import TrainingSpan
from training.networks.crispness import PicturePair, measure_crispness
from training.networks.large_decoder import FACTOR, DecoderTraining
from training.networks.pipeline_folder import load_sampler, save_vae
from training.networks.sampler import GRID_PROMPTS, Sampler, picture_grid
from training.networks.training_phase import TrainingPhase
from worker.settings import EMBEDDED_MODEL

_ADVERSARIAL_FROM = 0.4  # of the training
_DISCRIMINATOR_RATE = 4e-4
_HELD_OUT = -1_000_000  # numbers of batches that are only measured on
_MEASURED = 8  # batches


def measure_decoder(training: DecoderTraining) -> tuple[float, float]:
    """Returns, for unseen scenes, the PSNR in dB and the gradient energy as a share of the true one."""
    return measure_crispness(_held_out_pairs(training))


@torch.no_grad()
def _held_out_pairs(training: DecoderTraining) -> Iterator[PicturePair]:
    for number in range(_MEASURED):
        batch = training.batch(_HELD_OUT + number, errors=False)
        yield decode_latents(training.vae, batch.latents).clamp(-1, 1), batch.pictures


def write_sheet(file: Path, training: DecoderTraining, sampler: Sampler) -> None:
    """Writes the student's pictures of fixed prompts, by the old decoder (interpolated) and the new one."""
    latents = sampler.draw_latents(GRID_PROMPTS, 64, 64, seed=0)
    with torch.no_grad():
        before = to_pictures(decode_latents(sampler.vae, latents))
        now = to_pictures(decode_latents(training.vae, latents))
    larger = [
        cv2.resize(picture, None, fx=FACTOR, fy=FACTOR, interpolation=cv2.INTER_CUBIC) for picture in before
    ]
    rows: list[np.ndarray] = []
    for first in range(0, len(now), 8):
        rows += [*larger[first : first + 8], *now[first : first + 8]]
    cv2.imwrite(str(file), cv2.cvtColor(picture_grid(rows, 8), cv2.COLOR_RGB2BGR))


def _parse_arguments(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m training.starter.train_decoder", description=__doc__)
    parser.add_argument("--pipeline", type=Path, default=EMBEDDED_MODEL)
    parser.add_argument("--run", type=Path, default=Path("runs/decoder"), help="checkpoints, journal, sheets")
    parser.add_argument("--steps", type=int, default=10_000)
    parser.add_argument("--batch", type=int, default=3, help="pictures a step")
    parser.add_argument("--rate", type=float, default=1e-3)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--seed", type=int, default=4)
    parser.add_argument(
        "--out", type=Path, help="a pipeline folder whose vae is replaced; default: --pipeline"
    )
    return parser.parse_args(arguments)


def main(arguments: Sequence[str] | None = None) -> None:
    asked = _parse_arguments(arguments)
    run: Path = asked.run
    run.mkdir(parents=True, exist_ok=True)
    torch.set_num_threads(asked.threads)
    torch.manual_seed(asked.seed)
    stopped = False

    def stop_at_next_step(*_: object) -> None:
        nonlocal stopped
        stopped = True

    signal.signal(signal.SIGINT, stop_at_next_step)
    signal.signal(signal.SIGTERM, stop_at_next_step)
    sampler = load_sampler(asked.pipeline)
    training = DecoderTraining(sampler, asked.batch, asked.seed)
    optimizers = [
        torch.optim.AdamW(weights.parameters(), lr=rate, betas=betas, weight_decay=0)
        for weights, rate, betas in (
            (training.vae.decoder, asked.rate, (0.9, 0.98)),
            (training.discriminator, _DISCRIMINATOR_RATE, (0.5, 0.99)),
        )
    ]
    phase = TrainingPhase(
        "decoder", training, run, TrainingSpan(minutes=1e9, steps=asked.steps), optimizers, ema=0.998
    )
    averaged = DecoderTraining(sampler, asked.batch, asked.seed)

    def show() -> None:
        averaged.load_state_dict(phase.averaged())
        averaged.eval()
        decibels, sharpness = measure_decoder(averaged)
        print(
            f"step {phase.step}: {decibels:.2f} dB, gradient energy {sharpness:.3f} of the truth's",
            flush=True,
        )
        write_sheet(run / f"sheet-{phase.step:06}.png", averaged, sampler)

    phase.run(
        lambda step: training.loss(step, adversarial=phase.progress > _ADVERSARIAL_FROM),
        every_minutes=8,
        at_checkpoint=show,
        stop=lambda: stopped,
    )
    if stopped:
        print("stopped; the same command goes on from here", flush=True)
        return
    averaged.load_state_dict(phase.averaged())
    save_vae(averaged.vae, asked.out or asked.pipeline)


if __name__ == "__main__":
    main()
