"""Sampled scenes are mostly simple, always possible, and never held-out ones."""

from __future__ import annotations

import random
from collections import Counter

import pytest

from training.scenes.composition import RELATIONS, SIZES, Scene
from training.scenes.holdout import is_held_out
from training.scenes.scene_sampling import Layout, sample_scene
from training.scenes.word_board import WORDS
from worker.scene_vocabulary.appearance import SEASONS, STYLES, WEATHERS
from worker.scene_vocabulary.colours import COLOURS
from worker.scene_vocabulary.lights import LIGHTS
from worker.scene_vocabulary.places import PLACES
from worker.scene_vocabulary.scene_settings import SETTINGS
from worker.scene_vocabulary.subjects import SUBJECTS


@pytest.fixture(scope="module")
def scenes() -> list[Scene]:
    rng = random.Random(0)
    return [sample_scene(rng) for _ in range(9_000)]


def is_plain(scene: Scene) -> bool:
    """Returns True for one figure in a colour, a setting and a light, and nothing else."""
    figure = scene.figures[0]
    usual = figure.count == 1 and figure.slot == "centre" and figure.size == "normal"
    extras = (scene.season, scene.place, scene.word, scene.weather != "clear", scene.style != "flat")
    return len(scene.figures) == 1 and usual and not any(extras)


def test_the_same_number_is_the_same_scene() -> None:
    one, other = (sample_scene(random.Random("scene 7")) for _ in range(2))
    assert one == other


def test_different_numbers_are_different_scenes() -> None:
    assert len({sample_scene(random.Random(n)) for n in range(50)}) == 50


def test_a_third_of_the_scenes_are_plain_a_third_have_a_style_and_a_quarter_are_pairs(
    scenes: list[Scene],
) -> None:
    assert 0.25 < sum(map(is_plain, scenes)) / len(scenes) < 0.35
    assert 0.22 < sum(len(scene.figures) == 2 for scene in scenes) / len(scenes) < 0.3
    assert 0.11 < sum(scene.figures[0].count > 1 for scene in scenes) / len(scenes) < 0.19
    assert 0.3 < sum(scene.style != "flat" for scene in scenes) / len(scenes) < 0.4


def test_everything_that_there_are_words_for_comes_up(scenes: list[Scene]) -> None:
    figures = [figure for scene in scenes for figure in scene.figures]
    assert {figure.subject for figure in figures} == set(SUBJECTS)
    assert {figure.colour for figure in figures} == set(COLOURS)
    assert {figure.size for figure in figures} == set(SIZES)
    assert {figure.count for figure in figures} == {1, 2, 3, 4}
    assert {scene.setting for scene in scenes} == set(SETTINGS)
    assert {scene.light for scene in scenes} == set(LIGHTS)
    assert {scene.relation for scene in scenes} == {"", *RELATIONS}
    assert {scene.place for scene in scenes} == {"", *PLACES}
    assert {scene.style for scene in scenes} == set(STYLES)
    assert {scene.season for scene in scenes} == {"", *SEASONS}
    assert {scene.weather for scene in scenes} == set(WEATHERS)
    assert {scene.word for scene in scenes} == {"", *WORDS}
    assert {scene.position for scene in scenes} == {"left", "centre", "right"}


def test_subjects_and_colours_but_black_are_drawn_about_equally_often(scenes: list[Scene]) -> None:
    subjects = Counter(figure.subject for scene in scenes for figure in scene.figures)
    colours = Counter(figure.colour for scene in scenes for figure in scene.figures)
    assert max(subjects.values()) < 2.0 * min(subjects.values())
    black = colours.pop("black")
    assert max(colours.values()) < 2.0 * min(colours.values())
    assert black > max(colours.values())


def test_what_cannot_be_distinguished_is_not_sampled(scenes: list[Scene]) -> None:
    for scene in scenes:
        setting = SETTINGS[scene.setting]
        assert scene.place or scene.light in setting.lights
        assert not scene.season or setting.seasons
        assert scene.weather == "clear" or scene.place or setting.outdoors


def test_two_figures_are_two_different_subjects(scenes: list[Scene]) -> None:
    pairs = [scene.figures for scene in scenes if len(scene.figures) == 2]
    assert all(first.subject != second.subject for first, second in pairs)


def test_a_figure_that_no_picture_shows_looks_the_way_in_which_its_subject_is_drawn(
    scenes: list[Scene],
) -> None:
    assert not any(figure.flip for scene in scenes for figure in scene.figures)


def test_only_a_figurine_has_a_character(scenes: list[Scene]) -> None:
    figures = [figure for scene in scenes for figure in scene.figures]
    assert all((figure.character is not None) == (figure.subject == "figurine") for figure in figures)


def test_narrow_pictures_hold_nothing_side_by_side() -> None:
    rng = random.Random(1)
    relations = {sample_scene(rng, wide=False, layout="pair").relation for _ in range(200)}
    assert relations == {"above", "below", "in front of", "behind"}


@pytest.mark.parametrize("layout", ["one", "pair", "some"])
def test_a_layout_can_be_asked_for(layout: Layout) -> None:
    rng = random.Random(2)
    for scene in (sample_scene(rng, layout=layout) for _ in range(100)):
        assert (len(scene.figures) == 2) == (layout == "pair")
        assert (scene.figures[0].count > 1) == (layout == "some")


def test_what_is_kept_for_measuring_comes_only_when_asked_for(scenes: list[Scene]) -> None:
    rng = random.Random(3)
    assert not any(map(is_held_out, scenes))
    assert all(is_held_out(sample_scene(rng, held_out=True)) for _ in range(100))
