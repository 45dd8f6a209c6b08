"""The offline pipeline runs the worker's own stages, all of them or a part."""

from __future__ import annotations

import pytest

from functions.contract.errors import PromptBlocked
from tests.unit.worker.stages.making import KEY, tools, work
from worker.offline.pipeline import MARKING, SCREENING, OfflinePipeline
from worker.pictures.decode import decode_picture
from worker.stages.work import Work
from worker.watermark import Watermarker

pytestmark = pytest.mark.slow


def stage_names(done: Work) -> list[str]:
    return [stage.name for stage in done.stages]


def test_it_makes_a_marked_file() -> None:
    done = OfflinePipeline(tools()).run(work(256, 256))
    facts = done.pictures[0].watermark
    assert facts is not None
    picture = decode_picture(done.pictures[0].data).rgb
    assert Watermarker(KEY, 1).detect(picture).payload == int(facts.payload, 16)


def test_without_screening_and_marking_the_pictures_stay_as_they_were_drawn() -> None:
    pipeline = OfflinePipeline(tools(), without=(*SCREENING, *MARKING))
    done = pipeline.run(work(256, 256, prompt="a nude child", visible_mark=True))
    assert stage_names(done) == ["intent", "encode", "diffuse", "correct", "upscale"]
    assert done.pictures[0].watermark is None
    assert done.pictures[0].data == b""


def test_two_parts_run_each_stage_once() -> None:
    pipeline, reported = OfflinePipeline(tools()), list[str]()
    drawn = pipeline.run(work(256, 256), reported.append, before="correct")
    assert reported == stage_names(drawn) == ["screen", "intent", "screen_input", "encode", "diffuse"]
    done = pipeline.run(drawn, reported.append, since="correct")
    assert reported == stage_names(done) == stage_names(pipeline.run(work(256, 256)))


def test_a_stage_raises_its_own_error() -> None:
    with pytest.raises(PromptBlocked):
        OfflinePipeline(tools()).run(work(prompt="a nude child"))


def test_a_drawing_has_its_first_and_its_last_pictures() -> None:
    drawing = OfflinePipeline(tools(), without=(*SCREENING, *MARKING)).draw(
        7, width=128, height=128, task="generate", prompt="a red boat"
    )
    assert drawing.first[0].shape == (64, 64, 3)
    assert drawing.last[0].shape == (128, 128, 3)
