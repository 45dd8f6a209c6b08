"""On pictures whose truth is known: the finder must find the thing, and not much more."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from worker.vision.contrast_finder import ContrastFinder

RED, BLUE, GREEN = (0.85, 0.12, 0.12), (0.1, 0.3, 0.85), (0.2, 0.62, 0.25)
SKY, SEA, SAND = (0.6, 0.82, 0.97), (0.12, 0.5, 0.7), (0.93, 0.85, 0.62)
Shape = tuple[tuple[float, float], float, tuple[float, ...]]


def scene(*discs: Shape, width: int = 320, height: int = 240, ground: tuple[float, ...] = SEA) -> np.ndarray:
    """Sky above, ground below, some grain, and discs of (centre in 0–1, radius in px, colour)."""
    picture = np.empty((height, width, 3), np.float32)
    picture[: height // 2], picture[height // 2 :] = SKY, ground
    for (x, y), radius, colour in discs:
        cv2.circle(picture, (round(x * width), round(y * height)), round(radius), colour, -1, cv2.LINE_AA)
    grain = np.random.default_rng(1).normal(0, 0.01, picture.shape)
    return np.clip(picture + grain, 0, 1).astype(np.float32)


def disc(shape: Shape, width: int = 320, height: int = 240) -> np.ndarray:
    (x, y), radius, _ = shape
    mask = np.zeros((height, width), np.float32)
    cv2.circle(mask, (round(x * width), round(y * height)), round(radius), 1.0, -1)
    return mask


def overlap(one: np.ndarray, other: np.ndarray) -> float:
    """Intersection over union."""
    return float(np.minimum(one, other).sum() / np.maximum(one, other).sum())


LEFT: Shape = ((0.28, 0.55), 40, RED)
RIGHT: Shape = ((0.74, 0.5), 36, BLUE)


@pytest.mark.parametrize(
    ("words", "thing"),
    [
        ("the red boat", LEFT),
        ("the blue balloon", RIGHT),
        ("Blue", RIGHT),
        ("das rote Boot", LEFT),
        ("the navy balloon", RIGHT),
        ("the thing on the left", LEFT),
        ("the right one", RIGHT),
    ],
)
def test_of_two_things_the_named_one_is_found(words: str, thing: Shape) -> None:
    found = ContrastFinder().find(scene(LEFT, RIGHT, ground=SAND), words)
    assert found is not None and overlap(found.mask, disc(thing)) > 0.9


@pytest.mark.parametrize("ground", [SEA, SAND, GREEN])
@pytest.mark.parametrize(("words", "is_guess"), [("the thing", False), ("the balloon", True), ("...", True)])
def test_without_a_colour_it_is_what_stands_out_and_a_guess_where_the_name_says_more(
    ground: tuple[float, ...], words: str, is_guess: bool
) -> None:
    thing: Shape = ((0.5, 0.55), 50, (0.97, 0.75, 0.1))
    found = ContrastFinder().find(scene(thing, ground=ground), words)
    assert found is not None and overlap(found.mask, disc(thing)) > 0.9
    assert found.is_guess == is_guess


@pytest.mark.parametrize(
    "words", ["the background", "the blue background", "the surroundings of the red boat"]
)
def test_the_background_is_all_but_the_thing(words: str) -> None:
    found = ContrastFinder().find(scene(LEFT), words)
    assert found is not None and overlap(1 - found.mask, disc(LEFT)) > 0.9
    assert not found.is_guess


@pytest.mark.parametrize("words", ["the red boat", "the boat", "..."])
def test_where_there_is_nothing_nothing_is_found(words: str) -> None:
    assert ContrastFinder().find(scene(), words) is None


def test_the_mask_has_the_pictures_size_and_no_half_tones() -> None:
    thing: Shape = ((0.5, 0.5), 200, RED)
    found = ContrastFinder().find(scene(thing, width=1200, height=900), "the red one")
    assert found is not None
    assert found.mask.shape == (900, 1200) and found.mask.dtype == np.float32
    assert set(np.unique(found.mask)) == {0.0, 1.0}
    assert overlap(found.mask, disc(thing, 1200, 900)) > 0.95


def test_the_same_picture_has_the_same_regions() -> None:
    first, second = (ContrastFinder().find(scene(LEFT, RIGHT), "the boat") for _ in range(2))
    assert first is not None and second is not None and np.array_equal(first.mask, second.mask)


@pytest.mark.parametrize("shape", [(1, 1), (3, 400), (400, 3)])
def test_pictures_of_hardly_any_pixels_do_no_harm(shape: tuple[int, int]) -> None:
    picture = np.random.default_rng(0).random((*shape, 3), np.float32)
    found = ContrastFinder().find(picture, "the red boat")
    assert found is None or found.mask.shape == shape
