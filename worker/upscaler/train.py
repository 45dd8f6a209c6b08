"""``python -m worker.upscaler.train``: from a small render, or its decoded latents, to a large one.

The pairs are rendered at both sizes, so that the large picture has the edges that no enlarging could know.
Half of the small pictures go through the starter's autoencoder: those are what the network will be given.
"""

from __future__ import annotations

import argparse
import random
from pathlib import Path
from typing import cast

import torch
from diffusers.models.autoencoders.autoencoder_kl_flux2 import AutoencoderKLFlux2
from torch.nn import functional

from worker.starter.autoencoder import to_pixels
from worker.starter.config import Span
from worker.starter.phase import Phase
from worker.starter.scene import BUCKETS, render, sample_scene
from worker.upscaler.enlarge import WEIGHTS, save
from worker.upscaler.network import FACTOR, SuperResolution

NAME = "illustration-x4"
_BATCH = 8
_EDGES = 0.5  # the weight of the loss on the differences of neighbours
_STARTER = Path(__file__).parents[1] / "starter" / "weights"


class Pairs:
    """Small and large pictures of one scene, (batch, 3, h, w) in 0–1."""

    def __init__(self, vae: AutoencoderKLFlux2, seed: int) -> None:
        self._vae = vae
        self._seed = seed

    def batch(self, step: int) -> tuple[torch.Tensor, torch.Tensor]:
        dice = random.Random(f"upscaler {self._seed} {step}")
        width, height = dice.choice(BUCKETS)
        scenes = [sample_scene(dice, wide=width >= height) for _ in range(_BATCH)]
        large = to_pixels([render(scene, width * FACTOR, height * FACTOR) for scene in scenes])
        small = functional.interpolate(large, scale_factor=1 / FACTOR, mode="area")
        small[::2] = self._through_the_autoencoder(small[::2])
        small += torch.randn(small.shape, generator=torch.Generator().manual_seed(step)) * dice.uniform(
            0, 0.02
        )
        return (small + 1) / 2, (large + 1) / 2

    @torch.no_grad()
    def _through_the_autoencoder(self, pixels: torch.Tensor) -> torch.Tensor:
        posterior = self._vae.encode(pixels, return_dict=False)[0]
        return self._vae.decode(cast(torch.FloatTensor, posterior.mode()), return_dict=False)[0].clamp(-1, 1)


def loss(network: SuperResolution, small: torch.Tensor, large: torch.Tensor) -> torch.Tensor:
    with torch.autocast(small.device.type, torch.bfloat16):
        made = network(small).float()
    across = functional.l1_loss(made.diff(dim=3), large.diff(dim=3))
    down = functional.l1_loss(made.diff(dim=2), large.diff(dim=2))
    return functional.l1_loss(made, large) + _EDGES * (across + down)


def train(folder: Path, minutes: float, seed: int, starter: Path) -> SuperResolution:
    """Trains for that long, or goes on where a run in ``folder`` stopped."""
    torch.manual_seed(seed)
    network = SuperResolution()
    vae = AutoencoderKLFlux2.from_pretrained(starter, subfolder="vae", torch_dtype=torch.float32).eval()
    pairs = Pairs(vae, seed)
    optimizer = torch.optim.AdamW(network.parameters(), lr=2e-3, weight_decay=0)
    phase = Phase("upscaler", network, folder, Span(minutes=minutes), [optimizer])
    phase.run(lambda step: loss(network, *pairs.batch(step)))
    return network


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--run", type=Path, default=Path("runs/upscaler"))
    arguments.add_argument("--minutes", type=float, default=15)
    arguments.add_argument("--seed", type=int, default=1)
    arguments.add_argument("--starter", type=Path, default=_STARTER, help="a pipeline with a trained vae")
    arguments.add_argument("--out", type=Path, default=WEIGHTS)
    asked = arguments.parse_args()
    asked.run.mkdir(parents=True, exist_ok=True)
    save(train(asked.run, asked.minutes, asked.seed, asked.starter), NAME, asked.out)


if __name__ == "__main__":
    main()
