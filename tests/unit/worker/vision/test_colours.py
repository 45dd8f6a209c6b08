from __future__ import annotations

import numpy as np
import pytest

from worker.scene_vocabulary.colours import COLOURS
from worker.vision.colours import COLOUR_NAMES, share_of_colour

SWATCHES = {
    "red": (220, 30, 35),
    "orange": (240, 140, 30),
    "yellow": (245, 215, 50),
    "green": (50, 160, 60),
    "turquoise": (40, 190, 190),
    "blue": (40, 90, 210),
    "purple": (130, 60, 180),
    "pink": (240, 140, 190),
    "brown": (120, 75, 40),
    "white": (250, 250, 250),
    "black": (15, 15, 18),
    "grey": (128, 128, 130),
}


def flat(colour: tuple[int, ...]) -> np.ndarray:
    return np.broadcast_to(np.array(colour, np.float32) / 255, (32, 32, 3)).copy()


@pytest.mark.parametrize("name", SWATCHES)
def test_each_colour_is_found_where_it_is(name: str) -> None:
    assert share_of_colour(flat(SWATCHES[name]), name) == 1.0


@pytest.mark.parametrize("name", COLOURS)
def test_the_starters_colours_are_what_their_names_say(name: str) -> None:
    assert share_of_colour(flat(COLOURS[name]), name) == 1.0


@pytest.mark.parametrize("name", ["red", "green", "blue", "yellow", "white", "black"])
def test_a_colour_is_not_found_where_it_is_not(name: str) -> None:
    others = [other for other in ("red", "green", "blue", "yellow", "white", "black") if other != name]
    assert all(share_of_colour(flat(SWATCHES[other]), name) == 0.0 for other in others)


def test_every_colour_that_the_starter_draws_has_a_measure() -> None:
    assert COLOUR_NAMES == frozenset(COLOURS) == frozenset(SWATCHES)
