"""Training pairs of the upscalers: the same picture small and large, (batch, 3, h, w) in 0–1.

Those for any picture are here; those for what the starter draws are in ``illustrations``. Renders are drawn
at the large size, so that their edges are sharp. Photographs are those in scikit-image's wheel. Small
pictures are downscaled from large ones.
"""

from __future__ import annotations

import random
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Protocol

import cv2
import numpy as np
import torch
from torch.nn import functional

from training.scenes.scene_sampling import BUCKETS, render_scene, sample_scene

PicturePair = tuple[torch.Tensor, torch.Tensor]

PHOTOGRAPHS = (
    *("astronaut.png", "motorcycle_left.png", "hubble_deep_field.jpg", "ihc.png", "retina.jpg"),
    *("brick.png", "grass.png", "gravel.png", "moon.png", "coins.png", "cell.png"),
)
HELD_OUT_PHOTOGRAPHS = ("chelsea.png", "coffee.png", "rocket.jpg", "camera.png")
"""Photographs for the benchmark, which training never sees."""

KERNELS = ("bicubic", "area", "bilinear")
"""The kernels with which programs downscale, the usual one first."""

_CROP = 96  # pixels of the large picture
_PICTURES = 12  # a batch: half of it renders, half photographs
_SHARES = (2, 1, 1)  # of the kernels


class PairSource(Protocol):
    """Training pairs for an upscaler."""

    def batch(self, step: int) -> PicturePair:
        """Returns the small and the large pictures of step ``step``."""
        ...


class AnyPicturePairs:
    """Crops of renders and of photographs, downscaled by one of several kernels."""

    def __init__(self, factor: int, seed: int) -> None:
        self._factor, self._seed = factor, seed

    def batch(self, step: int) -> PicturePair:
        rng = random.Random(f"any picture {self._seed} {step}")
        crops = [
            crop
            for picture in (_render_random_scene(rng), _render_random_scene(rng))
            for crop in _random_crops(picture, rng)
        ]
        photographs = [
            _random_crop(_zoom_out(load_photograph(rng.choice(PHOTOGRAPHS)), rng), rng) for _ in crops
        ]
        pictures = np.stack([*crops, *photographs])
        large = torch.from_numpy(pictures).permute(0, 3, 1, 2).contiguous()
        return downscale_pictures(large, self._factor, rng.choices(KERNELS, _SHARES)[0]), large


def downscale_pictures(large: torch.Tensor, factor: int, kernel: str = "bicubic") -> torch.Tensor:
    """Downscales without aliases. ``kernel`` is bicubic, bilinear or area."""
    antialias = kernel != "area"  # a mean of whole pixels has no aliases
    small = functional.interpolate(large, scale_factor=1 / factor, mode=kernel, antialias=antialias)
    return small.clamp(0, 1)


@cache
def load_photograph(name: str) -> np.ndarray:
    """Reads a photograph of scikit-image's wheel as float32 (h, w, 3) in 0–1."""
    package = find_spec("skimage")
    if package is None or package.origin is None:
        raise ModuleNotFoundError("The photographs are scikit-image's: pip install scikit-image")
    levels = cv2.imread(str(Path(package.origin).parent / "data" / name), cv2.IMREAD_COLOR_RGB)
    if levels is None:
        raise FileNotFoundError(f"scikit-image has no {name}")
    return levels.astype(np.float32) / 255


def _render_random_scene(rng: random.Random) -> np.ndarray:
    width, height = rng.choice(BUCKETS)
    times = rng.choice((3, 4, 6, 8))
    drawn = render_scene(sample_scene(rng, wide=width >= height), width * times, height * times)
    return drawn.astype(np.float32) / 255 if drawn.dtype == np.uint8 else drawn.astype(np.float32)


def _random_crops(picture: np.ndarray, rng: random.Random) -> list[np.ndarray]:
    return [_random_crop(picture, rng) for _ in range(_PICTURES // 4)]


def _random_crop(picture: np.ndarray, rng: random.Random) -> np.ndarray:
    """Returns a random square of the picture, rotated and mirrored at random."""
    height, width = picture.shape[:2]
    top, left = rng.randint(0, height - _CROP), rng.randint(0, width - _CROP)
    square = picture[top : top + _CROP, left : left + _CROP]
    square = np.rot90(square, rng.randrange(4))
    return np.ascontiguousarray(square[:, ::-1] if rng.random() < 0.5 else square)


def _zoom_out(picture: np.ndarray, rng: random.Random) -> np.ndarray:
    """Shrinks a photograph at random, because its finest details are often soft."""
    share = rng.choice((1.0, 0.75, 0.5))
    sides = [max(_CROP, round(side * share)) for side in picture.shape[1::-1]]
    return picture if share == 1 else cv2.resize(picture, sides, interpolation=cv2.INTER_AREA)
