"""The critic's training data: degraded pictures of scenes, with the ground truth of each."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from diffusers.models.autoencoders.autoencoder_kl_flux2 import AutoencoderKLFlux2
from torch.nn import functional

from training.critic.scene_facts import facts_of_scene
from training.networks.autoencoder import decode_latents, encode_pixels, to_pixels
from training.networks.mixed_precision import autocast
from training.scenes.ground_truth import region_map
from training.scenes.scene_sampling import BUCKETS, Scene, render_scene, sample_scene
from worker.scene_critic.network import CELL
from worker.scene_critic.picture_facts import FACTS

_DECODED_SHARE = 0.4
_MOST_LATENT_NOISE = 0.45  # in standard deviations: lines waver and colours mix, as in a model's errors


@dataclass(frozen=True)
class CriticBatch:
    """Pictures (batch, 3, h, w) in 0–1, the layout (batch, 2, h/8, w/8), and each fact's answers."""

    pictures: torch.Tensor
    layout: torch.Tensor
    facts: dict[str, torch.Tensor]


def sample_batch(
    seed: int, step: int, size: int, autoencoder: AutoencoderKLFlux2 | None = None
) -> CriticBatch:
    """Returns the batch of step ``step``. Some batches pass through ``autoencoder``, as drawn pictures do."""
    rng = random.Random(f"critic {seed} {step}")
    width, height = BUCKETS[0] if rng.random() < 0.5 else rng.choice(BUCKETS)
    scenes = [_sample_scene(rng, wide=width >= height) for _ in range(size)]
    pictures = to_pixels([render_scene(scene, width, height) for scene in scenes]) / 2 + 0.5
    maps = [np.stack(region_map(scene, width, height, cell=CELL)) for scene in scenes]
    layout = torch.from_numpy(np.stack(maps)).long()
    generator = torch.Generator().manual_seed(step)
    if autoencoder is not None and rng.random() < _DECODED_SHARE:
        pictures = _decode_with_noise(pictures, autoencoder, rng.uniform(0, _MOST_LATENT_NOISE), generator)
    return CriticBatch(_degrade_pictures(pictures, rng, generator), layout, _fact_answers(scenes))


def _sample_scene(rng: random.Random, *, wide: bool) -> Scene:
    """Samples a scene; half of them have something rare in them, so that it is learnt too."""
    held_out = rng.random() < 0.1
    wanted = rng.choice(_RARE) if rng.random() < 0.5 else _is_any_scene
    while True:
        scene = sample_scene(rng, wide=wide, held_out=held_out)
        if wanted(scene):
            return scene


def _is_any_scene(scene: Scene) -> bool:
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


def _fact_answers(scenes: list[Scene]) -> dict[str, torch.Tensor]:
    truths = [facts_of_scene(scene) for scene in scenes]
    return {
        name: torch.tensor([answers.index(truth[name]) for truth in truths])
        for name, answers in FACTS.items()
    }


@torch.no_grad()
def _decode_with_noise(
    pictures: torch.Tensor, autoencoder: AutoencoderKLFlux2, noise: float, generator: torch.Generator
) -> torch.Tensor:
    with autocast(pictures.device):
        latents = encode_pixels(autoencoder, pictures * 2 - 1)
        latents = latents + noise * torch.randn(latents.shape, generator=generator)
        return (decode_latents(autoencoder, latents).float() / 2 + 0.5).clamp(0, 1)


def _degrade_pictures(pictures: torch.Tensor, rng: random.Random, generator: torch.Generator) -> torch.Tensor:
    """Blurs, adds noise and changes light and colour a little, as in a small model's pictures."""
    _, _, height, width = pictures.shape
    if rng.random() < 0.6:
        share = rng.uniform(0.4, 0.9)
        small = (max(8, round(height * share)), max(8, round(width * share)))
        pictures = functional.interpolate(pictures, small, mode="area")
        pictures = functional.interpolate(pictures, (height, width), mode="bicubic")
    shape = (len(pictures), 3, 1, 1)
    gain = 1 + 0.12 * torch.randn(shape, generator=generator).clamp(-2, 2) * rng.random()
    noise = rng.uniform(0, 0.05) * torch.randn(pictures.shape, generator=generator)
    return (pictures * gain + noise).clamp(0, 1)
