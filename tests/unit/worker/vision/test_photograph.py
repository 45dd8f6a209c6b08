"""Photographs are told from what the renderer draws; in doubt a picture is none."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
import skimage

from training.scenes.scene_sampling import render_scene, sample_scene
from worker.engines.protocol import Picture
from worker.pictures.pixel_levels import levels_to_floats
from worker.scene_vocabulary.appearance import STYLES
from worker.vision.photograph import is_photograph
from worker.watermark import Watermarker


def load_photograph(name: str) -> Picture:
    levels = cv2.imread(str(Path(skimage.__file__).parent / "data" / name), cv2.IMREAD_COLOR_RGB)
    assert levels is not None
    return levels_to_floats(np.asarray(levels, np.uint8))


@pytest.mark.parametrize("name", ["astronaut.png", "chelsea.png", "coffee.png", "motorcycle_left.png"])
def test_a_photograph_is_recognised_at_any_usual_size(name: str) -> None:
    photograph = load_photograph(name)
    assert is_photograph(photograph)
    smaller = cv2.resize(photograph, None, fx=0.6, fy=0.6, interpolation=cv2.INTER_AREA)
    assert is_photograph(np.asarray(smaller, np.float32))


@pytest.mark.parametrize("style", STYLES)
def test_no_rendered_scene_is_taken_for_one(style: str) -> None:
    rng = random.Random(style)
    for side in (256, 512):
        for _ in range(4):
            scene = replace(sample_scene(rng), style=style)
            assert not is_photograph(levels_to_floats(render_scene(scene, side, side)))


@pytest.mark.parametrize("style", ["flat", "pencil"])
def test_a_scene_with_the_invisible_mark_is_not_taken_for_one(style: str) -> None:
    scene = replace(sample_scene(random.Random(3)), style=style)
    rendered = levels_to_floats(render_scene(scene, 512, 512))
    assert not is_photograph(Watermarker(bytes(range(32)), 1).embed(rendered, 12345).astype(np.float32))


@pytest.mark.parametrize("size", [(64, 64, 3), (1, 1, 3)])
def test_of_a_small_picture_nothing_is_said(size: tuple[int, int, int]) -> None:
    noise = np.random.default_rng(1).random(size).astype(np.float32)
    assert not is_photograph(noise)


def test_a_narrow_picture_is_judged_without_fault() -> None:
    assert not is_photograph(np.ones((2048, 1, 3), np.float32))
