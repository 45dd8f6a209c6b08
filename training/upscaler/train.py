"""``python -m training.upscaler.train`` trains a super-resolution network, and resumes after a stop.

``--network starter-x4`` enlarges what the starter draws, ``illustration-x4`` what that network makes, and
``picture-x2`` any picture: docs/upscaling.md.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import cast

import cv2
import torch
from torch import nn
from torch.nn import functional

from training.networks.autoencoder import decode_latents, to_pictures
from training.networks.config import TrainingSpan
from training.networks.crispness import measure_crispness
from training.networks.discriminator import PatchDiscriminator, discriminator_loss, generator_loss
from training.networks.mixed_precision import autocast
from training.networks.pipeline_folder import load_sampler
from training.networks.sampler import GRID_PROMPTS, Sampler, picture_grid
from training.networks.stop_signals import stop_on_signals
from training.networks.training_phase import TrainingPhase
from training.upscaler.dataset import AnyPicturePairs, PairSource
from training.upscaler.illustrations import IllustrationPairs
from worker.settings import EMBEDDED_MODEL
from worker.upscaler.checkpoint import WEIGHTS, load_network, save_network
from worker.upscaler.published_architectures import UpscalingNetwork
from worker.upscaler.super_resolution import SuperResolution, SuperResolutionShape

SHAPES = {
    "illustration-x4": SuperResolutionShape(40, 8, 4),
    "starter-x4": SuperResolutionShape(72, 12, 4, warped=True),
    "picture-x2": SuperResolutionShape(32, 8, 2),
}
RATES = {"illustration-x4": 2e-3, "starter-x4": 1e-3, "picture-x2": 2e-3}
ADVERSARIAL = {"illustration-x4": 0.0, "starter-x4": 0.008, "picture-x2": 0.0}
"""The weight of the discriminator's opinion; 0 for none."""

_EDGES = 0.5  # the weight of the loss on the differences of neighbours
_ADVERSARIAL_FROM = 0.4  # of the training
_DISCRIMINATOR_RATE = 4e-4
_MEASURED = 6  # batches


class UpscalerTraining(nn.Module):
    """The network and, where its loss is adversarial, the discriminator in training.

    The network's edges are not warped here: trained through the warping, it would learn to draw softer edges.
    """

    def __init__(self, name: str) -> None:
        super().__init__()
        self.network = SuperResolution(replace(SHAPES[name], warped=False))
        self.discriminator = PatchDiscriminator() if ADVERSARIAL[name] else None
        self._adversarial = ADVERSARIAL[name]

    def loss(self, small: torch.Tensor, large: torch.Tensor, *, adversarial: bool) -> torch.Tensor:
        """Returns the L1 error of pixels and of edges; ``adversarial`` adds the adversarial losses."""
        with autocast(small.device):
            made = self.network(small.contiguous(memory_format=torch.channels_last)).float()
        across = functional.l1_loss(made.diff(dim=3), large.diff(dim=3))
        down = functional.l1_loss(made.diff(dim=2), large.diff(dim=2))
        loss = functional.l1_loss(made, large) + _EDGES * (across + down)
        if adversarial and self.discriminator is not None:
            drawn, real = 2 * made - 1, 2 * large - 1
            loss = loss + self._adversarial * generator_loss(self.discriminator, drawn)
            loss = loss + discriminator_loss(self.discriminator, drawn, real)
        return loss

    def optimizers(self, rate: float) -> list[torch.optim.Optimizer]:
        """Returns the optimizer of the network, and that of its discriminator."""
        found: list[torch.optim.Optimizer] = [
            torch.optim.AdamW(self.network.parameters(), lr=rate, betas=(0.9, 0.99), weight_decay=0)
        ]
        if self.discriminator is not None:
            found.append(
                torch.optim.AdamW(
                    self.discriminator.parameters(), lr=_DISCRIMINATOR_RATE, betas=(0.5, 0.99), weight_decay=0
                )
            )
        return found


Report = Callable[[SuperResolution, int], None]
"""Is given the averaged network at a checkpoint, and the number of steps."""


def train_upscaler(
    name: str,
    pairs: PairSource,
    run: Path,
    span: TrainingSpan,
    report: Report,
    stop: Callable[[], bool],
    start: Path | None = None,
) -> SuperResolution:
    """Trains for ``span``, or resumes the run in the folder ``run``. Returns the averaged network.

    ``start`` is a folder with a network of this name, which is trained further; None begins anew.
    """
    training, averaged = UpscalerTraining(name), UpscalerTraining(name)
    if start is not None:
        training.network.load_state_dict(cast(nn.Module, load_network(name, start)).state_dict())
    phase = TrainingPhase("upscaler", training, run, span, training.optimizers(RATES[name]), ema=0.998)

    def average() -> SuperResolution:
        averaged.load_state_dict(phase.averaged())
        network = SuperResolution(SHAPES[name])
        network.load_state_dict(averaged.network.state_dict())
        return network.eval()

    phase.run(
        lambda step: training.loss(*pairs.batch(step), adversarial=phase.progress > _ADVERSARIAL_FROM),
        at_checkpoint=lambda: report(average(), phase.step),
        stop=stop,
    )
    return average()


@torch.no_grad()
def show_illustrations(
    network: UpscalingNetwork,
    before: UpscalingNetwork,
    sampler: Sampler,
    pairs: IllustrationPairs,
    file: Path,
) -> str:
    """Writes the student's pictures, enlarged by the network before and by this one; returns its figures."""
    batches = [pairs.held_out(number) for number in range(_MEASURED)]
    figures = measure_crispness(
        (2 * network(small).clamp(0, 1) - 1, 2 * large - 1) for small, large in batches
    )
    small = (
        decode_latents(sampler.vae, sampler.draw_latents(GRID_PROMPTS, 64, 64, seed=0)).clamp(-1, 1) + 1
    ) / 2
    enlarged = [to_pictures(2 * each(small) - 1) for each in (before, network)]
    rows = [
        picture
        for first in range(0, len(GRID_PROMPTS), 8)
        for pictures in enlarged
        for picture in pictures[first : first + 8]
    ]
    cv2.imwrite(str(file), cv2.cvtColor(picture_grid(rows, 8), cv2.COLOR_RGB2BGR))
    return f"{figures[0]:.2f} dB, gradient energy {figures[1]:.3f} of the truth's"


def _parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m training.upscaler.train", description=__doc__)
    parser.add_argument("--network", choices=SHAPES, default="picture-x2")
    parser.add_argument("--run", type=Path, help="runs/NETWORK: checkpoints, the journal, sheets")
    parser.add_argument("--minutes", type=float, default=24)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--start", type=Path, help="a folder of weights: the network in it is trained further"
    )
    parser.add_argument("--starter", type=Path, default=EMBEDDED_MODEL, help="a trained pipeline's folder")
    parser.add_argument("--out", type=Path, default=WEIGHTS)
    return parser.parse_args()


def _build_illustrations(name: str, starter: Path, run: Path, seed: int) -> tuple[PairSource, Report]:
    sampler, before = load_sampler(starter), load_network("illustration-x4")
    pairs = IllustrationPairs(sampler, SHAPES[name].factor, seed)

    def report(network: SuperResolution, step: int) -> None:
        figures = show_illustrations(network, before, sampler, pairs, run / f"sheet-{step:06}.png")
        print(f"step {step}: {figures}", flush=True)

    return pairs, report


def _print_step(_: SuperResolution, step: int) -> None:
    print(f"step {step}", flush=True)


def main() -> None:
    asked = _parse_arguments()
    run: Path = asked.run or Path("runs") / asked.network
    run.mkdir(parents=True, exist_ok=True)
    torch.set_num_threads(asked.threads)
    torch.manual_seed(asked.seed)
    stopped = stop_on_signals()
    if asked.network.startswith("picture"):
        pairs, report = AnyPicturePairs(SHAPES[asked.network].factor, asked.seed), _print_step
    else:
        pairs, report = _build_illustrations(asked.network, asked.starter, run, asked.seed)
    span = TrainingSpan(minutes=asked.minutes)
    network = train_upscaler(asked.network, pairs, run, span, report, stopped, asked.start)
    if stopped():
        print("stopped; the same command goes on from here", flush=True)
        return
    save_network(network, asked.network, asked.out)


if __name__ == "__main__":
    main()
