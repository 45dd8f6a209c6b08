"""The pictures that are marked: photographs at delivered sizes, rendered scenes, and the starter's
drawings.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import skimage
from PIL import Image

from functions.contract.sizes import pixel_size
from training.scenes import scene_sampling
from training.sheets import plain_prompts
from worker.engines.diffusion.card import ModelCard
from worker.pictures.pixel_levels import Levels, quantize
from worker.upscaler.tiled_upscaler import Upscaler

# Those that come with scikit-image itself, microscopes and telescopes among them.
PHOTOGRAPHS = (
    *("astronaut.png", "camera.png", "chelsea.png", "coffee.png", "rocket.jpg", "motorcycle_left.png"),
    *("brick.png", "grass.png", "gravel.png", "coins.png", "moon.png", "ihc.png"),
    *("hubble_deep_field.jpg", "retina.jpg"),
)
# A photograph takes every third of these.
FORMATS = (
    *(("512", "1:1"), ("1K", "4:3"), ("512", "16:9"), ("1K", "1:1"), ("512", "2:3"), ("2K", "3:2")),
    *(("512", "3:4"), ("1K", "9:16"), ("512", "5:4")),
)
EACH = 3
# What is held out: how much later in FORMATS each begins, where it is cut, and the first render's number.
HELD_OUT_FORMAT, HELD_OUT_PLACE, HELD_OUT_SCENES = 2, 0.2, 1_000
WEIGHTS = Path("worker/embedded_model")


@dataclass(frozen=True)
class Picture:
    """``kind`` is photograph, render or drawing; ``levels`` are 8-bit sRGB (H, W, 3)."""

    name: str
    kind: str
    levels: Levels


def pictures(photographs: int, renders: int, drawings: int) -> Iterator[Picture]:
    """Returns at most so many pictures of each kind, always the same ones."""
    yield from (_photograph(n) for n in range(min(photographs, EACH * len(PHOTOGRAPHS))))
    yield from (_render(n) for n in range(renders))
    yield from _drawings(drawings)


def held_out(photographs: int, renders: int) -> Iterator[Picture]:
    """Returns framings and scenes that were not used to tune ``worker/watermark``."""
    every = range(min(photographs, EACH * len(PHOTOGRAPHS)))
    yield from (_photograph(n, HELD_OUT_FORMAT, HELD_OUT_PLACE) for n in every)
    yield from (_render(n) for n in range(HELD_OUT_SCENES, HELD_OUT_SCENES + renders))


def photograph(file: str) -> Levels:
    return np.asarray(Image.open(Path(skimage.__file__).parent / "data" / file).convert("RGB"))


def _photograph(n: int, later: int = 0, place: float = 0.5) -> Picture:
    turn, which = divmod(n, len(PHOTOGRAPHS))
    size, ratio = FORMATS[(which + turn * EACH + later) % len(FORMATS)]
    width, height = pixel_size(size, ratio)
    name = f"{Path(PHOTOGRAPHS[which]).stem} {size} {ratio}"
    return Picture(name, "photograph", _covering(photograph(PHOTOGRAPHS[which]), width, height, place))


def _covering(levels: Levels, width: int, height: int, place: float) -> Levels:
    """Scales the picture to cover ``width`` × ``height`` and cuts it; ``place`` 0.5 is its middle."""
    scale = max(width / levels.shape[1], height / levels.shape[0])
    size = (max(width, round(levels.shape[1] * scale)), max(height, round(levels.shape[0] * scale)))
    whole = cv2.resize(levels, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC)
    top, left = int((whole.shape[0] - height) * place), int((whole.shape[1] - width) * place)
    return np.asarray(whole[top : top + height, left : left + width], np.uint8)


def _render(n: int) -> Picture:
    rng = random.Random(n)
    width, height = pixel_size("512" if n % 2 else "1K", ("1:1", "4:3", "9:16", "3:2")[n // 2 % 4])
    drawn = scene_sampling.render_scene(scene_sampling.sample_scene(rng), width, height)
    return Picture(f"render {n}", "render", np.asarray(drawn, np.uint8))


def _drawings(count: int) -> Iterator[Picture]:
    """Returns the starter's own drawings, enlarged from its native size to 1,024 pixels by its networks."""
    if count == 0:
        return
    prompts = plain_prompts.plain_prompts(count)
    card = ModelCard.read(WEIGHTS)
    first, further = (Upscaler.load(name, "cpu") for name in card.enlargers)
    for prompt, small in zip(prompts, plain_prompts.draw_prompts(WEIGHTS, prompts, 0), strict=True):
        large = further.enlarge(first.enlarge(small.astype(np.float32) / 255))
        yield Picture(prompt, "drawing", quantize(large, 8))
