"""Pixel art keeps the pixels that were drawn."""

from __future__ import annotations

import numpy as np
import pytest

from tests.unit.worker.stages.making import noise
from worker.pictures.pixel_art import is_pixel_art, repeat_pixels
from worker.prompt_intent.intent_rules import read_intent


@pytest.mark.parametrize(
    ("prompt", "shape", "expected"),
    [
        ("a cat in pixel art style", (64, 64), True),
        ("a cat in pixel art style", (40, 96), True),
        ("a cat in pixel art style", (128, 256), False),
        ("a cat in neon", (64, 64), False),
    ],
)
def test_it_is_a_matter_of_the_style_and_of_the_drawings_size(
    prompt: str, shape: tuple[int, int], expected: bool
) -> None:
    assert is_pixel_art(noise(*shape), read_intent(prompt, scenes_only=True)) == expected


def test_without_a_prompt_that_was_read_there_is_no_style() -> None:
    assert not is_pixel_art(noise(64, 64), None)


@pytest.mark.parametrize(("factor", "times"), [(0.5, 1), (1.0, 1), (3.2, 4), (8.0, 8)])
def test_pixels_are_repeated_a_whole_number_of_times(factor: float, times: int) -> None:
    drawn = noise(6, 4)
    assert np.array_equal(repeat_pixels(drawn, factor), drawn.repeat(times, 0).repeat(times, 1))
