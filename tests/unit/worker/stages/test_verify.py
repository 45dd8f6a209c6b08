"""Verify, as a stage of the line: it examines and draws nothing."""

from __future__ import annotations

from typing import Any

from tests.unit.worker.stages.making import KEY, LANES, marking_tools, noise, work
from worker.pictures.decode import decode_picture
from worker.pictures.encode import encode_picture
from worker.stages.pipeline import STAGES, run_stages
from worker.watermark import Watermarker

PICTURE: dict[str, Any] = {"images": [{"uri": "gs://uploads/boat.png"}]}


def stages_of(**request: Any) -> list[str]:
    asked = work(**request)
    return [stage.name for stage in STAGES if stage.applies(asked)]


def test_a_verification_is_nothing_but_that() -> None:
    assert stages_of(task="verify", prompt=None, **PICTURE) == ["verify"]
    assert "verify" not in stages_of()


def test_a_mark_of_ours_is_found() -> None:
    asked = work(task="verify", prompt=None, **PICTURE)
    file = encode_picture(Watermarker(KEY, 1).embed(noise(512, 512), 0xABC), "png")
    asked.files, asked.images = (file,), (decode_picture(file).rgb,)
    examined = run_stages(LANES.marking, asked, marking_tools(), lambda _: None).examination
    assert examined is not None
    assert examined.mark is not None
    assert (examined.mark.payload, examined.mark.key_version) == (0xABC, 1)
    assert not examined.credentials.present
