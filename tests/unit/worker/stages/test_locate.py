from __future__ import annotations

import cv2
import numpy as np
import pytest

from functions.contract.errors import RegionNotFound
from tests.unit.worker.stages.making import LANES, draw_and_mark, noise, tools, work
from worker.stages.composite import composite
from worker.stages.locate import locate
from worker.stages.pipeline import StageError, run_stages
from worker.stages.suggest import suggest
from worker.stages.tools import IntakeTools
from worker.stages.work import PictureInProgress, Work

SEA = (0.12, 0.5, 0.7)


def picture() -> np.ndarray:
    rgb = np.broadcast_to(np.array(SEA, np.float32), (256, 256, 3)).copy()
    cv2.circle(rgb, (90, 130), 40, (0.85, 0.12, 0.12), -1)
    return rgb


def job(region_prompt: str | None, task: str = "edit") -> Work:
    prompt = "make the boat blue" if task == "edit" else None
    asked = work(task=task, prompt=prompt, images=[{"uri": "gs://b/n"}], region_prompt=region_prompt)
    asked.images = (picture(),)
    return asked


def test_a_name_becomes_a_mask_around_the_thing_and_the_manifest_says_where() -> None:
    found = locate(job("the red boat"), tools())
    assert found.mask is not None and found.region is not None
    assert found.mask[130, 90] == 1 and found.mask[20, 200] == 0
    left, top, right, bottom = found.region.box
    assert (left, top, right, bottom) == pytest.approx((50 / 256, 90 / 256, 131 / 256, 171 / 256), abs=0.04)
    assert (found.region.by, found.region.share) == ("contrast", pytest.approx(0.0825, abs=0.02))


@pytest.mark.parametrize("name", ["the yellow boat", "the green tree"])
def test_what_is_not_there_is_said_to_be_missing(name: str) -> None:
    with pytest.raises(RegionNotFound, match="give a region or a mask"):
        locate(job(name), tools())


@pytest.mark.parametrize(
    "name",
    ["the hat", "the boat", "the left boat", "the hat on the red boat", "the boat in the background", "..."],
)
def test_a_name_that_is_not_understood_is_said_to_be_and_no_other_place_is_taken(name: str) -> None:
    with pytest.raises(RegionNotFound, match="was not understood"):
        locate(job(name), tools())


def test_the_words_that_did_not_lead_to_the_place_are_told() -> None:
    found = locate(job("the red boat"), tools())
    assert found.region is not None and found.region.unrecognized == ("boat",)
    general = locate(job("the red thing"), tools())
    assert general.region is not None and general.region.unrecognized == ()


def test_outside_the_named_region_not_a_bit_changes() -> None:
    found = locate(job("the red boat"), tools())
    assert found.mask is not None
    found.pictures = [PictureInProgress(n=0, seed=1, rgb=noise(256, 256))]
    done = composite(found).pictures[0]
    assert done.outside_mask_difference == 0.0
    assert np.array_equal(done.rgb[found.mask == 0], picture()[found.mask == 0])
    assert not np.array_equal(done.rgb[found.mask == 1], picture()[found.mask == 1])


def through(asked: Work) -> Work:
    asked = run_stages(LANES.intake, asked, IntakeTools(), lambda _: None)
    return draw_and_mark(asked)


def test_an_edit_of_a_named_region_goes_down_the_line() -> None:
    done = through(job("the red boat"))
    assert [stage.name for stage in done.stages].index("locate") < [
        stage.name for stage in done.stages
    ].index("encode")
    assert done.pictures[0].outside_mask_difference == 0.0


def test_a_name_that_means_nothing_stops_the_job_there() -> None:
    with pytest.raises(StageError) as caught:
        through(job("the green tree"))
    assert (caught.value.stage, caught.value.error.code) == ("locate", "region_not_found")


@pytest.mark.parametrize("region_prompt", [None, "the red boat"])
def test_suggestions_are_made_and_no_pictures(region_prompt: str | None) -> None:
    done = through(job(region_prompt, task="suggest"))
    assert 3 <= len(done.suggestions) <= 6
    assert done.suggestions_by == "rules"
    assert done.pictures == []
    names = {stage.name for stage in done.stages}
    assert "suggest" in names and not names & {
        "intent",
        "encode",
        "diffuse",
        "upscale",
        "composite",
        "watermark",
    }


def test_suggestions_of_a_region_are_about_it() -> None:
    asked = locate(job("the red boat", task="suggest"), tools())
    assert suggest(asked, tools()).suggestions[0].instruction == "make what is red blue"
