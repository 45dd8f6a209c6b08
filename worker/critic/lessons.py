"""What the critic learns from: scenes, spoilt as drawn pictures are, and the truth of each."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import torch
from torch.nn import functional

from worker.critic.network import CELL
from worker.starter.autoencoder import to_pixels
from worker.starter.palette import LIGHTS
from worker.starter.places import PLACES
from worker.starter.scene import BUCKETS, Scene, render, sample_scene
from worker.starter.settings import SETTINGS
from worker.starter.styles import STYLES
from worker.starter.truth import region_map
from worker.starter.weather import SEASONS, WEATHERS

FACTS: Mapping[str, tuple[str, ...]] = {
    "count": ("1", "2", "3", "4"),
    "setting": ("", *SETTINGS),
    "light": tuple(LIGHTS),
    "place": ("", *PLACES),
    "style": tuple(STYLES),
    "season": ("", *SEASONS),
    "weather": tuple(WEATHERS),
}
"""What is read from the whole picture, and the possible answers; "" is none of them."""


@dataclass(frozen=True)
class Lesson:
    """A batch: pictures (batch, 3, h, w) in 0–1, the layout (batch, 2, h/8, w/8), and each fact's answers."""

    pictures: torch.Tensor
    layout: torch.Tensor
    facts: dict[str, torch.Tensor]


def lesson(seed: int, step: int, size: int) -> Lesson:
    """The batch of step ``step``."""
    dice = random.Random(f"critic {seed} {step}")
    width, height = BUCKETS[0] if dice.random() < 0.5 else dice.choice(BUCKETS)
    scenes = [sample_scene(dice, wide=width >= height, held_out=dice.random() < 0.1) for _ in range(size)]
    pictures = to_pixels([render(scene, width, height) for scene in scenes]) / 2 + 0.5
    maps = [np.stack(region_map(scene, width, height, cell=CELL)) for scene in scenes]
    layout = torch.from_numpy(np.stack(maps)).long()
    return Lesson(_spoilt(pictures, dice, step), layout, _answers(scenes))


def facts_of(scene: Scene) -> dict[str, str]:
    return {
        "count": str(scene.figures[0].count),
        "setting": "" if scene.place else scene.setting,
        "light": scene.light,
        "place": scene.place,
        "style": scene.style,
        "season": scene.season,
        "weather": scene.weather,
    }


def _answers(scenes: list[Scene]) -> dict[str, torch.Tensor]:
    truths = [facts_of(scene) for scene in scenes]
    return {
        name: torch.tensor([answers.index(truth[name]) for truth in truths])
        for name, answers in FACTS.items()
    }


def _spoilt(pictures: torch.Tensor, dice: random.Random, step: int) -> torch.Tensor:
    """Softer, noisier and a little off in light and colour, as a small model's pictures are."""
    generator = torch.Generator().manual_seed(step)
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
