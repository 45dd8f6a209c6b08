"""``python -m benchmarks.photographs``: how well photographs are told from the renderer's illustrations.

The photographs are those that scikit-image's wheel carries; the illustrations are rendered at 256 pixels, as
they are and as JPEG of quality 60.
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import skimage

from benchmarks.machine import describe
from training.scenes.scene_sampling import render_scene, sample_scene
from worker.engines.protocol import Picture
from worker.pictures.pixel_levels import levels_to_floats
from worker.scene_vocabulary.appearance import STYLES
from worker.vision.photograph import PHOTOGRAPH_FROM, measure_texture

PHOTOGRAPHS = (
    "astronaut.png",
    "camera.png",
    "chelsea.png",
    "coffee.png",
    "coins.png",
    "grass.png",
    "gravel.png",
    "hubble_deep_field.jpg",
    "moon.png",
    "motorcycle_left.png",
    "motorcycle_right.png",
    "retina.jpg",
    "rocket.jpg",
)
_SIDE, _QUALITY = 256, 60


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.photographs", description=__doc__)
    parser.add_argument("--scenes", type=int, default=40, help="for each style")
    scenes: int = parser.parse_args().scenes
    print(describe())
    print(
        f"a photograph from {PHOTOGRAPH_FROM} on\n\n"
        "| pictures | texture: least, median, most | taken for photographs |\n|---|---|--:|"
    )
    photographs = [measure_texture(load_photograph(name)) for name in PHOTOGRAPHS]
    print(describe_row("photographs", photographs))
    for style in STYLES:
        drawn = render_style(style, scenes)
        print(describe_row(style, [measure_texture(picture) for picture in drawn]))
        packed = [measure_texture(compress(picture)) for picture in drawn]
        print(describe_row(f"{style}, JPEG {_QUALITY}", packed))


def load_photograph(name: str) -> Picture:
    """Returns a photograph of scikit-image's, float32 (H, W, 3) in 0–1."""
    levels = cv2.imread(str(Path(skimage.__file__).parent / "data" / name), cv2.IMREAD_COLOR_RGB)
    assert levels is not None, name
    return levels_to_floats(np.asarray(levels, np.uint8))


def render_style(style: str, count: int) -> list[Picture]:
    rng = random.Random(style)
    scenes = [replace(sample_scene(rng), style=style) for _ in range(count)]
    return [levels_to_floats(render_scene(scene, _SIDE, _SIDE)) for scene in scenes]


def compress(picture: Picture) -> Picture:
    levels = np.rint(picture[..., ::-1] * 255).astype(np.uint8)
    _, jpeg = cv2.imencode(".jpg", levels, [cv2.IMWRITE_JPEG_QUALITY, _QUALITY])
    return levels_to_floats(np.asarray(cv2.imdecode(jpeg, cv2.IMREAD_COLOR_RGB), np.uint8))


def describe_row(name: str, textures: Sequence[float]) -> str:
    taken = sum(texture >= PHOTOGRAPH_FROM for texture in textures)
    least, middle, most = min(textures), float(np.median(textures)), max(textures)
    return f"| {name} | {least:.1f}, {middle:.1f}, {most:.1f} | {taken} of {len(textures)} |"


if __name__ == "__main__":
    main()
