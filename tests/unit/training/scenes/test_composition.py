"""Figures stand where their slots say, inside the picture, at any size."""

from __future__ import annotations

import pytest

from training.scenes.composition import RELATIONS, SIZES, SLOTS, Figure, Scene, figure_spots
from training.scenes.scene_sampling import BUCKETS

SHAPES = [*BUCKETS, (256, 256), (1344, 768)]


def alone(slot: str = "centre", count: int = 1, size: str = "normal") -> Figure:
    return Figure("cat", "red", slot, count, size)


@pytest.mark.parametrize(("width", "height"), SHAPES)
@pytest.mark.parametrize("slot", SLOTS)
def test_a_frame_lies_within_the_picture(slot: str, width: int, height: int) -> None:
    (spot,) = figure_spots(alone(slot), width, height)
    assert -0.03 * width <= spot.x - spot.half
    assert spot.x + spot.half <= 1.03 * width
    assert spot.y - spot.half >= 0
    assert spot.y + spot.half <= 1.001 * height


@pytest.mark.parametrize(("width", "height"), SHAPES)
@pytest.mark.parametrize("count", [2, 3, 4])
def test_equal_figures_do_not_overlap(count: int, width: int, height: int) -> None:
    placed = figure_spots(alone(count=count), width, height)
    assert len(placed) == count
    for number, one in enumerate(placed):
        for other in placed[number + 1 :]:
            apart = max(abs(one.x - other.x), abs(one.y - other.y))
            assert apart >= one.half + other.half - 1e-6


@pytest.mark.parametrize("count", [1, 2, 3, 4])
def test_a_larger_picture_is_the_same_composition(count: int) -> None:
    small, large = (figure_spots(alone(count=count), 64 * scale, 64 * scale) for scale in (1, 4))
    for one, other in zip(small, large, strict=True):
        assert (4 * one.x, 4 * one.y, 4 * one.half) == pytest.approx((other.x, other.y, other.half))


def test_sizes_differ_clearly() -> None:
    small, normal, large = (figure_spots(alone(size=size), 64, 64)[0].half for size in SIZES)
    assert small * 1.5 < normal
    assert normal * 1.2 < large


@pytest.mark.parametrize("relation", RELATIONS)
def test_a_scene_tells_the_relation_that_its_slots_make(relation: str) -> None:
    first, second = RELATIONS[relation]
    figures = (Figure("cat", "red", first), Figure("house", "blue", second))
    scene = Scene(figures, "meadow", "day", 1)
    one, other = (figure_spots(figure, 64, 64)[0] for figure in figures)
    assert scene.relation == relation
    if relation in {"left of", "right of"}:
        assert (one.x < other.x) == (relation == "left of")
    elif relation in {"above", "below"}:
        assert (one.y < other.y) == (relation == "above")
    else:
        assert (SLOTS[first].depth > SLOTS[second].depth) == (relation == "in front of")


def test_a_single_figure_has_no_relation_but_a_position() -> None:
    assert Scene((alone("left"),), "meadow", "day", 1).relation == ""
    assert Scene((alone("left"),), "meadow", "day", 1).position == "left"
    assert Scene((alone(),), "meadow", "day", 1).position == "centre"
