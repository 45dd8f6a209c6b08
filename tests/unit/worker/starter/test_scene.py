"""A scene is its truth: the same scene is the same picture, at any resolution, and shows what it says."""

from __future__ import annotations

import random
from dataclasses import replace

import cv2
import numpy as np
import pytest

from worker.starter.canvas import Picture
from worker.starter.palette import COLOURS, LIGHTS, lit
from worker.starter.scene import BUCKETS, Figure, Scene, render, sample_scene
from worker.starter.settings import SETTINGS
from worker.starter.subjects import SUBJECTS


def scene_of(subject: str, colour: str = "red", setting: str = "meadow", light: str = "day") -> Scene:
    return Scene((Figure(subject, colour, 0.5, 0.8),), setting, light, 3)


def nearest_share(picture: Picture, colour: str, light: str) -> float:
    """The share of pixels that are, to within a small distance, the colour as that light shows it."""
    shown = np.asarray(lit(COLOURS[colour], LIGHTS[light].subject))
    return float((np.abs(picture.astype(int) - shown).max(axis=2) <= 6).mean())


@pytest.mark.parametrize(("width", "height"), [*BUCKETS, (256, 256), (640, 200)])
def test_a_scene_renders_at_any_size(width: int, height: int) -> None:
    picture = render(sample_scene(random.Random(1), wide=width >= height), width, height)
    assert picture.shape == (height, width, 3)
    assert picture.dtype == np.uint8


def test_the_same_number_is_the_same_scene_and_the_same_picture() -> None:
    one, other = (sample_scene(random.Random("scene 7")) for _ in range(2))
    assert one == other
    assert np.array_equal(render(one, 64, 64), render(other, 64, 64))


def test_different_seeds_differ() -> None:
    scenes = {sample_scene(random.Random(n)) for n in range(50)}
    assert len(scenes) == 50


def test_a_larger_picture_shows_the_same_scene() -> None:
    scene = sample_scene(random.Random(5))
    small, large = render(scene, 64, 64), render(scene, 256, 256)
    shrunk = cv2.resize(large, (64, 64), interpolation=cv2.INTER_AREA)
    assert np.abs(small.astype(int) - shrunk).mean() < 4


@pytest.mark.parametrize("subject", SUBJECTS)
@pytest.mark.parametrize("light", LIGHTS)
def test_a_subject_shows_its_colour_in_every_light(subject: str, light: str) -> None:
    purple = scene_of(subject, "purple", light=light)
    # The tree's crown and the mug's side are tinted a little: look for what the colour changed.
    green = scene_of(subject, "green", light=light)
    changed = np.any(render(purple, 128, 128) != render(green, 128, 128), axis=2)
    assert 0.08 < changed.mean() < 0.6
    if subject not in {"tree"}:
        assert nearest_share(render(purple, 128, 128), "purple", light) > 0.02


@pytest.mark.parametrize("setting", SETTINGS)
def test_settings_and_lights_all_look_different(setting: str) -> None:
    figures = (Figure("car", "red", 0.5, 0.7),)
    here = [render(Scene(figures, setting, light, 1), 64, 64) for light in LIGHTS]
    others = [render(Scene(figures, name, "day", 1), 64, 64) for name in SETTINGS if name != setting]
    for number, picture in enumerate(here):
        for other in [*here[:number], *others]:
            assert np.abs(picture.astype(int) - other).mean() > 8


def test_a_figure_flips_and_nothing_else_moves() -> None:
    scene = scene_of("car")
    flipped = replace(scene, figures=(replace(scene.figures[0], flip=True),))
    one, other = render(scene, 64, 64), render(flipped, 64, 64)
    assert not np.array_equal(one, other)
    assert np.array_equal(one[:16], other[:16])


def test_two_figures_stand_left_and_right() -> None:
    pairs = [s for s in (sample_scene(random.Random(n)) for n in range(200)) if len(s.figures) == 2]
    assert 20 < len(pairs) < 80
    assert all(s.figures[0].x < 0.5 < s.figures[1].x for s in pairs)
    assert all(s.figures[0].subject != s.figures[1].subject for s in pairs)


def test_narrow_pictures_hold_one_figure() -> None:
    assert all(len(sample_scene(random.Random(n), wide=False).figures) == 1 for n in range(100))
