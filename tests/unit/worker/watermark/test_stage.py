"""The stage: every delivered picture has a mark that was read back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pytest

from functions.contract import ids
from functions.contract.errors import WatermarkFailed
from tests.unit.worker.stages.making import marking_tools, tools, work
from tests.unit.worker.watermark import textures
from worker.pictures.pixel_levels import levels_to_floats
from worker.stages.upscale import upscale
from worker.stages.watermark import watermark
from worker.stages.work import PictureInProgress, Work

pytestmark = pytest.mark.slow

Pixels = npt.NDArray[np.float32]


def with_picture(rgb: Pixels) -> Work:
    job = work(rgb.shape[1], rgb.shape[0])
    job.pictures = [PictureInProgress(n=0, seed=7, rgb=rgb)]
    return job


def test_the_facts_say_what_was_read_back_and_at_what_strength(photograph: Callable[..., Pixels]) -> None:
    before = photograph("coffee")
    job = watermark(with_picture(before), marking_tools())
    facts = job.pictures[0].watermark
    assert facts is not None
    assert facts.payload == f"{ids.watermark_payload(job.job_id, 0):016x}"
    assert facts.psnr == 43
    assert facts.score > 0.8
    assert "jpeg-50" in facts.survives
    assert not np.array_equal(job.pictures[0].rgb, before)


def test_a_picture_without_a_pixel_for_each_bit_does_not_leave() -> None:
    tiny = np.full((17, 17, 3), 0.5, np.float32)
    job = with_picture(tiny)
    with pytest.raises(WatermarkFailed, match="312"):
        watermark(job, marking_tools())
    assert job.pictures[0].watermark is None
    np.testing.assert_array_equal(job.pictures[0].rgb, tiny)


def test_a_busy_picture_leaves_and_its_facts_say_what_its_mark_survives() -> None:
    job = watermark(with_picture(levels_to_floats(textures.black_and_white_noise(128))), marking_tools())
    facts = job.pictures[0].watermark
    assert facts is not None
    assert (facts.scheme, facts.proof) == ("plantain-m1", "exact")
    assert "none" in facts.survives


class TestWhereASettingDemandsMore:
    demanding = replace(marking_tools(), watermark_proof="robust")

    def test_it_fails_with_the_reason(self) -> None:
        with pytest.raises(WatermarkFailed, match="texture drowns") as failure:
            watermark(with_picture(levels_to_floats(textures.black_and_white_noise(128))), self.demanding)
        assert "in its own file" in str(failure.value)

    def test_what_reaches_it_leaves(self, photograph: Callable[..., Pixels]) -> None:
        job = watermark(with_picture(photograph("coffee")), self.demanding)
        assert job.pictures[0].watermark is not None
        assert job.pictures[0].watermark.proof == "robust"

    def test_a_picture_to_be_enlarged_fails_before_any_network_works_on_it(self) -> None:
        job = work(256, 256, task="upscale", prompt=None, images=[{"uri": "gs://in/a.png"}], size="512")
        job.images = (levels_to_floats(textures.black_and_white_noise(128)),)
        network = Unused()

        def enlargers(_model: str | None) -> tuple[Unused, ...]:
            return (network,)

        with pytest.raises(WatermarkFailed):
            upscale(job, replace(tools(), enlargers=enlargers, watermark_proof="robust"))
        assert not network.asked


class Unused:
    """An enlarger that records if it was called."""

    name, factor, asked = "unused", 2, False

    def enlarge(self, rgb: Pixels, tile: int) -> Pixels:
        del tile
        self.asked = True
        return np.repeat(np.repeat(rgb, 2, axis=0), 2, axis=1)
