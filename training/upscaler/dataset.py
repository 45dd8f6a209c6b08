"""Training pairs of the upscalers: the same picture small and large, (batch, 3, h, w) in 0–1.

Those for any picture are here; those for what the starter draws are in ``illustrations``. Renders are drawn
at the large size, so that their edges are sharp. Photographs are those in scikit-image's wheel. Small
pictures are downscaled from large ones.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Protocol

import cv2
import numpy as np
import torch
from torch.nn import functional

from training.scenes.scene_sampling import BUCKETS, render_scene, sample_scene
from worker.upscaler.edge_warping import warp_edges

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
_LARGE_CROP = 192  # pixels of the large picture, where the factor is four and the network has blocks of 2 x 2
_TIMES, _LARGE_TIMES = (3, 4, 6, 8), (8, 12, 16)
_SOFTEST = 1.2  # standard deviation in pixels of the small picture's blur


class PairSource(Protocol):
    """Training pairs for an upscaler."""

    def batch(self, step: int) -> PicturePair:
        """Returns the small and the large pictures of step ``step``."""
        ...


class HeldOutPairs(PairSource, Protocol):
    """Training pairs, and others that training never sees."""

    def held_out(self, number: int) -> PicturePair:
        """Returns the small and the large pictures of held-out batch ``number``."""
        ...


class SoftRenderPairs:
    """Crops of renders, and small ones whose edges are as crisp or as soft as another network makes them.

    Half of the small pictures are blurred, and half of all have their edges narrowed by warping, as the last
    step of ``starter-x4`` does. The large ones are always crisp.
    """

    def __init__(self, factor: int, seed: int) -> None:
        self._factor, self._seed = factor, seed

    def batch(self, step: int) -> PicturePair:
        """Returns crops of three scenes, the large ones 192 px a side."""
        return self._pairs(random.Random(f"soft renders {self._seed} {step}"))

    def held_out(self, number: int) -> PicturePair:
        """Returns a batch that training never sees."""
        return self._pairs(random.Random(f"held-out soft renders {number}"))

    def _pairs(self, rng: random.Random) -> PicturePair:
        renders = [_render_random_scene(rng, _LARGE_TIMES) for _ in range(3)]
        crops = [_random_crop(render, rng, _LARGE_CROP) for render in renders for _ in range(_PICTURES // 3)]
        large = torch.from_numpy(np.stack(crops)).permute(0, 3, 1, 2).contiguous()
        small = downscale_pictures(large, self._factor, rng.choices(KERNELS, _SHARES)[0])
        return torch.cat([_soften(picture[None], rng) for picture in small]), large


def _soften(picture: torch.Tensor, rng: random.Random) -> torch.Tensor:
    """Returns (1, 3, h, w) as it is, or blurred, or with narrower edges, or both."""
    if rng.random() < 0.5:
        picture = gaussian_blur(picture, rng.uniform(0.2, _SOFTEST))
    return warp_edges(picture).clamp(0, 1) if rng.random() < 0.5 else picture


def gaussian_blur(pictures: torch.Tensor, sigma: float) -> torch.Tensor:
    """Blurs (batch, 3, h, w) by a Gaussian with the standard deviation ``sigma`` in pixels."""
    places = torch.arange(-4, 5, dtype=pictures.dtype)
    taps = torch.exp(-(places**2) / (2 * sigma**2))
    taps = (taps / taps.sum()).expand(3, 1, 1, -1)
    padded = functional.pad(pictures, (4, 4, 4, 4), mode="replicate")
    return functional.conv2d(functional.conv2d(padded, taps, groups=3), taps.mT, groups=3)


class AnyPicturePairs:
    """Crops of renders and of photographs, downscaled by one of several kernels."""

    def __init__(self, factor: int, seed: int) -> None:
        self._factor, self._seed = factor, seed

    def batch(self, step: int) -> PicturePair:
        rng = random.Random(f"any picture {self._seed} {step}")
        crops = [
            crop
            for picture in (_render_random_scene(rng, _TIMES), _render_random_scene(rng, _TIMES))
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


def _render_random_scene(rng: random.Random, sizes: Sequence[int]) -> np.ndarray:
    """Draws a random scene, as many times larger than the starter draws it as one of ``sizes`` says."""
    width, height = rng.choice(BUCKETS)
    times = rng.choice(sizes)
    drawn = render_scene(sample_scene(rng, wide=width >= height), width * times, height * times)
    return drawn.astype(np.float32) / 255 if drawn.dtype == np.uint8 else drawn.astype(np.float32)


def _random_crops(picture: np.ndarray, rng: random.Random) -> list[np.ndarray]:
    return [_random_crop(picture, rng) for _ in range(_PICTURES // 4)]


def _random_crop(picture: np.ndarray, rng: random.Random, side: int = _CROP) -> np.ndarray:
    """Returns a random square of the picture, rotated and mirrored at random."""
    height, width = picture.shape[:2]
    top, left = rng.randint(0, height - side), rng.randint(0, width - side)
    square = picture[top : top + side, left : left + side]
    square = np.rot90(square, rng.randrange(4))
    return np.ascontiguousarray(square[:, ::-1] if rng.random() < 0.5 else square)


def _zoom_out(picture: np.ndarray, rng: random.Random) -> np.ndarray:
    """Shrinks a photograph at random, because its finest details are often soft."""
    share = rng.choice((1.0, 0.75, 0.5))
    sides = [max(_CROP, round(side * share)) for side in picture.shape[1::-1]]
    return picture if share == 1 else cv2.resize(picture, sides, interpolation=cv2.INTER_AREA)
