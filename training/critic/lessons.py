"""What the critic learns from: scenes, spoilt as drawn pictures are, and the truth of each."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from diffusers.models.autoencoders.autoencoder_kl_flux2 import AutoencoderKLFlux2
from torch.nn import functional

from training.critic.scene_facts import facts_of_scene
from training.scenes.scene import BUCKETS, Scene, render, sample_scene
from training.scenes.truth import region_map
from training.starter.autoencoder import decode, encode, to_pixels
from worker.scene_critic.facts import FACTS
from worker.scene_critic.network import CELL

_DECODED_SHARE = 0.4
_MOST_LATENT_NOISE = 0.45  # of the latents' own spread: lines waver and colours mix, as where a model errs


@dataclass(frozen=True)
class Lesson:
    """A batch: pictures (batch, 3, h, w) in 0–1, the layout (batch, 2, h/8, w/8), and each fact's answers."""

    pictures: torch.Tensor
    layout: torch.Tensor
    facts: dict[str, torch.Tensor]


def lesson(seed: int, step: int, size: int, autoencoder: AutoencoderKLFlux2 | None = None) -> Lesson:
    """The batch of step ``step``; some batches come out of the ``autoencoder``, as all drawn pictures do."""
    dice = random.Random(f"critic {seed} {step}")
    width, height = BUCKETS[0] if dice.random() < 0.5 else dice.choice(BUCKETS)
    scenes = [_scene(dice, wide=width >= height) for _ in range(size)]
    pictures = to_pixels([render(scene, width, height) for scene in scenes]) / 2 + 0.5
    maps = [np.stack(region_map(scene, width, height, cell=CELL)) for scene in scenes]
    layout = torch.from_numpy(np.stack(maps)).long()
    generator = torch.Generator().manual_seed(step)
    if autoencoder is not None and dice.random() < _DECODED_SHARE:
        pictures = _decoded(pictures, autoencoder, dice.uniform(0, _MOST_LATENT_NOISE), generator)
    return Lesson(_spoilt(pictures, dice, generator), layout, _answers(scenes))


def _scene(dice: random.Random, *, wide: bool) -> Scene:
    """Half of the time one with something rare in it, or what is rare would hardly be learnt."""
    held_out = dice.random() < 0.1
    wanted = dice.choice(_RARE) if dice.random() < 0.5 else _anything
    while True:
        scene = sample_scene(dice, wide=wide, held_out=held_out)
        if wanted(scene):
            return scene


def _anything(scene: Scene) -> bool:
    del scene
    return True


_RARE: tuple[Callable[[Scene], bool], ...] = (
    lambda scene: len(scene.figures) > 1,
    lambda scene: scene.figures[0].count > 1,
    lambda scene: bool(scene.place),
    lambda scene: bool(scene.season),
    lambda scene: scene.weather != "clear",
    lambda scene: scene.style != "flat",
)


def _answers(scenes: list[Scene]) -> dict[str, torch.Tensor]:
    truths = [facts_of_scene(scene) for scene in scenes]
    return {
        name: torch.tensor([answers.index(truth[name]) for truth in truths])
        for name, answers in FACTS.items()
    }


@torch.no_grad()
def _decoded(
    pictures: torch.Tensor, autoencoder: AutoencoderKLFlux2, noise: float, generator: torch.Generator
) -> torch.Tensor:
    with torch.autocast(pictures.device.type, torch.bfloat16):
        latents = encode(autoencoder, pictures * 2 - 1)
        latents = latents + noise * torch.randn(latents.shape, generator=generator)
        return (decode(autoencoder, latents).float() / 2 + 0.5).clamp(0, 1)


def _spoilt(pictures: torch.Tensor, dice: random.Random, generator: torch.Generator) -> torch.Tensor:
    """Softer, noisier and a little off in light and colour, as a small model's pictures are."""
    _, _, height, width = pictures.shape
    if dice.random() < 0.6:
        share = dice.uniform(0.4, 0.9)
        small = (max(8, round(height * share)), max(8, round(width * share)))
        pictures = functional.interpolate(pictures, small, mode="area")
        pictures = functional.interpolate(pictures, (height, width), mode="bicubic")
    shape = (len(pictures), 3, 1, 1)
    gain = 1 + 0.12 * torch.randn(shape, generator=generator).clamp(-2, 2) * dice.random()
    noise = dice.uniform(0, 0.05) * torch.randn(pictures.shape, generator=generator)
    return (pictures * gain + noise).clamp(0, 1)
