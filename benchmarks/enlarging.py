"""``python -m benchmarks.enlarging``: what the super-resolution networks add to bicubic interpolation.

Held-out pictures are made smaller without aliases, enlarged again, and compared with what they were:
photographs from scikit-image's wheel and renders that no training saw. Seams are the difference between tiled
and whole.
Exit status 1 when a target is missed.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from collections.abc import Callable
from statistics import mean, median

import numpy as np
import torch
from torch.nn import functional

from benchmarks.figures import table
from benchmarks.machine import describe
from worker.starter.scene import BUCKETS, render, sample_scene
from worker.upscaler.enlarge import Upscaler
from worker.upscaler.lessons import HELD_OUT_PHOTOGRAPHS, photograph, smaller

RENDERS = 24
_BORDER = 8  # pixels that are not compared: what lies beyond the edge is anybody's guess
_GAINS = {"renders": 1.5, "photographs": 0.5}  # dB at x2
_SEAM = 1 / 255

Picture = np.ndarray
Enlarge = Callable[[Picture], Picture]


def renders() -> list[Picture]:
    """Held-out scenes, about 512 pixels a side."""
    dice = random.Random("held-out renders for enlarging")
    drawn: list[Picture] = []
    for _ in range(RENDERS):
        width, height = dice.choice(BUCKETS)
        scene = sample_scene(dice, wide=width >= height, held_out=True)
        drawn.append(render(scene, 8 * width, 8 * height).astype(np.float32) / 255)
    return drawn


def gains(name: str, pictures: list[Picture], upscaler: Upscaler) -> tuple[float, float]:
    """The means of PSNR in dB: bicubic interpolation's, and the network's."""
    found: list[tuple[float, float]] = []
    for large in pictures:
        rows, columns = (side // upscaler.factor * upscaler.factor for side in large.shape[:2])
        large = np.ascontiguousarray(large[:rows, :columns])
        small = smaller(_tensor(large), upscaler.factor)
        found.append(
            (_psnr(_bicubic(small, upscaler.factor), large), _psnr(upscaler.enlarge(_array(small)), large))
        )
    bicubic, network = (mean(column) for column in zip(*found, strict=True))
    print(f"{name}: {len(found)} pictures", flush=True)
    return bicubic, network


def seam(upscaler: Upscaler) -> float:
    """The largest difference that tiles of odd sizes make."""
    picture = photograph("chelsea.png")[:203, :251]
    whole = upscaler.enlarge(picture, tile=512)
    return max(float(np.abs(upscaler.enlarge(picture, tile=tile) - whole).max()) for tile in (37, 64, 100))


def speed(upscaler: Upscaler, side: int) -> float:
    """Seconds from ``side`` pixels to its multiple: the median of three."""
    picture = np.random.default_rng(0).random((side, side, 3), dtype=np.float32)
    taken: list[float] = []
    for _ in range(3):
        began = time.perf_counter()
        upscaler.enlarge(picture)
        taken.append(time.perf_counter() - began)
    return median(taken)


def _tensor(picture: Picture) -> torch.Tensor:
    return torch.from_numpy(picture).permute(2, 0, 1)[None]


def _array(tensor: torch.Tensor) -> Picture:
    return tensor[0].permute(1, 2, 0).contiguous().numpy()


def _bicubic(small: torch.Tensor, factor: int) -> Picture:
    return _array(functional.interpolate(small, scale_factor=factor, mode="bicubic").clamp(0, 1))


def _psnr(made: Picture, wanted: Picture) -> float:
    inner = slice(_BORDER, -_BORDER)
    return float(-10 * np.log10(np.mean((made - wanted)[inner, inner] ** 2)))


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument(
        "--network", default="picture-x2", help="a name in worker/upscaler/weights, or a file"
    )
    asked = arguments.parse_args()
    print(describe())
    upscaler = Upscaler.load(asked.network, "cpu")
    sets = {
        "renders": gains("renders", renders(), upscaler),
        "photographs": gains("photographs", [photograph(name) for name in HELD_OUT_PHOTOGRAPHS], upscaler),
    }
    rows = [
        (name, f"{bicubic:.2f}", f"{network:.2f}", f"{network - bicubic:+.2f}", f"{_GAINS[name]:+.1f}")
        for name, (bicubic, network) in sets.items()
    ]
    print(table(("held out", "bicubic dB", f"{upscaler.name} dB", "gain", "asked"), rows))
    seams = seam(upscaler)
    print(f"seams: {seams * 255:.4f} of 1/255 at most (asked: below 1)")
    for side in (512, 1024):
        print(f"{side} to {side * upscaler.factor}: {speed(upscaler, side):.2f} s")
    missed = [name for name, (bicubic, network) in sets.items() if network - bicubic < _GAINS[name]]
    return 1 if missed or seams >= _SEAM else 0


if __name__ == "__main__":
    sys.exit(main())
