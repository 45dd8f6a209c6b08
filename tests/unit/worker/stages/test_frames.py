"""A clip goes through the lanes frame by frame: marked, screened, encoded, proved and signed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from functions.contract.errors import ImageBlocked, UnsupportedTask, WatermarkFailed
from functions.contract.manifest import ScreeningResult
from functions.policy import Screener
from tests.unit.worker.stages.making import KEY, LANES, draw_and_mark, tools, work
from worker.clips.clip_reader import read_frames, sample_frames
from worker.credentials.credentials_reader import read_credentials
from worker.credentials.development_chain import development_signer
from worker.credentials.sealer import Sealer
from worker.engines.protocol import Engine
from worker.pictures.decode import decode_picture
from worker.stages import frames
from worker.stages.animate import animate
from worker.stages.pipeline import StageError, run_stages
from worker.stages.tools import EngineTools
from worker.stages.work import Work
from worker.watermark import Watermarker
from worker.watermark.carriers import SCHEME
from worker.watermark.frame_marks import FrameMark

CLIP: dict[str, Any] = {"task": "animate", "prompt": "the boat rocks", "seconds": 2, "fps": 8}


PICTURE = np.tile(np.linspace(0, 1, 192, dtype=np.float32)[None, :, None], (128, 1, 3))

pytestmark = pytest.mark.slow


class Unmarked(Watermarker):
    """Leaves pictures as they are."""

    def embed(self, rgb: np.ndarray, payload: int, psnr: float = 40.0, aim: object = None) -> np.ndarray:
        return rgb


@pytest.fixture
def one_mark(monkeypatch: pytest.MonkeyPatch) -> None:
    """Clips are marked in one way, and in no other if that fails."""

    def only(first: np.ndarray) -> list[FrameMark]:
        del first
        return [FrameMark(SCHEME, 40.0)]

    monkeypatch.setattr(frames, "frame_marks", only)


def drawn(tools: EngineTools, **request: Any) -> Work:
    return draw_and_mark(work(192, 128, **{**CLIP, **request}), tools)


@pytest.fixture(scope="module")
def sealer(tmp_path_factory: pytest.TempPathFactory) -> Sealer:
    return Sealer(development_signer(tmp_path_factory.mktemp("keys") / "credentials"))


@pytest.fixture(scope="module")
def mp4(sealer: Sealer) -> Work:
    """A clip that begins with a picture, drawn and sealed."""
    asked = work(192, 128, **CLIP, images=[{"uri": "gs://b/boat.png"}])
    begun = draw_and_mark(replace(asked, images=(PICTURE,)))
    return run_stages(LANES.finish, begun, sealer, lambda _: None)


@pytest.fixture(scope="module")
def webp(sealer: Sealer) -> Work:
    return run_stages(LANES.finish, drawn(tools(), format="webp"), sealer, lambda _: None)


@pytest.mark.parametrize("format", ["mp4", "webp"])
def test_a_clip_is_signed_and_its_frames_are_marked(format: str, request: pytest.FixtureRequest) -> None:
    done: Work = request.getfixturevalue(format)
    assert done.clip is not None
    marker, payload = Watermarker(KEY, 1), int(done.clip.watermark.payload, 16)
    shown = list(read_frames(done.clip.data))
    assert [frame.shape for frame in shown] == [(128, 192, 3)] * 16
    read = [marker.detect(frame).payload == payload for frame in sample_frames(done.clip.data, 10)]
    assert sum(read) >= 9
    assert done.clip.facts.sampled == 10
    assert 9 <= done.clip.facts.marked <= 10
    found = read_credentials(done.clip.data, {"mp4": "video/mp4", "webp": "image/webp"}[format], trust=None)
    assert found.holds
    assert found.soft_binding is not None
    assert found.soft_binding.payload == done.clip.watermark.payload
    assert [action.name for action in found.actions] == ["c2pa.created", "c2pa.watermarked.bound"]
    assert b"trainedAlgorithmicMedia" in done.clip.data


def test_its_poster_is_the_first_frame_with_a_mark_of_its_own(mp4: Work) -> None:
    done = mp4
    (poster,) = done.pictures
    shown = decode_picture(poster.data).rgb
    assert done.clip is not None
    assert np.abs(shown - next(read_frames(done.clip.data))).mean() < 0.02
    assert poster.n == 1
    assert poster.watermark is not None
    assert poster.watermark.payload != done.clip.watermark.payload
    assert read_credentials(poster.data, "image/jpeg", trust=None).holds


def test_a_clip_begins_with_its_picture_and_then_moves(mp4: Work) -> None:
    assert mp4.clip is not None
    shown = list(read_frames(mp4.clip.data))
    assert np.abs(shown[0] - PICTURE).mean() < 0.03
    assert np.abs(shown[8] - PICTURE).mean() > 0.3


def test_each_frame_is_reported_with_a_preview(one_mark: None) -> None:
    seen: list[tuple[int, int]] = []
    shown: list[np.ndarray] = []

    def on_step(step: int, steps: int, preview: Callable[[], np.ndarray] | None) -> None:
        seen.append((step, steps))
        if preview is not None:
            shown.append(preview())

    asked = work(192, 128, **CLIP)
    drawing = replace(tools(), on_step=on_step)
    frames.frames(animate(asked, drawing), drawing)
    assert seen[-16:] == [(n + 1, 16) for n in range(16)]
    assert max(shown[-1].shape) <= 128


def test_a_frame_of_the_sample_that_must_not_leave_blocks_the_clip() -> None:
    asked: list[str] = []

    class SecondFrames(Screener):
        def picture(self, jpeg: bytes, subject: str) -> ScreeningResult:
            asked.append(subject)
            verdict = "block" if subject == "frame 8" else "allow"
            return ScreeningResult(
                subject=subject, verdict=verdict, categories=("violence",), policy_version="1"
            )

    with pytest.raises(StageError) as stopped:
        drawn(replace(tools(), screener=SecondFrames()))
    assert isinstance(stopped.value.error, ImageBlocked)
    assert asked == ["frame 0", "frame 8"]


def test_a_mark_that_is_not_read_from_the_file_fails_the_clip(one_mark: None) -> None:
    with pytest.raises(StageError) as stopped:
        drawn(replace(tools(), marker=Unmarked(KEY, 1)))
    assert isinstance(stopped.value.error, WatermarkFailed)


def test_an_engine_without_clips_is_refused() -> None:
    class Stills:
        name = "stills"

    def stills(_: str) -> Engine:
        return Stills()  # pyright: ignore[reportReturnType]

    with pytest.raises(StageError) as refused:
        drawn(replace(tools(), engine=stills))
    assert isinstance(refused.value.error, UnsupportedTask)
