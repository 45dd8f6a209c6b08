"""Clips by tiny models of the real classes: drawn as latents, decoded frame by frame."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from functions.contract.errors import UnsupportedTask
from tests.unit.worker.engines.diffusion.tiny_clip_models import (
    save_ltx,
    save_wan,
    save_wan_image,
    save_wan_ti2v,
)
from tests.unit.worker.stages.making import KEY, tools, work
from worker.clips.clip_reader import sample_frames
from worker.credentials.credentials_reader import read_credentials
from worker.credentials.development_chain import development_signer
from worker.credentials.sealer import Sealer
from worker.engines.diffusion import DiffusersEngine
from worker.engines.diffusion.decoding.decoder import decode_video, in_float32
from worker.engines.diffusion.decoding.latent_clip import LatentClip, at_rate
from worker.engines.protocol import Animator, Brief, Picture
from worker.stages import frames
from worker.stages.animate import animate
from worker.stages.seal import seal
from worker.watermark import Watermarker
from worker.watermark.carriers import SCHEME
from worker.watermark.frame_marks import FrameMark

pytestmark = pytest.mark.slow

SAVED: dict[str, Callable[[Path], Path]] = {
    "wan": save_wan,
    "wan-ti2v": save_wan_ti2v,
    "wan-image": save_wan_image,
    "ltx": save_ltx,
    "ltx-timestep": lambda directory: save_ltx(directory, timestep_conditioning=True),
}
OF_TEXT, OF_PICTURES = ("wan", "wan-ti2v", "ltx", "ltx-timestep"), ("wan-ti2v", "wan-image", "ltx")
PICTURE = np.tile(np.linspace(0, 1, 48, dtype=np.float32)[None, :, None], (32, 1, 3))
BRIEF = Brief(prompt="a red boat rocks", width=96, height=64, frames=16, fps=8)


@pytest.fixture(scope="module")
def engines(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], DiffusersEngine]:
    """Returns a function that gives the loaded engine of a tiny model."""
    loaded: dict[str, DiffusersEngine] = {}

    def engine(name: str) -> DiffusersEngine:
        if name not in loaded:
            loaded[name] = DiffusersEngine(SAVED[name](tmp_path_factory.mktemp(name)), device="cpu")
            loaded[name].load()
        return loaded[name]

    return engine


def ignore_step(step: int, steps: int, preview: Callable[[], Picture] | None) -> None:
    del step, steps, preview


def one_mark(first: Picture) -> list[FrameMark]:
    """Returns the mark that what random weights draw keeps, without the trials of fainter ones."""
    del first
    return [FrameMark(SCHEME, 38.5)]


def draw(engine: DiffusersEngine, brief: Brief, seed: int = 7, on_step: Any = None) -> LatentClip:
    clip = engine.animate(engine.encode(brief), seed, on_step or ignore_step)
    assert isinstance(clip, LatentClip)
    return clip


@pytest.mark.parametrize("name", OF_TEXT)
def test_a_prompt_becomes_as_many_frames_as_were_asked_for(name: str, engines: Any) -> None:
    engine = engines(name)
    frames = list(draw(engine, BRIEF).frames())
    width, height = engine.native_size(BRIEF.width, BRIEF.height)
    assert [frame.shape for frame in frames] == [(height, width, 3)] * 16
    assert all(frame.dtype == np.float32 and frame.min() >= 0 and frame.max() <= 1 for frame in frames)
    assert not np.array_equal(frames[0], frames[-1])


@pytest.mark.parametrize("name", OF_PICTURES)
def test_a_clip_depends_on_its_picture(name: str, engines: Any) -> None:
    engine, begun = engines(name), replace(BRIEF, images=(PICTURE,))
    bright, dark = (
        list(draw(engine, replace(begun, images=(each,))).frames()) for each in (PICTURE, 0 * PICTURE)
    )
    assert len(bright) == 16
    assert not np.array_equal(bright[0], dark[0])


@pytest.mark.parametrize("name", ["wan", "wan-ti2v"])
def test_wan_s_frames_are_those_of_its_own_decoder(name: str, engines: Any) -> None:
    clip = draw(engines(name), replace(BRIEF, frames=33, fps=24))
    vae = clip.family.pipeline.vae
    with torch.no_grad(), in_float32(vae):
        whole = decode_video(vae, clip.latents.float())[0].unbind(1)
    one_by_one = list(clip._decoded())  # pyright: ignore[reportPrivateUsage]
    assert len(one_by_one) == len(whole)
    for one, other in zip(one_by_one, whole, strict=True):
        torch.testing.assert_close(one, other)


def test_ltx_video_s_runs_follow_each_other_without_a_seam(engines: Any) -> None:
    clip = draw(engines("ltx"), replace(BRIEF, frames=48, fps=24))
    vae = clip.family.pipeline.vae
    assert clip.latents.shape[2] > 9  # several runs
    with torch.no_grad(), in_float32(vae):
        whole = decode_video(vae, clip.latents.float())[0].unbind(1)
    in_runs = list(clip._decoded())  # pyright: ignore[reportPrivateUsage]
    assert len(in_runs) == len(whole)
    differences = torch.stack([(one - other).abs().mean() for one, other in zip(in_runs, whole, strict=True)])
    steps = torch.stack([(one - other).abs().mean() for one, other in itertools.pairwise(whole)])
    assert differences.max() < steps.mean()


@pytest.mark.parametrize("name", OF_TEXT)
def test_the_same_seed_gives_the_same_clip_as_often_as_it_is_decoded(name: str, engines: Any) -> None:
    brief = replace(BRIEF, frames=4)
    first = draw(engines(name), brief)
    one, again, other = (list(clip.frames()) for clip in (first, first, draw(engines(name), brief, seed=8)))
    assert all(map(np.array_equal, one, again))
    assert all(map(np.array_equal, one, draw(engines(name), brief).frames()))
    assert not np.array_equal(one[0], other[0])


@pytest.mark.parametrize("name", ["wan", "ltx"])
def test_a_prompt_that_comes_again_is_not_encoded_again(
    name: str, engines: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = engines(name)
    engine.encode(BRIEF)
    family = engine._loaded  # pyright: ignore[reportPrivateUsage]
    monkeypatch.setattr(family.reader, "encode_prompt", None)
    engine.encode(replace(BRIEF, frames=8))


@pytest.mark.parametrize("name", ["wan-ti2v", "ltx"])
def test_steps_are_reported_with_previews(name: str, engines: Any) -> None:
    seen: list[tuple[int, int]] = []
    shown: list[Picture] = []

    def on_step(step: int, steps: int, preview: Callable[[], Picture] | None) -> None:
        seen.append((step, steps))
        if preview is not None:
            shown.append(preview())

    draw(engines(name), replace(BRIEF, steps=3), on_step=on_step)
    assert seen == [(0, 3), (1, 3), (2, 3), (3, 3)]
    assert shown
    assert all(max(picture.shape) <= 128 for picture in shown)


@pytest.mark.parametrize(
    ("name", "brief", "why"),
    [
        ("wan", replace(BRIEF, images=(PICTURE,)), "leave the image out"),
        ("wan-image", BRIEF, "begins a clip with a picture"),
        ("wan-ti2v", replace(BRIEF, frames=8 * 24, fps=24), "of 5 s at most"),
        ("ltx", replace(BRIEF, frames=0, fps=0), "draws clips alone"),
        ("wan", replace(BRIEF, guidance=1.0, negative_prompt="rain"), "takes no negative prompt"),
    ],
)
def test_what_a_model_does_not_draw_is_refused(name: str, brief: Brief, why: str, engines: Any) -> None:
    with pytest.raises(UnsupportedTask, match=why):
        engines(name).encode(brief)


def test_a_model_for_pictures_refuses_clips(klein_directory: Path) -> None:
    engine = DiffusersEngine(klein_directory, device="cpu")
    engine.load()
    assert isinstance(engine, Animator)
    with pytest.raises(UnsupportedTask, match="draws no clips"):
        engine.encode(BRIEF)


@pytest.mark.parametrize("name", ["wan-ti2v", "wan-image", "ltx"])
def test_it_warms_up_and_knows_what_decoding_takes(name: str, engines: Any) -> None:
    engine = engines(name)
    engine.warm_up()
    assert engine.estimate_bytes(96, 64, 1) > 96 * 64 * 12


@pytest.mark.slow
@pytest.mark.parametrize("name", ["wan-ti2v", "ltx"])
def test_a_drawn_clip_becomes_a_signed_file_with_its_mark(
    name: str, engines: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(frames, "frame_marks", one_mark)
    asked = work(192, 128, task="animate", prompt="a red boat rocks", seconds=2, fps=8)
    drawing = tools(engines(name))
    drawn = frames.frames(animate(asked, drawing), drawing)
    drawn.pictures = []  # the poster is marked as any picture is, which takes longer than all frames
    done = seal(drawn, Sealer(development_signer(tmp_path / "credentials")))
    assert done.clip is not None
    marker, payload = Watermarker(KEY, 1), int(done.clip.watermark.payload, 16)
    read = [marker.detect(frame).payload == payload for frame in sample_frames(done.clip.data, 10)]
    assert sum(read) >= 9
    assert read_credentials(done.clip.data, "video/mp4", trust=None).holds
    assert (done.engine, done.clip.facts.frames) == ("diffusers", 16)


@pytest.mark.parametrize(
    ("drawn_fps", "fps", "shown"),
    [
        (24, 24, [0, 1, 2, 3, 4, 5]),
        (24, 12, [0, 2, 4, 6, 8, 10]),
        (16, 24, [0, 0, 1, 2, 2, 3]),
        (24, 30, [0, 0, 1, 2, 3, 4]),
    ],
)
def test_frames_are_those_that_are_shown_at_their_time(drawn_fps: int, fps: int, shown: list[int]) -> None:
    assert list(at_rate(range(24), drawn_fps, fps, 6)) == shown
