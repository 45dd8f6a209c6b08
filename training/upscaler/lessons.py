"""What the networks learn from: the same picture small and large, (batch, 3, h, w) in 0–1.

Renders are drawn at the large size, so that they have edges which no enlarging could know; photographs are
those inside scikit-image's wheel. The small ones are what a good program makes when it scales down.
"""

from __future__ import annotations

import random
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Protocol, cast

import cv2
import numpy as np
import torch
from diffusers.models.autoencoders.autoencoder_kl_flux2 import AutoencoderKLFlux2
from torch.nn import functional

from training.scenes.scene import BUCKETS, render, sample_scene
from training.starter.autoencoder import to_pixels

Pair = tuple[torch.Tensor, torch.Tensor]

PHOTOGRAPHS = (
    *("astronaut.png", "motorcycle_left.png", "hubble_deep_field.jpg", "ihc.png", "retina.jpg"),
    *("brick.png", "grass.png", "gravel.png", "moon.png", "coins.png", "cell.png"),
)
HELD_OUT_PHOTOGRAPHS = ("chelsea.png", "coffee.png", "rocket.jpg", "camera.png")
"""Never trained on: what the benchmark measures."""

KERNELS = ("bicubic", "area", "bilinear")
"""How programs scale down, the usual one first."""

_CROP = 96  # pixels of the large picture
_PICTURES = 12  # a batch: half of it renders, half photographs
_SHARES = (2, 1, 1)  # of the kernels


class Lessons(Protocol):
    def batch(self, step: int) -> Pair:
        """The small and the large pictures of step ``step``."""
        ...


class DrawnPictures:
    """Small pictures as the starter draws them: half of them through its autoencoder."""

    def __init__(self, vae: AutoencoderKLFlux2, factor: int, seed: int) -> None:
        self._vae, self._factor, self._seed = vae, factor, seed

    def batch(self, step: int) -> Pair:
        dice = random.Random(f"upscaler {self._seed} {step}")
        width, height = dice.choice(BUCKETS)
        scenes = [sample_scene(dice, wide=width >= height) for _ in range(8)]
        large = to_pixels([render(scene, width * self._factor, height * self._factor) for scene in scenes])
        small = functional.interpolate(large, scale_factor=1 / self._factor, mode="area")
        small[::2] = self._through_the_autoencoder(small[::2])
        generator = torch.Generator().manual_seed(step)
        small += torch.randn(small.shape, generator=generator) * dice.uniform(0, 0.02)
        return (small + 1) / 2, (large + 1) / 2

    @torch.no_grad()
    def _through_the_autoencoder(self, pixels: torch.Tensor) -> torch.Tensor:
        posterior = self._vae.encode(pixels, return_dict=False)[0]
        return self._vae.decode(cast(torch.FloatTensor, posterior.mode()), return_dict=False)[0].clamp(-1, 1)


class AnyPictures:
    """Crops of renders and of photographs, scaled down by one of several kernels and nothing else."""

    def __init__(self, factor: int, seed: int) -> None:
        self._factor, self._seed = factor, seed

    def batch(self, step: int) -> Pair:
        dice = random.Random(f"any picture {self._seed} {step}")
        crops = [crop for picture in (_scene(dice), _scene(dice)) for crop in _crops(picture, dice)]
        photographs = [_crop(_zoomed(photograph(dice.choice(PHOTOGRAPHS)), dice), dice) for _ in crops]
        pictures = np.stack([*crops, *photographs])
        large = torch.from_numpy(pictures).permute(0, 3, 1, 2).contiguous()
        return smaller(large, self._factor, dice.choices(KERNELS, _SHARES)[0]), large


def smaller(large: torch.Tensor, factor: int, kernel: str = "bicubic") -> torch.Tensor:
    """Scaled down without aliases; ``kernel`` is bicubic, bilinear or area."""
    antialias = kernel != "area"  # a mean of whole pixels has none
    small = functional.interpolate(large, scale_factor=1 / factor, mode=kernel, antialias=antialias)
    return small.clamp(0, 1)


@cache
def photograph(name: str) -> np.ndarray:
    """float32 (h, w, 3) in 0–1: one of those in scikit-image's wheel."""
    package = find_spec("skimage")
    if package is None or package.origin is None:
        raise ModuleNotFoundError("The photographs are scikit-image's: pip install scikit-image")
    levels = cv2.imread(str(Path(package.origin).parent / "data" / name), cv2.IMREAD_COLOR_RGB)
    if levels is None:
        raise FileNotFoundError(f"scikit-image has no {name}")
    return levels.astype(np.float32) / 255


def _scene(dice: random.Random) -> np.ndarray:
    width, height = dice.choice(BUCKETS)
    times = dice.choice((3, 4, 6, 8))
    drawn = render(sample_scene(dice, wide=width >= height), width * times, height * times)
    return drawn.astype(np.float32) / 255 if drawn.dtype == np.uint8 else drawn.astype(np.float32)


def _crops(picture: np.ndarray, dice: random.Random) -> list[np.ndarray]:
    return [_crop(picture, dice) for _ in range(_PICTURES // 4)]


def _crop(picture: np.ndarray, dice: random.Random) -> np.ndarray:
    """A square of it, turned any way."""
    height, width = picture.shape[:2]
    top, left = dice.randint(0, height - _CROP), dice.randint(0, width - _CROP)
    square = picture[top : top + _CROP, left : left + _CROP]
    square = np.rot90(square, dice.randrange(4))
    return np.ascontiguousarray(square[:, ::-1] if dice.random() < 0.5 else square)


def _zoomed(picture: np.ndarray, dice: random.Random) -> np.ndarray:
    """A photograph's finest pixels are often soft: made smaller, they are not."""
    share = dice.choice((1.0, 0.75, 0.5))
    sides = [max(_CROP, round(side * share)) for side in picture.shape[1::-1]]
    return picture if share == 1 else cv2.resize(picture, sides, interpolation=cv2.INTER_AREA)
