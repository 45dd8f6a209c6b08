"""``python -m training.upscaler.train`` trains a super-resolution network, and resumes after a stop.

``--network illustration-x4`` enlarges what the starter draws at its small size, ``picture-x2`` any picture.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import torch
from diffusers.models.autoencoders.autoencoder_kl_flux2 import AutoencoderKLFlux2
from torch.nn import functional

from training.networks.config import TrainingSpan
from training.networks.training_phase import TrainingPhase
from training.upscaler.dataset import AnyPicturePairs, IllustrationPairs, PairSource
from worker.settings import EMBEDDED_MODEL
from worker.upscaler.checkpoint import WEIGHTS, save_network
from worker.upscaler.super_resolution import SuperResolution, SuperResolutionShape

SHAPES = {"illustration-x4": SuperResolutionShape(40, 8, 4), "picture-x2": SuperResolutionShape(32, 8, 2)}
_EDGES = 0.5  # the weight of the loss on the differences of neighbours


def upscaling_loss(network: SuperResolution, small: torch.Tensor, large: torch.Tensor) -> torch.Tensor:
    """Returns the L1 error of pixels and of edges."""
    with torch.autocast(small.device.type, torch.bfloat16):
        made = network(small.contiguous(memory_format=torch.channels_last)).float()
    across = functional.l1_loss(made.diff(dim=3), large.diff(dim=3))
    down = functional.l1_loss(made.diff(dim=2), large.diff(dim=2))
    return functional.l1_loss(made, large) + _EDGES * (across + down)


def train_upscaler(name: str, pairs: PairSource, run: Path, minutes: float, seed: int) -> SuperResolution:
    """Trains for ``minutes``, or resumes the run in the folder ``run``."""
    torch.manual_seed(seed)
    network = SuperResolution(SHAPES[name])
    optimizer = torch.optim.AdamW(network.parameters(), lr=2e-3, weight_decay=0)
    phase = TrainingPhase("upscaler", network, run, TrainingSpan(minutes=minutes), [optimizer], ema=0.99)
    phase.run(lambda step: upscaling_loss(network, *pairs.batch(step)))
    network.load_state_dict(phase.averaged())
    return network


def build_pair_source(name: str, seed: int, starter: Path) -> PairSource:
    """Builds the training pairs for the network ``name``."""
    factor = SHAPES[name].factor
    if name.startswith("picture"):
        return AnyPicturePairs(factor, seed)
    vae = AutoencoderKLFlux2.from_pretrained(starter, subfolder="vae", torch_dtype=torch.float32).eval()
    return IllustrationPairs(vae, factor, seed)


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--network", choices=SHAPES, default="picture-x2")
    arguments.add_argument("--run", type=Path, help="runs/NETWORK: checkpoints and the journal")
    arguments.add_argument("--minutes", type=float, default=24)
    arguments.add_argument("--seed", type=int, default=1)
    arguments.add_argument(
        "--starter", type=Path, default=EMBEDDED_MODEL, help="a pipeline with a trained vae"
    )
    arguments.add_argument("--out", type=Path, default=WEIGHTS)
    asked = arguments.parse_args()
    run: Path = asked.run or Path("runs") / asked.network
    run.mkdir(parents=True, exist_ok=True)
    pairs = build_pair_source(asked.network, asked.seed, asked.starter)
    save_network(
        train_upscaler(asked.network, pairs, run, asked.minutes, asked.seed), asked.network, asked.out
    )


if __name__ == "__main__":
    main()
