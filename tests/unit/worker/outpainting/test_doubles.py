"""What the picture has once is not there again around it: one night has one moon."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
import pytest

from functions.contract.intent_facts import IntentFacts
from tests.unit.worker.stages.making import work
from worker.engines.protocol import Mask, Picture
from worker.outpainting.doubles import without_doubles
from worker.outpainting.frame import frame_picture
from worker.stages.composite import composite
from worker.stages.work import PictureInProgress

WIDTH, HEIGHT = 912, 512
MOON, SUN = (0.95, 0.93, 0.75), (0.98, 0.8, 0.15)
INSIDE, LEFT, RIGHT = (600, 100), (80, 90), (840, 120)


def sky(*discs: tuple[tuple[int, int], tuple[float, float, float]], radius: int = 36) -> Picture:
    """A frame of night sky that grows lighter downwards, with discs (centre, colour) in it."""
    down = np.linspace(0, 1, HEIGHT, dtype=np.float32)[:, None, None]
    picture = np.broadcast_to(
        0.08 + 0.15 * down * np.array([0.4, 0.6, 1], np.float32), (HEIGHT, WIDTH, 3)
    ).copy()
    for centre, colour in discs:
        cv2.circle(picture, centre, radius, colour, -1, cv2.LINE_AA)
    return picture


def frame_of(whole: Picture) -> tuple[Picture, Mask]:
    left = (WIDTH - HEIGHT) // 2
    return frame_picture(whole[:, left : left + HEIGHT], WIDTH, HEIGHT)


def test_a_second_moon_is_painted_over_with_the_sky() -> None:
    before, mask = frame_of(sky((INSIDE, MOON)))
    after = sky((INSIDE, MOON), (LEFT, MOON), (RIGHT, MOON))
    painted, count = without_doubles(before, after, mask)
    assert count == 2
    assert np.abs(painted - sky((INSIDE, MOON))).max() < 0.03
    assert np.array_equal(painted[mask == 0], after[mask == 0])


def test_a_fainter_one_is_a_double_too() -> None:
    before, mask = frame_of(sky((INSIDE, MOON)))
    after = sky((INSIDE, MOON), (LEFT, (0.5, 0.49, 0.43)))
    painted, count = without_doubles(before, after, mask)
    assert count == 1
    assert np.abs(painted - sky((INSIDE, MOON))).max() < 0.03


@pytest.mark.parametrize(
    ("own", "drawn"),
    [
        ([(INSIDE, MOON), ((400, 300), MOON)], [(LEFT, MOON)]),  # two in the picture: a pattern
        ([(INSIDE, MOON)], [(LEFT, (0.1, 0.5, 0.15))]),  # a thing of another colour
        ([], [(LEFT, MOON)]),  # none in the picture
        ([(INSIDE, MOON)], [((200, 200), MOON)]),  # it crosses the picture's edge, and belongs to it
    ],
    ids=["pattern", "colour", "none", "edge"],
)
def test_what_is_no_double_stays(own: list[Any], drawn: list[Any]) -> None:
    before, mask = frame_of(sky(*own))
    after = sky(*own, *drawn)
    painted, count = without_doubles(before, after, mask)
    assert count == 0
    assert painted is after


def test_it_has_sixteen_bits_of_sky_where_it_was() -> None:
    before, mask = frame_of(sky((INSIDE, MOON)))
    painted, _ = without_doubles(before, sky((INSIDE, MOON), (LEFT, MOON)), mask)
    column = painted[60:120, LEFT[0], 2]
    assert len(np.unique(column)) == len(column)


@pytest.mark.parametrize(("subjects", "doubles"), [((), False), (("moon",), True)])
def test_a_prompt_that_asks_for_things_gets_them(subjects: tuple[str, ...], doubles: bool) -> None:
    asked = work(
        task="outpaint",
        prompt="x",
        images=[{"uri": "gs://b/n"}],
        aspect_ratio="16:9",
        width=WIDTH,
        height=HEIGHT,
    )
    frame, asked.mask = frame_of(sky((INSIDE, MOON)))
    asked.images = (frame,)
    asked.intent = IntentFacts(by="rules", prompt="x", subjects=subjects)
    asked.pictures = [PictureInProgress(n=0, seed=1, rgb=sky((INSIDE, MOON), (LEFT, MOON)))]
    rgb = composite(asked).pictures[0].rgb
    assert (float(rgb[LEFT[1], LEFT[0]].mean()) > 0.5) is doubles
