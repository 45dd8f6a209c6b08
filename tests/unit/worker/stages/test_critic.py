from __future__ import annotations

import numpy as np
import pytest

from tests.unit.worker.stages.making import noise
from worker.stages.critic import is_blank, review, share_of
from worker.stages.intent import understand

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


def flat(colour: tuple[float, ...]) -> np.ndarray:
    return np.broadcast_to(np.array(colour, np.float32), (32, 32, 3)).copy()


@pytest.mark.parametrize("name", SWATCHES)
def test_each_colour_is_found_where_it_is(name: str) -> None:
    assert share_of(flat(SWATCHES[name]) / 255, name) == 1.0


@pytest.mark.parametrize("name", ["red", "green", "blue", "yellow", "white", "black"])
def test_a_colour_is_not_found_where_it_is_not(name: str) -> None:
    others = [other for other in ("red", "green", "blue", "yellow", "white", "black") if other != name]
    assert all(share_of(flat(SWATCHES[other]) / 255, name) == 0.0 for other in others)


def test_a_blank_or_broken_picture_is_noticed() -> None:
    assert is_blank(flat((0.5, 0.5, 0.5)))
    assert is_blank(flat((np.nan, 0.5, 0.5)))
    assert not is_blank(noise(32, 32))


def test_the_light_that_was_asked_for_is_checked() -> None:
    dark = noise(32, 32) * 0.3
    assert review(dark, understand("a boat at night")).score == 1.0
    assert review(dark, understand("a boat by day")).reasons == ("the light is not day",)


def test_an_edit_that_changes_nothing_is_noticed() -> None:
    before = noise(64, 64)
    assert review(before, None, before).reasons == ("nothing was changed",)
    assert review(1 - before, None, before).score == 1.0
