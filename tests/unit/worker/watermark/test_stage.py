"""The stage: every picture leaves with a mark that was read back, or not at all."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import pytest

from functions.contract import paths
from functions.contract.errors import WatermarkFailed
from tests.unit.worker.stages.making import tools, work
from worker.stages.watermark import watermark
from worker.stages.work import PictureInProgress, Work

Pixels = npt.NDArray[np.float32]


def with_picture(rgb: Pixels) -> Work:
    job = work(rgb.shape[1], rgb.shape[0])
    job.pictures = [PictureInProgress(n=0, seed=7, rgb=rgb)]
    return job


def test_the_facts_say_what_was_read_back_and_at_what_strength(photograph: Callable[..., Pixels]) -> None:
    before = photograph("coffee")
    job = watermark(with_picture(before), tools())
    facts = job.pictures[0].watermark
    assert facts is not None
    assert facts.payload == f"{paths.mark_payload(job.job_id, 0):016x}"
    assert facts.psnr == 43
    assert facts.score > 0.8
    assert "jpeg-50" in facts.survives
    assert not np.array_equal(job.pictures[0].rgb, before)


def test_a_picture_that_cannot_be_read_back_does_not_leave() -> None:
    tiny = np.full((24, 24, 3), 0.5, np.float32)
    job = with_picture(tiny)
    with pytest.raises(WatermarkFailed):
        watermark(job, tools())
    assert job.pictures[0].watermark is None
    np.testing.assert_array_equal(job.pictures[0].rgb, tiny)
