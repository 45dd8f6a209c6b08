"""The visible mark: there, whole, in its corner, and legible on any background."""

from __future__ import annotations

import numpy as np
import pytest

from tests.unit.worker.stages.making import noise, work
from worker.stages.visible_mark import draw_visible_mark, mark_height, visible_mark
from worker.stages.work import PictureInProgress

SIZES = [(512, 512), (256, 256), (1448, 176), (176, 1448), (2048, 2048), (64, 64)]


def flat(width: int, height: int, level: float) -> np.ndarray:
    return np.full((height, width, 3), level, np.float32)


def touched(before: np.ndarray, after: np.ndarray) -> tuple[slice, slice]:
    rows, columns = np.nonzero(np.abs(after - before).max(axis=-1) > 1e-6)
    return slice(rows.min(), rows.max() + 1), slice(columns.min(), columns.max() + 1)


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_it_lies_whole_in_the_lower_right_corner(width: int, height: int) -> None:
    before = flat(width, height, 0.5)
    rows, columns = touched(before, draw_visible_mark(before))
    assert rows.stop < height
    assert columns.stop < width
    assert rows.start > height / 2
    assert columns.start > width / 2


@pytest.mark.parametrize("side", [512, 1024, 2048])
def test_it_grows_with_the_picture(side: int) -> None:
    assert mark_height(side, side) == pytest.approx(0.045 * side, rel=0.01)
    before = flat(side, side, 0.5)
    rows, columns = touched(before, draw_visible_mark(before))
    area = (rows.stop - rows.start) * (columns.stop - columns.start)
    assert 0.004 < area / side**2 < 0.01


def test_a_small_picture_still_has_letters_to_read_and_a_large_one_larger() -> None:
    assert mark_height(256, 256) == 18
    assert mark_height(4096, 4096) == pytest.approx(184, abs=1)


@pytest.mark.parametrize("level", [0.0, 0.25, 0.5, 0.75, 1.0])
def test_it_stands_out_from_any_background(level: float) -> None:
    """WCAG asks for a contrast of 3 for what is not text; here against the background or within the mark."""
    before = flat(512, 512, level)
    after = draw_visible_mark(before)[touched(before, draw_visible_mark(before))]
    light = np.where(after <= 0.04045, after / 12.92, ((after + 0.055) / 1.055) ** 2.4).mean(axis=-1)
    assert (light.max() + 0.05) / (light.min() + 0.05) > 3


def test_it_is_as_exact_as_the_picture() -> None:
    """Nothing is rounded to 8 bits, and nothing leaves 0 to 1."""
    after = draw_visible_mark(noise(512, 512) * np.float32(0.99987))
    assert after.dtype == np.float32
    assert len(np.unique(np.round(after * 65535))) > 1_000
    assert 0 <= after.min() <= after.max() <= 1


def test_the_rest_of_the_picture_does_not_change() -> None:
    before = noise(512, 512)
    kept = before.copy()
    after = draw_visible_mark(before)
    assert (before == kept).all()
    assert (after[:400] == before[:400]).all()
    assert (after[:, :400] == before[:, :400]).all()


def test_every_picture_of_a_job_is_marked() -> None:
    job = work(visible_mark=True)
    job.pictures = [PictureInProgress(n=n, seed=n, rgb=noise(256, 256, n)) for n in range(2)]
    assert all((picture.rgb != noise(256, 256, picture.n)).any() for picture in visible_mark(job).pictures)
