"""Clips as files: written frame by frame, and read again."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from io import BytesIO

import av
import numpy as np
import pytest
from PIL import Image

from functions.contract.errors import ImageTooLarge, ImageUnreadable, PlantainError, UnsupportedTask
from functions.contract.pictures import inspect_clip, inspect_picture
from worker.clips import clip_reader
from worker.clips.clip_metadata import embed_xmp
from worker.clips.clip_reader import is_clip, read_frames, sample_frames
from worker.clips.clip_writer import ClipWriter

WIDTH, HEIGHT, FPS, COUNT = 96, 64, 12, 25


def moving_square() -> Iterator[np.ndarray]:
    for n in range(COUNT):
        frame = np.full((HEIGHT, WIDTH, 3), (0.1, 0.3, 0.8), np.float32)
        frame[16:48, 2 * n : 2 * n + 32] = (0.9, 0.2, 0.1)
        yield frame


def clip(format: str) -> bytes:
    with ClipWriter(format, WIDTH, HEIGHT, FPS) as file:
        for frame in moving_square():
            file.write(frame)
        return file.finish()


def read_all(data: bytes) -> list[np.ndarray]:
    return list(sample_frames(data, 100))


@pytest.fixture(scope="module")
def mp4() -> bytes:
    return clip("mp4")


@pytest.fixture(scope="module")
def webp() -> bytes:
    return clip("webp")


@pytest.mark.parametrize("format", ["mp4", "webp"])
def test_every_frame_is_there_with_its_colours(format: str, request: pytest.FixtureRequest) -> None:
    data: bytes = request.getfixturevalue(format)
    frames = list(read_frames(data))
    assert len(frames) == COUNT
    for shown, drawn in zip(frames, moving_square(), strict=True):
        assert np.abs(shown - drawn).mean() < 0.025
    assert is_clip(data)


def test_an_mp4_is_what_browsers_play(mp4: bytes) -> None:
    with av.open(BytesIO(mp4)) as container:
        stream = container.streams.video[0]
        codec = stream.codec_context
        assert (codec.name, codec.pix_fmt, codec.profile) == ("h264", "yuv420p", "High")
        assert (codec.color_primaries, codec.color_trc, codec.colorspace, codec.color_range) == (1, 1, 1, 1)
        assert (stream.average_rate, stream.frames) == (FPS, COUNT)
    assert mp4.index(b"moov") < mp4.index(b"mdat")


def test_the_same_frames_are_the_same_file(mp4: bytes) -> None:
    rng, held = np.random.default_rng(0), list[bytes]()
    for _ in range(30):  # wherever the frames lie in memory
        held.append(rng.bytes(int(rng.integers(1_000, 3_000_000))))
        assert clip("mp4") == mp4


def test_a_webp_lasts_as_long_and_begins_again(webp: bytes) -> None:
    with Image.open(BytesIO(webp)) as opened:
        assert opened.info["loop"] == 0
        durations: list[int] = []
        for n in range(COUNT):
            opened.seek(n)
            opened.load()
            durations.append(opened.info["duration"])
    assert abs(sum(durations) - 1_000 * COUNT / FPS) < 100


def test_samples_are_spread_over_the_clip(mp4: bytes) -> None:
    sampled, frames = list(sample_frames(mp4, 5)), list(read_frames(mp4))
    assert [next(n for n, each in enumerate(frames) if np.array_equal(each, one)) for one in sampled] == [
        *(0, 5, 10, 15, 20)
    ]
    assert len(list(sample_frames(mp4, 100))) == COUNT


@pytest.mark.parametrize("format", ["mp4", "webp"])
def test_metadata_changes_no_frame(format: str, request: pytest.FixtureRequest) -> None:
    data: bytes = request.getfixturevalue(format)
    described = embed_xmp(data, format, b"<x:xmpmeta/>!")
    assert all(map(np.array_equal, read_frames(described), read_frames(data)))
    if format == "webp":
        with Image.open(BytesIO(described)) as opened:
            assert opened.info["xmp"] == b"<x:xmpmeta/>!"


def test_the_size_of_an_mp4_is_known_without_decoding_it(mp4: bytes) -> None:
    facts = inspect_clip(mp4)
    assert (facts.width, facts.height, facts.media_type, facts.animated) == (WIDTH, HEIGHT, "video/mp4", True)
    with pytest.raises(ImageUnreadable):
        inspect_picture(mp4)  # a clip is no picture to change


def test_a_damaged_clip_is_refused_and_nothing_else_is_raised(mp4: bytes) -> None:
    random = np.random.default_rng(5)
    for _ in range(40):
        hurt = bytearray(mp4[: random.integers(40, len(mp4) + 1)])
        for at in random.integers(32, len(hurt), 6):
            hurt[at] = random.integers(256)
        for read in (inspect_clip, read_all):
            try:
                read(bytes(hurt))
            except PlantainError:
                continue


def test_another_video_is_refused() -> None:
    target = BytesIO()
    with av.open(target, "w", format="mp4") as container:
        stream = container.add_stream("mpeg4", rate=FPS)
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        container.mux(stream.encode(av.VideoFrame(WIDTH, HEIGHT, "yuv420p")))
        container.mux(stream.encode(None))
    for read in (inspect_clip, read_all):
        with pytest.raises(ImageUnreadable, match=r"H\.264"):
            read(target.getvalue())


def test_a_frame_that_is_too_large_is_refused(mp4: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clip_reader, "MOST_PIXELS", WIDTH * HEIGHT - 1)
    with pytest.raises(ImageTooLarge):
        next(read_frames(mp4))


def test_no_more_frames_are_decoded_than_the_limit(mp4: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clip_reader, "MOST_FRAMES", 7)
    assert len(list(read_frames(mp4))) == 7


def test_a_worker_without_pyav_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "av", None)
    with pytest.raises(UnsupportedTask, match="PyAV"):
        ClipWriter("mp4", WIDTH, HEIGHT, FPS)
