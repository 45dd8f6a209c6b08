"""The seam of an outpaint: no step at the picture's edge, and not a bit of the picture changed."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from tests.unit.worker.stages.making import noise
from worker.engines.protocol import Mask, Picture
from worker.outpainting.frame import frame_picture
from worker.outpainting.seam import join_seam

SHAPES = [(400, 200), (200, 400), (401, 200), (200, 399)]


def smooth(width: int, height: int, seed: int = 0) -> Picture:
    """float32 (height, width, 3) in 0.2–0.8 whose neighbours differ by about a level."""
    return np.asarray(
        cv2.resize(noise(4, 4, seed), (width, height), interpolation=cv2.INTER_CUBIC) * 0.6 + 0.2
    ).clip(0.2, 0.8)


def scene(width: int, height: int, off: float) -> tuple[Picture, Picture, Mask]:
    """The frame of a picture, what a model makes of it that is ``off`` everywhere, and the frame's mask."""
    whole = smooth(width, height)
    top, left = (height - 200) // 2, (width - 200) // 2
    frame, mask = frame_picture(whole[top : top + 200, left : left + 200], width, height)
    return frame, whole + np.float32(off), mask


def steps(picture: Picture, mask: Mask) -> list[float]:
    """The mean step in levels between the pixels on either side of the picture's edge, side by side."""
    inside, found = mask == 0, list[float]()
    for axis in (0, 1):
        crossing = np.diff(inside.astype(np.int8), axis=axis) != 0
        step = np.abs(np.diff(picture, axis=axis)).mean(axis=2) * 255
        found += [float(step[crossing].mean())] if crossing.any() else []
    return found


@pytest.mark.parametrize(("width", "height"), SHAPES)
@pytest.mark.parametrize("levels", [-18, -5, 0, 13, 40])
def test_a_model_that_is_some_levels_off_leaves_no_step(width: int, height: int, levels: int) -> None:
    frame, drawn, mask = scene(width, height, levels / 255)
    natural = max(steps(drawn, mask))
    assert max(steps(join_seam(frame, drawn, mask), mask)) <= natural + 0.5


@pytest.mark.parametrize(("width", "height"), SHAPES)
def test_not_a_bit_of_the_picture_changes(width: int, height: int) -> None:
    frame, drawn, mask = scene(width, height, 0.1)
    before = drawn.copy()
    joined = join_seam(frame, drawn, mask)
    assert joined.dtype == np.float32
    assert np.array_equal(joined[mask == 0], frame[mask == 0])
    assert np.array_equal(drawn, before)  # the model's own picture is left as it was


def test_what_agrees_at_the_edge_stays_as_it_was_drawn() -> None:
    frame, drawn, mask = scene(400, 200, 0.0)
    drawn[:, :40] = noise(40, 200, seed=3)
    assert np.abs(join_seam(frame, drawn, mask) - drawn).max() < 1e-6


def test_far_out_the_drawing_has_its_own_colours() -> None:
    frame, drawn, mask = scene(600, 200, 0.1)
    joined = join_seam(frame, drawn, mask)
    assert np.allclose(joined[:, :140], drawn[:, :140], atol=1e-6)
    assert np.abs(joined - drawn)[:, 195:200].mean() > 0.09


def test_the_difference_fades_evenly() -> None:
    """No second seam where the joining ends."""
    frame, drawn, mask = scene(600, 200, 40 / 255)
    added = ((join_seam(frame, drawn, mask) - drawn) * 255).mean(axis=(0, 2))
    assert np.abs(np.diff(added[:200])).max() < 1.5
    assert np.abs(np.diff(added[400:])).max() < 1.5


def test_one_bright_pixel_at_the_edge_draws_no_line_outwards() -> None:
    frame, drawn, mask = scene(400, 200, 0.0)
    frame[100, 100] = 1.0
    added = join_seam(frame, drawn, mask) - drawn
    assert added[100, 99].max() > 0.1
    assert np.abs(added[:, :80]).max() < 0.1


def test_colours_stay_within_what_can_be_shown() -> None:
    frame, drawn, mask = scene(400, 200, 0.3)
    joined = join_seam(frame, 1 - drawn, mask)
    assert 0 <= joined.min() <= joined.max() <= 1
