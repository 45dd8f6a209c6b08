"""``python -m training.critic.train`` trains a detection network, and resumes after a stop.

The worker corrects by ``--variant loop``. ``--variant judge`` has another shape, other scenes and another
seed; it measures what the corrections are worth.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path

import torch
from diffusers.models.autoencoders.autoencoder_kl_flux2 import AutoencoderKLFlux2
from torch.nn import functional

from training.critic.dataset import CriticBatch, sample_batch
from training.networks.config import TrainingSpan
from training.networks.mixed_precision import autocast
from training.networks.optimizers import adamw
from training.networks.training_phase import TrainingPhase
from worker.scene_critic.checkpoint import WEIGHTS, save_detector
from worker.scene_critic.network import DetectionNetwork, DetectorShape
from worker.scene_critic.picture_facts import FACTS
from worker.scene_vocabulary.colours import COLOURS
from worker.scene_vocabulary.subjects import SUBJECTS

_BATCH = 32
_RATE = 2e-3
_FACTS_WEIGHT = 1.0


@dataclass(frozen=True)
class DetectorVariant:
    """The seed and the shape of one detection network."""

    seed: int
    widths: tuple[int, ...]
    depth: int


VARIANTS = {"loop": DetectorVariant(1, (24, 48, 96), 3), "judge": DetectorVariant(1_000, (32, 64, 112), 2)}


def detector_shape(variant: DetectorVariant) -> DetectorShape:
    """Returns the network's shape for the scene vocabulary."""
    facts = {name: len(answers) for name, answers in FACTS.items()}
    return DetectorShape(len(SUBJECTS), len(COLOURS), facts, variant.widths, variant.depth)


def detection_loss(network: DetectionNetwork, batch: CriticBatch) -> torch.Tensor:
    """Returns the cross-entropy over the cells and the facts."""
    pictures = batch.pictures.contiguous(memory_format=torch.channels_last)
    with autocast(pictures.device):
        seen = network(pictures)
    cells = functional.cross_entropy(seen.subject.float(), batch.layout[:, 0])
    colours = functional.cross_entropy(seen.colour.float(), batch.layout[:, 1])
    facts = [functional.cross_entropy(seen.facts[n].float(), answer) for n, answer in batch.facts.items()]
    return cells + colours + _FACTS_WEIGHT * torch.stack(facts).mean()


@torch.no_grad()
def measure_accuracy(network: DetectionNetwork, seed: int, batches: int = 8) -> dict[str, float]:
    """Returns the accuracy on fresh scenes: subject and colour of the figures' cells, and each fact."""
    network.eval()
    hits: dict[str, list[torch.Tensor]] = {}
    for n in range(batches):
        batch = sample_batch(seed, -1 - n, _BATCH)
        seen = network(batch.pictures)
        figure = batch.layout[:, 0] > 0
        for name, logits, truth in (
            ("subject", seen.subject, batch.layout[:, 0]),
            ("colour", seen.colour, batch.layout[:, 1]),
        ):
            hits.setdefault(name, []).append((logits.argmax(1) == truth)[figure].float().mean())
        for name, answer in batch.facts.items():
            hits.setdefault(name, []).append((seen.facts[name].argmax(1) == answer).float().mean())
    network.train()
    return {name: round(torch.stack(shares).mean().item(), 4) for name, shares in hits.items()}


def train_detector(
    variant: DetectorVariant,
    folder: Path,
    name: str,
    minutes: float,
    autoencoder: AutoencoderKLFlux2 | None = None,
) -> DetectionNetwork:
    """Trains for ``minutes``, or resumes the run in ``folder``."""
    torch.manual_seed(variant.seed)
    network = DetectionNetwork(detector_shape(variant))
    phase = TrainingPhase(
        name, network, folder, TrainingSpan(minutes=minutes), adamw(network, _RATE), ema=0.995
    )
    phase.run(
        lambda step: detection_loss(network, sample_batch(variant.seed, step, _BATCH, autoencoder)),
        at_checkpoint=lambda: print(phase.step, measure_accuracy(network, variant.seed), flush=True),
    )
    network.load_state_dict(phase.averaged())
    print(f"{name}: {phase.step} steps of {_BATCH}, {measure_accuracy(network, variant.seed)}", flush=True)
    return network.eval()


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--variant", choices=VARIANTS, default="loop")
    arguments.add_argument("--run", type=Path, default=Path("runs/critic"))
    arguments.add_argument("--minutes", type=float, default=12)
    arguments.add_argument("--threads", type=int, default=2)
    arguments.add_argument("--out", type=Path, default=WEIGHTS)
    arguments.add_argument(
        "--autoencoder",
        type=Path,
        default=Path("worker/embedded_model/vae"),
        help="the starter's: what it makes of a picture is what there is to judge",
    )
    asked = arguments.parse_args()
    torch.set_num_threads(asked.threads)
    asked.run.mkdir(parents=True, exist_ok=True)
    autoencoder = AutoencoderKLFlux2.from_pretrained(asked.autoencoder).eval()
    network = train_detector(VARIANTS[asked.variant], asked.run, asked.variant, asked.minutes, autoencoder)
    save_detector(network, asked.variant, asked.out)


if __name__ == "__main__":
    main()
