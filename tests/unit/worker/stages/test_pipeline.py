from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from functions.contract.errors import PromptBlocked
from tests.unit.worker.stages.making import KEY, LANES, draw_and_mark, noise, work
from worker.credentials.credentials_reader import read_credentials
from worker.credentials.development_chain import development_signer
from worker.credentials.sealer import Sealer
from worker.pictures.decode import decode_picture
from worker.stages.pipeline import STAGES, StageError, run_stages
from worker.stages.tools import IntakeTools
from worker.stages.work import Work
from worker.watermark import Watermarker

pytestmark = pytest.mark.slow

DRAWN = {
    "screen",
    "intent",
    "screen_input",
    "encode",
    "diffuse",
    "correct",
    "upscale",
    "screen_output",
    "watermark",
    "seal",
}


def through(job: Work, sealer: Sealer | None = None) -> Work:
    job = run_stages(LANES.intake, job, IntakeTools(), lambda _: None)
    job = draw_and_mark(job)
    return run_stages(LANES.finish, job, sealer, lambda _: None)


def levels_of(data: bytes) -> np.ndarray:
    found = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    assert found is not None
    return found


def test_a_prompt_becomes_a_marked_file_of_the_right_size() -> None:
    job = through(work(512, 512))
    picture = decode_picture(job.pictures[0].data)
    assert picture.rgb.shape == (512, 512, 3)
    facts = job.pictures[0].watermark
    assert facts is not None
    assert Watermarker(KEY, 1).detect(picture.rgb).payload == int(facts.payload, 16)


def test_the_mark_survives_a_jpeg_of_quality_75() -> None:
    job = through(work(512, 512))
    shared = levels_of(job.pictures[0].data)
    _, jpeg = cv2.imencode(".jpg", shared, [cv2.IMWRITE_JPEG_QUALITY, 75])
    found = Watermarker(KEY, 1).detect(decode_picture(jpeg.tobytes()).rgb)
    facts = job.pictures[0].watermark
    assert facts is not None and found.payload == int(facts.payload, 16)


def test_the_same_seed_gives_the_same_file() -> None:
    assert through(work(256, 256)).pictures[0].data == through(work(256, 256)).pictures[0].data
    other = through(work(256, 256, seed=8))
    assert other.pictures[0].data != through(work(256, 256)).pictures[0].data


def test_every_picture_of_a_job_has_its_own_seed() -> None:
    job = through(work(256, 256, count=3))
    assert len({picture.seed for picture in job.pictures}) == 3
    assert len({picture.data for picture in job.pictures}) == 3


def test_sixteen_bits_arrive_as_sixteen_bits() -> None:
    data = through(work(256, 256, bit_depth=16)).pictures[0].data
    levels = levels_of(data)
    assert levels.dtype == np.uint16
    assert len(np.unique(levels)) > 1_000


def test_every_stage_is_timed_in_its_order() -> None:
    names = [stage.name for stage in through(work(256, 256)).stages]
    assert names == [stage.name for stage in STAGES if stage.name in DRAWN]


def test_a_visible_mark_lies_under_the_watermark_and_the_signature_over_both(tmp_path: Path) -> None:
    job = through(work(512, 512, visible_mark=True), Sealer(development_signer(tmp_path / "credentials")))
    data, facts = job.pictures[0].data, job.pictures[0].watermark
    names = [stage.name for stage in job.stages]
    assert names.index("visible_mark") < names.index("watermark") < names.index("seal")
    assert facts is not None
    assert Watermarker(KEY, 1).detect(decode_picture(data).rgb).payload == int(facts.payload, 16)
    found = read_credentials(data, "image/png", trust=None)
    assert found.soft_binding is not None
    assert found.soft_binding.payload == facts.payload
    assert not found.altered


def test_an_upscale_draws_nothing() -> None:
    job = work(512, 512, task="upscale", prompt=None, size="512", images=[{"uri": "gs://b/n"}])
    job.images = (noise(300, 300) * 0.3 + 0.3,)  # white noise of full range can carry no mark
    names = [stage.name for stage in through(job).stages]
    assert not {"intent", "encode", "diffuse", "correct"} & set(names)


def test_a_blocked_prompt_stops_before_anything_is_drawn() -> None:
    job = work(prompt="a nude child")
    with pytest.raises(StageError) as caught:
        run_stages(LANES.intake, job, IntakeTools(), lambda _: None)
    assert caught.value.stage == "screen"
    assert isinstance(caught.value.error, PromptBlocked)
    assert "nude" not in caught.value.error.message
    assert job.verdicts[0].verdict == "block"
