"""The same scene is the same picture, at any resolution, and everything in it can be told apart."""

from __future__ import annotations

import itertools
import random
from collections.abc import Sequence
from dataclasses import replace

import cv2
import numpy as np
import pytest

from training.scenes.composition import Figure, Scene
from training.scenes.palette import LIGHTINGS, apply_light
from training.scenes.pixel_canvas import Picture
from training.scenes.rendering import figure_silhouettes, render_scene
from training.scenes.scene_sampling import BUCKETS, sample_scene
from training.scenes.subject_drawings.figurine import HAIR_COLOURS, HAIR_STYLES, OUTFITS, Character
from worker.scene_vocabulary.appearance import SEASONS, STYLES, WEATHERS
from worker.scene_vocabulary.colours import COLOURS
from worker.scene_vocabulary.lights import LIGHTS
from worker.scene_vocabulary.places import PLACES
from worker.scene_vocabulary.scene_settings import SETTINGS
from worker.scene_vocabulary.subjects import SUBJECTS


def scene_of(subject: str, colour: str = "red", setting: str = "meadow", light: str = "day") -> Scene:
    return Scene((Figure(subject, colour),), setting, light, 3)


def difference(one: Picture, other: Picture) -> float:
    """Returns the mean absolute difference, 0 to 255."""
    return float(np.abs(one.astype(int) - other).mean())


def assert_all_different(pictures: Sequence[Picture], by: float) -> None:
    for one, other in itertools.combinations(pictures, 2):
        assert difference(one, other) > by


@pytest.mark.parametrize(("width", "height"), [*BUCKETS, (256, 256), (640, 200)])
def test_a_scene_renders_at_any_size(width: int, height: int) -> None:
    picture = render_scene(sample_scene(random.Random(1), wide=width >= height), width, height)
    assert picture.shape == (height, width, 3)
    assert picture.dtype == np.uint8


def test_the_same_scene_is_the_same_picture() -> None:
    for number in range(20):
        scene = sample_scene(random.Random(number))
        assert np.array_equal(render_scene(scene, 64, 64), render_scene(scene, 64, 64))


@pytest.mark.parametrize("style", [style for style in STYLES if style != "pixel"])
@pytest.mark.parametrize("number", range(6))
def test_a_larger_picture_shows_the_same_scene(style: str, number: int) -> None:
    scene = replace(sample_scene(random.Random(number)), style=style)
    small, large = render_scene(scene, 64, 64), render_scene(scene, 256, 256)
    shrunk = np.asarray(cv2.resize(large, (64, 64), interpolation=cv2.INTER_AREA), np.uint8)
    assert difference(small, shrunk) < 4


@pytest.mark.parametrize("light", LIGHTS)
@pytest.mark.parametrize("subject", SUBJECTS)
def test_a_subject_is_mostly_its_colour_in_every_light(subject: str, light: str) -> None:
    scene = scene_of(subject, "purple", light=light)
    picture = render_scene(scene, 128, 128).astype(int)
    shown = np.asarray(apply_light(COLOURS["purple"], LIGHTINGS[light].subject))
    inside = figure_silhouettes(scene, 128, 128) > 0
    near = np.abs(picture - shown).max(axis=2) <= 6
    assert near[inside].mean() > 0.15
    assert near[~inside].mean() < 0.002


def test_all_colours_differ() -> None:
    values = np.asarray(list(COLOURS.values()))
    for one, other in itertools.combinations(values, 2):
        assert np.linalg.norm(one - other) > 75


def test_no_two_subjects_have_the_same_outline() -> None:
    outlines = [figure_silhouettes(scene_of(subject), 64, 64) > 0 for subject in SUBJECTS]
    for one, other in itertools.combinations(outlines, 2):
        assert (one & other).sum() / (one | other).sum() < 0.93


@pytest.mark.parametrize("setting", SETTINGS)
def test_settings_and_lights_all_look_different(setting: str) -> None:
    here = [
        render_scene(scene_of("car", setting=setting, light=light), 64, 64)
        for light in SETTINGS[setting].lights
    ]
    assert_all_different(here, by=4)
    for name in SETTINGS:
        if name != setting:
            assert (
                difference(
                    here[0],
                    render_scene(scene_of("car", setting=name, light=SETTINGS[name].lights[0]), 64, 64),
                )
                > 4
            )


def test_places_all_look_different() -> None:
    figures = (Figure("cat", "red", "by the sign"),)
    assert_all_different(
        [render_scene(Scene(figures, "plain", "day", 1, place=place), 64, 64) for place in PLACES], by=2
    )


@pytest.mark.parametrize("light", LIGHTS)
def test_seasons_weathers_and_styles_all_look_different(light: str) -> None:
    plain = scene_of("cat", light=light)
    scenes = [
        plain,
        *(replace(plain, season=season) for season in SEASONS),
        *(replace(plain, weather=weather) for weather in WEATHERS if weather != "clear"),
        *(replace(plain, style=style) for style in STYLES if style != "flat"),
    ]
    assert_all_different([render_scene(scene, 64, 64) for scene in scenes], by=1.5)


def test_characters_all_look_different() -> None:
    people = [
        *(Character(hair=hair) for hair in HAIR_COLOURS),
        *(Character(hair_style=style) for style in HAIR_STYLES if style != "short"),
        *(Character(outfit=outfit) for outfit in OUTFITS if outfit != "shirt"),
        Character(hat="green"),
    ]
    scenes = [Scene((Figure("figurine", "red", character=who),), "plain", "day", 1) for who in people]
    assert_all_different([render_scene(scene, 64, 64) for scene in scenes], by=0.4)


def test_a_figure_flips_and_nothing_else_moves() -> None:
    scene = scene_of("car")
    flipped = replace(scene, figures=(replace(scene.figures[0], flip=True),))
    one, other = render_scene(scene, 64, 64), render_scene(flipped, 64, 64)
    assert not np.array_equal(one, other)
    assert np.array_equal(one[:16], other[:16])


def test_what_stands_in_front_hides_what_stands_behind() -> None:
    front, back = Figure("cat", "red", "front"), Figure("house", "blue", "back")
    pixels = figure_silhouettes(Scene((back, front), "meadow", "day", 1), 64, 64)
    alone = figure_silhouettes(Scene((front,), "meadow", "day", 1), 64, 64)
    assert (pixels[alone == 1] == 2).all()


def test_a_word_is_drawn_on_a_board_above_the_figure() -> None:
    scene = Scene((Figure("cat", "red", "under the word"),), "meadow", "day", 1)
    blank, said = (render_scene(replace(scene, word=word), 128, 128) for word in ("", "HELLO"))
    rows = np.flatnonzero((blank != said).any(axis=(1, 2)))
    assert 4 <= rows.min() < rows.max() < 48
    other = render_scene(replace(scene, word="HOTEL"), 128, 128)
    assert difference(said, other) > 0.3


def test_pixel_art_has_few_large_squares() -> None:
    picture = render_scene(replace(scene_of("cat"), style="pixel"), 280, 280)
    squares = picture.reshape(28, 10, 28, 10, 3)
    assert (squares == squares[:, :1, :, :1]).all()
