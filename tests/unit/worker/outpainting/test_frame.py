from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.worker.stages.making import noise, work
from worker.outpainting.frame import frame_picture
from worker.stages.composite import composite
from worker.stages.work import PictureInProgress


@pytest.mark.parametrize(("width", "height"), [(320, 200), (200, 360), (201, 200), (320, 360)])
def test_a_picture_that_fits_stands_in_the_middle_as_it_was(width: int, height: int) -> None:
    picture = noise(200, 200) if height == 200 or width == 200 else noise(320, 200)
    frame, mask = frame_picture(picture, width, height)
    inside = mask == 0
    assert frame.shape == (height, width, 3) and frame.dtype == np.float32
    assert inside.sum() == picture.shape[0] * picture.shape[1]
    assert np.array_equal(frame[inside], picture.reshape(-1, 3))
    rows, columns = np.flatnonzero(inside.any(1)), np.flatnonzero(inside.any(0))
    assert abs(rows[0] - (height - 1 - rows[-1])) <= 1
    assert abs(columns[0] - (width - 1 - columns[-1])) <= 1


@given(
    st.tuples(st.integers(1, 90), st.integers(1, 90)), st.tuples(st.integers(16, 120), st.integers(16, 120))
)
def test_a_picture_of_any_shape_is_whole_in_a_frame_of_any(
    shape: tuple[int, int], size: tuple[int, int]
) -> None:
    picture = np.full((*shape, 3), 0.5, np.float32)
    frame, mask = frame_picture(picture, *size)
    assert frame.shape == (size[1], size[0], 3)
    rows, columns = np.flatnonzero((mask == 0).any(1)), np.flatnonzero((mask == 0).any(0))
    assert len(rows) == size[1] or len(columns) == size[0]
    assert np.allclose(frame, 0.5)


def test_nothing_of_the_picture_changes_whatever_is_painted() -> None:
    job, picture = (
        work(320, 200, task="outpaint", prompt=None, images=[{"uri": "gs://b/n"}], aspect_ratio="16:9"),
        noise(200, 200),
    )
    frame, job.mask = frame_picture(picture, 320, 200)
    job.images = (frame,)
    job.pictures = [PictureInProgress(n=0, seed=1, rgb=noise(320, 200, seed=2))]
    done = composite(job).pictures[0]
    assert np.array_equal(done.rgb[:, 60:260], picture)
    assert done.outside_mask_difference == 0.0
    assert np.allclose(done.rgb[:, :10], noise(320, 200, seed=2)[:, :10], atol=1e-6)


@pytest.mark.parametrize(("width", "height"), [(400, 200), (200, 400)])
def test_nothing_in_the_picture_is_shown_a_second_time_around_it(width: int, height: int) -> None:
    """A moon near the edge: its reflection would be drawn as another."""
    picture = np.full((200, 200, 3), 0.2, np.float32)
    picture[20:60, 20:60] = 1.0
    picture[-60:-20, -60:-20] = 1.0
    frame, mask = frame_picture(picture, width, height)
    assert frame[mask == 1].max() < 0.25
