"""What a job will take, from what such jobs took."""

from __future__ import annotations

import pytest

from functions.contract.storage.job_pace import ModelPace

K = 1024 * 1024


def test_nothing_measured_is_nothing_known() -> None:
    assert ModelPace().estimate("generate", K, 1) is None
    assert ModelPace().with_job("edit", K, 1, 4.0).estimate("generate", K, 1) is None


def test_what_was_measured_is_told_for_each_picture() -> None:
    pace = ModelPace().with_job("generate", K, 2, 8.0)
    assert [pace.estimate("generate", K, count) for count in (1, 2, 3)] == [4.0, 8.0, 12.0]


def test_a_size_that_was_not_measured_is_scaled_from_the_nearest() -> None:
    pace = ModelPace().with_job("generate", K, 1, 4.0).with_job("generate", 16 * K, 1, 100.0)
    assert pace.estimate("generate", K // 4, 1) == 1.0
    assert pace.estimate("generate", 2 * K, 1) == 8.0


def test_it_is_a_mean_that_follows_what_changes() -> None:
    pace = ModelPace()
    for seconds in (4.0, 6.0):
        pace = pace.with_job("generate", K, 1, seconds)
    assert pace.estimate("generate", K, 1) == 5.0
    for _ in range(60):
        pace = pace.with_job("generate", K, 1, 1.0)
    assert pace.estimate("generate", K, 1) == 1.0


def test_a_task_without_pictures_has_a_pace_too() -> None:
    assert ModelPace().with_job("verify", K, 0, 2.0).estimate("verify", K, 0) == 2.0


@pytest.mark.parametrize("pixels", [0, 1, 2**40])
def test_no_size_is_too_odd(pixels: int) -> None:
    assert ModelPace().with_job("generate", pixels, 1, 1.0).estimate("generate", pixels, 1) == 1.0


def test_it_stays_small() -> None:
    pace = ModelPace()
    for octave in range(200):
        pace = pace.with_job("generate", 2**octave, 1, 1.0)
    assert len(pace.kinds) == 64
