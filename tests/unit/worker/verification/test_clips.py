"""Clips are verified by ten of their frames."""

from __future__ import annotations

import numpy as np
import pytest

from functions.contract.manifest import WatermarkFacts
from functions.contract.verification import FramesSeen
from tests.unit.worker.verification.delivered_files import AT, PAYLOAD, photograph
from worker.clips.clip_reader import read_frames
from worker.clips.clip_writer import ClipWriter
from worker.credentials.claims import define_claims
from worker.credentials.sealer import Sealer
from worker.verification import Examiner, conclude_verdict
from worker.watermark import Watermarker

pytestmark = pytest.mark.slow
COUNT = 20


def clip_of(frames: list[np.ndarray]) -> bytes:
    height, width = frames[0].shape[:2]
    with ClipWriter("mp4", width, height, 8) as file:
        for frame in frames:
            file.write(frame)
        return file.finish()


@pytest.fixture(scope="module")
def signed(marker: Watermarker, sealer: Sealer) -> bytes:
    mark = WatermarkFacts(
        scheme=marker.scheme, payload=f"{PAYLOAD:016x}", key_version=3, score=1.0, survives=("none",)
    )
    claims = define_claims(
        task="animate",
        content_type="video/mp4",
        at=AT,
        model="mock",
        revision=None,
        ingredients=0,
        visible_mark=False,
        watermark=mark,
    )
    data = clip_of([marker.embed(photograph(), PAYLOAD)] * COUNT)
    return sealer.seal(data, "video/mp4", claims)[0]


def test_a_clip_of_ours_is_known_by_its_credentials_and_its_frames(signed: bytes, examiner: Examiner) -> None:
    facts = conclude_verdict(examiner.examine(signed))
    assert (facts.verdict, facts.altered, facts.payload) == ("untouched", "no", f"{PAYLOAD:016x}")
    assert facts.frames == FramesSeen(sampled=10, marked=10)
    assert facts.credentials.actions == ("c2pa.created", "c2pa.watermarked.bound")


def test_a_clip_that_was_encoded_anew_is_still_ours(signed: bytes, examiner: Examiner) -> None:
    brighter = [np.clip(frame * np.float32(1.1), 0, 1) for frame in read_frames(signed)]
    facts = conclude_verdict(examiner.examine(clip_of(brighter)))
    assert (facts.ours, facts.verdict, facts.credentials.present) == (True, "unsigned", False)
    assert facts.frames is not None
    assert facts.frames.marked >= 9


def test_a_part_of_a_clip_tells_how_much_of_it_is_ours(signed: bytes, examiner: Examiner) -> None:
    ours = list(read_frames(signed))
    facts = conclude_verdict(examiner.examine(clip_of([*ours[: COUNT // 2], *[photograph()] * (COUNT // 2)])))
    assert facts.ours
    assert facts.frames == FramesSeen(sampled=10, marked=5)


def test_a_clip_that_was_changed_after_it_was_signed_is_tampered_with(
    signed: bytes, examiner: Examiner
) -> None:
    at = signed.rindex(b"mdat") + len(signed) // 2
    changed = signed[:at] + bytes(byte ^ 1 for byte in signed[at : at + 4]) + signed[at + 4 :]
    facts = conclude_verdict(examiner.examine(changed))
    assert (facts.verdict, facts.altered) == ("tampered", "yes")


def test_another_clip_is_not_ours(examiner: Examiner) -> None:
    facts = conclude_verdict(examiner.examine(clip_of([photograph("astronaut.png")] * 4)))
    assert (facts.ours, facts.verdict, facts.frames) == (False, "foreign", FramesSeen(sampled=4, marked=0))
