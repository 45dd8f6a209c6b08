"""A file has the quality that was asked for, and its mark is read from that very file."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from functions.contract.manifest import QualityFacts
from functions.contract.request import JobRequest
from tests.unit.worker.stages.making import marking_tools, work
from tests.unit.worker.watermark import textures
from worker.pictures.decode import decode_picture
from worker.pictures.encode import QUALITY
from worker.pictures.pixel_levels import levels_to_floats, quantize
from worker.stages import file_quality
from worker.stages.file_quality import as_delivered, mark_for_file
from worker.stages.seal import seal
from worker.stages.watermark import watermark
from worker.stages.work import PictureInProgress
from worker.watermark import MarkedPicture
from worker.watermark.read_back import ReadBack
from worker.watermark.visibility import is_visible

pytestmark = pytest.mark.slow

PAYLOAD = 0x0123456789ABCDEF
Pixels = npt.NDArray[np.float32]
UNREAD, EXACT = ReadBack(0.0, None, ()), ReadBack(1.0, "exact", ("none",))


def delivered(format: str, quality: int | None, rgb: Pixels) -> tuple[bytes, QualityFacts | None]:
    """The file that a job makes of a picture, and what its manifest says of the quality."""
    job = work(rgb.shape[1], rgb.shape[0], format=format, quality=quality)
    job.pictures = [PictureInProgress(n=0, seed=1, rgb=rgb)]
    (picture,) = seal(watermark(job, marking_tools()), None).pictures
    assert picture.watermark is not None
    found = marking_tools().marker.detect(decode_picture(picture.data).rgb)
    assert f"{found.payload:016x}" == picture.watermark.payload
    return picture.data, picture.quality


@pytest.mark.parametrize(("format", "quality"), [("jpeg", 10), ("webp", 25), ("avif", 30)])
def test_a_poor_file_has_its_quality_and_a_mark(
    format: str, quality: int, photograph: Callable[..., Pixels]
) -> None:
    rgb = photograph("coffee", 320)
    poor, facts = delivered(format, quality, rgb)
    assert facts == QualityFacts(requested=quality, used=quality)
    usual, facts = delivered(format, None, rgb)
    assert facts == QualityFacts(requested=None, used=QUALITY[format])
    assert len(poor) < len(usual) / 2


def test_the_usual_mark_would_be_lost_and_the_stronger_one_is_not_seen() -> None:
    """What the proof of the picture itself said to survive was not in the file."""
    levels, marker = textures.load_photograph("coffee.png", 256), marking_tools().marker
    rgb, request = levels_to_floats(levels), work(format="webp", quality=14).request
    poor = as_delivered(request, 14)
    usual = marker.mark(rgb, PAYLOAD)
    assert usual.proof.compressed and not marker.prove(usual, PAYLOAD, poor).proof.exact
    marked, facts = mark_for_file(rgb, PAYLOAD, request, marker, "exact")
    assert facts is not None and facts.used == 14
    assert marker.detect(levels_to_floats(poor(marked.rgb))).payload == PAYLOAD
    assert not is_visible(levels, quantize(marked.rgb, 8))


def test_a_lossless_file_has_no_quality(photograph: Callable[..., Pixels]) -> None:
    assert delivered("png", None, photograph("coffee", 128))[1] is None


def test_a_file_that_loses_every_mark_gets_the_least_quality_that_keeps_the_usual_one(
    photograph: Callable[..., Pixels],
) -> None:
    rgb, marker = photograph("coffee", 320), marking_tools().marker
    request = work(format="jpeg", quality=1).request
    marked, facts = mark_for_file(rgb, PAYLOAD, request, marker, "exact")
    assert facts is not None and facts.requested == 1 < facts.used < 30
    assert marked.proof.exact
    below = as_delivered(request, facts.used - 1)
    assert not marker.prove(marked, PAYLOAD, below).proof.exact
    assert marker.detect(levels_to_floats(as_delivered(request, facts.used)(marked.rgb))).payload == PAYLOAD


def quality_alone(_request: JobRequest, quality: int) -> int:
    """Stands for the file that a marker below is asked about."""
    return quality


class MarkerOfQualities:
    """Reads every mark from a file of ``kept_from`` or more, and notes what it was asked."""

    def __init__(self, kept_from: int) -> None:
        self._kept_from = kept_from
        self.asked: list[int] = []

    def mark(self, rgb: Pixels, payload: int, quality: int, *, may_be_seen: bool = True) -> MarkedPicture:
        del payload, may_be_seen
        self.asked.append(quality)
        return MarkedPicture(rgb, 43, EXACT if quality >= self._kept_from else UNREAD)

    def prove(self, marked: MarkedPicture, payload: int, quality: int) -> MarkedPicture:
        return self.mark(marked.rgb, payload, quality)


@pytest.mark.parametrize("wanted", [1, 30, 91])
@pytest.mark.parametrize("kept_from", [1, 2, 31, 45, 91, 92])
def test_the_least_quality_is_found_wherever_it_is(
    wanted: int, kept_from: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(file_quality, "as_delivered", quality_alone)
    marker: Any = MarkerOfQualities(kept_from)
    request = work(format="jpeg", quality=wanted).request
    marked, facts = mark_for_file(np.zeros((1, 1, 3), np.float32), PAYLOAD, request, marker, "exact")
    assert facts == QualityFacts(requested=wanted, used=max(wanted, kept_from))
    assert marked.proof == EXACT
    assert len(marker.asked) <= 9


def test_where_no_file_keeps_a_mark_the_proof_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(file_quality, "as_delivered", quality_alone)
    marker: Any = MarkerOfQualities(101)
    request = work(format="webp", quality=20).request
    marked, _ = mark_for_file(np.zeros((1, 1, 3), np.float32), PAYLOAD, request, marker, "exact")
    assert not marked.proof.exact
