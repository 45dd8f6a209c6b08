"""The judge of sequences tells true figures from spoilt ones."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import Any

import pytest

from benchmarks.drawing.figure_judge import SeenFigure
from benchmarks.drawing.figure_templates import figurine_templates, fit_templates
from benchmarks.drawing.judge import render_square
from benchmarks.drawing.kept_attributes import ATTRIBUTES, FIGURINES_ALONE, compare_figures, share_kept
from benchmarks.drawing.true_sequences import Detections, sample_lone_figure, sample_places
from training.scenes.composition import Figure, Scene
from training.scenes.subject_drawings.figurine import Character

BOAT = SeenFigure("boat", "red", "", "", "", "", "day", "day", 0.36, 0.36, 0.0, 0.9)
DOLL = replace(BOAT, subject="figurine", hair="red", hair_style="long", outfit="coat")


@pytest.mark.parametrize(
    ("change", "lost"),
    [
        ({}, set[str]()),
        ({"hair": "blue"}, {"hair"}),
        ({"hair_style": "bun"}, {"hair style"}),
        ({"hat": "green"}, {"hat"}),
        ({"colour": "blue"}, {"colour"}),
        ({"width": 0.44}, {"size", "proportions"}),
        ({"width": 0.3, "height": 0.3}, {"size"}),
        ({"light": "night"}, {"light around"}),
        ({"light_on_figure": "night"}, {"light on the figure"}),
        ({"shade": 0.3}, {"shade"}),
    ],
)
def test_each_attribute_is_lost_alone(change: dict[str, Any], lost: set[str]) -> None:
    kept = compare_figures(DOLL, replace(DOLL, **change), "day")
    assert {name for name, holds in kept.items() if not holds} == lost
    assert set(kept) == set(ATTRIBUTES)


def test_a_missing_figure_keeps_nothing_of_its_own_and_a_thing_has_no_hair() -> None:
    kept = compare_figures(DOLL, replace(DOLL, subject=""), "day")
    assert [name for name, holds in kept.items() if holds] == ["light around"]
    assert not FIGURINES_ALONE & set(compare_figures(BOAT, BOAT, "day"))
    assert share_kept([{"hair": True}, {"hair": False}, {}]).of == 2


def test_a_figurine_is_found_where_it_stands() -> None:
    character = Character("red", "long", "coat", "green")
    figure = Figure("figurine", "blue", shift=0.02, scale=0.95, character=character)
    fit = fit_templates(render_square(Scene((figure,), "beach", "day", 3)), figurine_templates())
    assert fit.name == ("long", "coat", "hat")
    assert fit.placement.x == pytest.approx(0.52, abs=0.02)
    half = 0.76 * 0.95 / 2
    assert (fit.placement.half_width, fit.placement.half_height) == pytest.approx((half, half), rel=0.12)


def test_precision_is_told_for_one_fault_in_ten_pictures() -> None:
    found = Detections(planted=10, found=9, clean=100, false=5)
    assert found.recall == 0.9
    assert found.precision == pytest.approx(0.09 / (0.09 + 0.045))
    assert Detections().precision == 0


def test_a_sequences_places_differ_and_its_figure_stands_alone() -> None:
    rng = random.Random(0)
    places = sample_places(rng)
    assert len({setting for setting, _ in places}) == 6
    assert sample_lone_figure(rng, figurine=True).character is not None
    assert sample_lone_figure(rng, figurine=False).character is None
