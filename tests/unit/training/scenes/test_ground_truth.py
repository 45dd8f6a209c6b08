"""The truth of a scene agrees with the picture of it."""

from __future__ import annotations

import random

import numpy as np
import pytest

from training.scenes.composition import Figure, Scene
from training.scenes.ground_truth import COLOUR_IDS, SUBJECT_IDS, region_map, scene_truth
from training.scenes.palette import LIGHTINGS, apply_light
from training.scenes.rendering import figure_silhouettes, render_scene
from training.scenes.scene_sampling import BUCKETS, sample_scene
from worker.scene_vocabulary.colours import COLOURS


@pytest.mark.parametrize(("width", "height"), BUCKETS)
def test_a_box_holds_its_figure_and_no_more(width: int, height: int) -> None:
    rng = random.Random(4)
    for scene in (sample_scene(rng, wide=width >= height, layout="one") for _ in range(30)):
        scale = 4
        rows, columns = np.nonzero(figure_silhouettes(scene, width * scale, height * scale))
        left, top, right, bottom = scene_truth(scene, width, height).subjects[0].box
        drawn = (
            columns.min() / width,
            rows.min() / height,
            (columns.max() + 1) / width,
            (rows.max() + 1) / height,
        )
        expected = np.clip((left, top, right, bottom), 0.0, 1.0)
        assert np.asarray(drawn) / scale == pytest.approx(expected, abs=0.02)


def test_the_colour_is_really_in_the_box_and_nowhere_else() -> None:
    for colour in COLOURS:
        scene = Scene((Figure("apple", colour, "left"),), "plain", "day", 1)
        left, top, right, bottom = (round(128 * side) for side in scene_truth(scene).subjects[0].box)
        shown = np.asarray(apply_light(COLOURS[colour], LIGHTINGS["day"].subject))
        near = np.abs(render_scene(scene, 128, 128).astype(int) - shown).max(axis=2) <= 4
        inside = near[top:bottom, left:right]
        assert inside.mean() > 0.4
        assert near.sum() == inside.sum()


def test_every_copy_has_a_box() -> None:
    (apples,) = scene_truth(Scene((Figure("apple", "red", count=4),), "room", "day", 1)).subjects
    assert apples.count == 4
    assert len(set(apples.boxes)) == 4
    assert apples.box[0] == min(box[0] for box in apples.boxes)
    assert apples.box[3] == max(box[3] for box in apples.boxes)


def test_the_truth_is_what_the_scene_says() -> None:
    figures = (Figure("cat", "black", "front"), Figure("house", "red", "back"))
    told = scene_truth(Scene(figures, "city", "night", 1, season="winter", weather="snow", style="neon"))
    assert [(subject.name, subject.colour, subject.count) for subject in told.subjects] == [
        ("cat", "black", 1),
        ("house", "red", 1),
    ]
    assert (told.relation, told.setting, told.light) == ("in front of", "city", "night")
    assert (told.season, told.weather, told.style) == ("winter", "snow", "neon")
    assert (told.place, told.word, told.position) == ("", "", "centre")


def test_a_place_replaces_its_setting() -> None:
    told = scene_truth(Scene((Figure("cat", "black", "by the sign"),), "plain", "day", 1, place="paris"))
    assert (told.place, told.setting) == ("paris", "")


def test_a_region_map_names_what_covers_most_of_a_cell() -> None:
    figures = (Figure("apple", "green", "pair left"), Figure("star", "yellow", "pair right"))
    scene = Scene(figures, "meadow", "day", 1)
    subjects, colours = region_map(scene, 64, 64)
    assert subjects.shape == colours.shape == (8, 8)
    assert set(np.unique(subjects[:, :4])) == {0, SUBJECT_IDS["apple"]}
    assert set(np.unique(subjects[:, 4:])) == {0, SUBJECT_IDS["star"]}
    assert set(np.unique(colours[:, :4])) == {0, COLOUR_IDS["green"]}
    assert set(np.unique(colours[:, 4:])) == {0, COLOUR_IDS["yellow"]}
    assert ((subjects > 0) == (colours > 0)).all()


@pytest.mark.parametrize(("width", "height"), BUCKETS)
def test_a_region_map_has_a_value_for_every_token(width: int, height: int) -> None:
    rng = random.Random(5)
    for scene in (sample_scene(rng, wide=width >= height) for _ in range(20)):
        subjects, _ = region_map(scene, width, height)
        assert subjects.shape == (height // 8, width // 8)
        assert {SUBJECT_IDS[figure.subject] for figure in scene.figures} <= set(subjects.flatten().tolist())
