"""The engine in its place: configured, and followed by the stages that follow every engine."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from functions.contract.errors import ImageBlocked
from functions.contract.settings import SettingsError
from tests.unit.worker.engines.gemini.drawing import KEY, engine
from tests.unit.worker.engines.gemini.service import Service, candidate, drawn, flat
from tests.unit.worker.stages.making import LANES, draw_and_mark, marking_tools, noise, tools, work
from worker.engines.catalogue import Catalogue
from worker.engines.gemini.engine import DEFAULT_MODEL
from worker.settings import WorkerSettings
from worker.stages.pipeline import StageError, run_stages
from worker.stages.work import Work

pytestmark = pytest.mark.slow


def settings(**variables: str) -> WorkerSettings:
    environment = {
        "PLANTAIN_PROJECT": "demo",
        "PLANTAIN_UPLOADS_BUCKET": "uploads",
        "PLANTAIN_RESULTS_BUCKET": "results",
        "PLANTAIN_JOBS_BUCKET": "jobs",
        "PLANTAIN_MODELS": json.dumps({"banana": "gemini", "pro": "gemini:gemini-3-pro-image"}),
        "PLANTAIN_DEFAULT_MODEL": "banana",
        **variables,
    }
    return WorkerSettings.from_environment(environment)


def through_the_engine_lane(google: Service, job: Work, **options: Any) -> Work:
    return draw_and_mark(job, tools(engine(google, **options)))


def generate(width: int = 256, height: int = 256, **request: Any) -> Work:
    return work(width, height, correction={"attempts": 1}, **request)


def edit(image: np.ndarray, **request: Any) -> Work:
    job = generate(task="edit", images=[{"uri": "gs://uploads/a.png"}], **request)
    job.images = (image,)
    return job


# Configured. ------------------------------------------------------------------------------------------


def test_a_model_of_the_settings_is_a_gemini_model() -> None:
    catalogue = Catalogue(settings(PLANTAIN_GEMINI_KEY=KEY))
    default, pro = catalogue.engine("banana"), catalogue.engine("pro")
    assert (default.name, default.model) == ("gemini", DEFAULT_MODEL)
    assert (pro.name, pro.model) == ("gemini", "gemini-3-pro-image")
    assert catalogue.engine("banana") is default
    assert catalogue.free_bytes() > 0
    assert catalogue.enlargers("banana") == ()


def test_what_a_model_can_do_is_configured_by_its_id() -> None:
    options = json.dumps({"gemini-3-pro-image": {"image_sizes": ["1K", "2K"]}})
    catalogue = Catalogue(settings(PLANTAIN_GEMINI_MODELS=options, PLANTAIN_GEMINI_KEY=KEY))
    assert catalogue.engine("pro").native_size(4096, 4096) == (2048, 2048)
    assert catalogue.engine("banana").native_size(4096, 4096) == (4096, 4096)


@pytest.mark.parametrize(
    "options",
    [
        {"image_sizes": ["8K"]},
        {"aspect_ratios": []},
        {"aspect_ratios": ["1:0"]},
        {"thinking_level": "high", "thinking_budget": 0},
        {"safety": {"HARM_CATEGORY_HARASSMENT": "SOMETIMES"}},
        {"safety": {"HARM_CATEGORY_BOREDOM": "OFF"}},
        {"temperature": 1},
    ],
    ids=str,
)
def test_options_that_no_model_knows_are_refused_at_the_start(options: dict[str, Any]) -> None:
    with pytest.raises(SettingsError):
        settings(PLANTAIN_GEMINI_MODELS=json.dumps({DEFAULT_MODEL: options}))


def test_the_key_shows_in_no_account_of_the_settings() -> None:
    found = settings(PLANTAIN_GEMINI_KEY=KEY)
    assert KEY not in repr(found)
    assert KEY not in repr(Catalogue(found).engine("banana"))


# In the line. -----------------------------------------------------------------------------------------


def test_each_picture_is_a_call_with_its_own_seed_and_each_is_marked(google: Service) -> None:
    done = through_the_engine_lane(google, generate(count=3))
    assert [heard.config["seed"] for heard in google.heard] == [picture.seed for picture in done.pictures]
    assert len({picture.seed for picture in done.pictures}) == 3
    assert (done.engine, done.model_revision) == ("gemini", DEFAULT_MODEL)
    for picture in done.pictures:
        assert picture.rgb.shape == (256, 256, 3)
        assert picture.watermark is not None


def test_beyond_the_largest_size_the_upscaler_carries_it(google: Service) -> None:
    done = through_the_engine_lane(google, generate(640, 640), image_sizes=["512"])
    (picture,) = done.pictures
    assert picture.rgb.shape == (640, 640, 3)
    assert picture.upscale is not None
    assert (picture.upscale.from_width, picture.upscale.from_height) == (512, 512)


def test_outside_the_mask_nothing_changes(google: Service) -> None:
    image = noise(256, 256)
    job = edit(image, region={"box": [0.5, 0, 1, 1]})
    job.mask = np.zeros((256, 256), np.float32)
    job.mask[:, 128:] = 1
    google.script = [drawn(flat(512, 512, (1, 0, 0)))]
    job = run_stages(LANES.engine, job, tools(engine(google)), lambda _: None)
    before_the_mark = [stage for stage in LANES.marking if stage.name != "watermark"]
    done = run_stages(before_the_mark, job, marking_tools(), lambda _: None)
    assert np.array_equal(done.pictures[0].rgb[:, :128], image[:, :128])
    assert np.allclose(done.pictures[0].rgb[:, 200:], [1, 0, 0])
    assert len(google.heard[0].pictures) == 2


def test_a_refusal_ends_the_job_in_the_stage_that_drew(google: Service) -> None:
    google.script = [drawn(flat(512, 512, google.colour)), candidate(reason="IMAGE_SAFETY")]
    with pytest.raises(StageError) as stopped:
        through_the_engine_lane(google, generate(count=2))
    assert stopped.value.stage == "diffuse"
    assert isinstance(stopped.value.error, ImageBlocked)


def test_an_instruction_is_an_edit_of_the_picture_that_is_sent(google: Service) -> None:
    assert engine(google).follows_instructions
    through_the_engine_lane(google, edit(noise(256, 256), prompt="make the boat red"))
    assert google.heard[0].words == "make the boat red"
    assert len(google.heard[0].pictures) == 1
