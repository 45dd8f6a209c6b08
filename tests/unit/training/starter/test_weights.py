"""The weights that are shipped: small enough to commit, whole, and they follow a plain prompt."""

from __future__ import annotations

import numpy as np
import pytest

from training.scenes.pixel_canvas import Picture
from training.sheets.plain_prompts import draw_prompts
from worker.settings import EMBEDDED_MODEL

pytestmark = pytest.mark.slow

MEGABYTE = 1_000_000


@pytest.fixture(scope="module")
def drawn() -> dict[str, Picture]:
    prompts = [
        "a red boat on the sea by day",
        "a red boat on the sea at night",
        "a red boat in the snow by day",
    ]
    return dict(zip(prompts, draw_prompts(EMBEDDED_MODEL, prompts, seed=1), strict=True))


def test_no_file_is_too_large_to_commit() -> None:
    sizes = [file.stat().st_size for file in EMBEDDED_MODEL.rglob("*") if file.is_file()]
    assert max(sizes) < 15 * MEGABYTE
    assert sum(sizes) < 40 * MEGABYTE


def test_pictures_have_the_native_size(drawn: dict[str, Picture]) -> None:
    assert {picture.shape for picture in drawn.values()} == {(64, 64, 3)}


def test_night_is_darker_than_day_and_snow_whiter_than_the_sea(drawn: dict[str, Picture]) -> None:
    day, night, snow = (picture.astype(float) for picture in drawn.values())
    assert night.mean() + 60 < day.mean()
    assert snow[48:].mean() > day[48:].mean() + 30


def test_a_red_boat_is_red_in_the_middle(drawn: dict[str, Picture]) -> None:
    for picture in drawn.values():
        red, green, blue = np.moveaxis(picture[28:56, 12:52].astype(float), 2, 0)
        assert ((red > 130) & (green < 90) & (blue < 90)).mean() > 0.06
