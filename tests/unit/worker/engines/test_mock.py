"""The mock engine: the same picture for the same wish, and failures on demand."""

from __future__ import annotations

import multiprocessing
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from functions.contract.errors import (
    Canceled,
    EngineFailed,
    ImageBlocked,
    InvalidRequest,
    OutOfMemory,
    PlantainError,
    UnsupportedTask,
)
from worker.engines.mock import SLICE_SECONDS, MockEngine
from worker.engines.protocol import Brief, Picture


def ignore(_step: int, _of: int, _preview: Callable[[], Picture] | None) -> None:
    """An OnStep that lets the engine go on."""


def draw(brief: Brief, seed: int = 1, engine: MockEngine | None = None) -> Picture:
    engine = engine or MockEngine()
    return engine.diffuse(engine.encode(brief), seed, ignore)


def wish(**changes: Any) -> Brief:
    fields: dict[str, Any] = {"prompt": "a red boat", "width": 1024, "height": 1024}
    return Brief(**(fields | changes))


def scripted(**labels: str) -> Brief:
    return wish(labels={f"mock.{name}": value for name, value in labels.items()})


class Naps:
    """A sleep that takes no time and remembers how long it would have been."""

    def __init__(self, most: int = 100_000) -> None:
        self.taken: list[float] = []
        self._most = most

    def __call__(self, seconds: float) -> None:
        self.taken.append(seconds)
        if len(self.taken) >= self._most:
            raise TimeoutError


def test_a_picture_is_float32_at_the_native_size_and_in_range() -> None:
    picture = draw(wish(width=1360, height=768))
    assert picture.shape == (48, 80, 3)
    assert picture.dtype == np.float32
    assert picture.min() >= 0
    assert picture.max() <= 1
    assert np.ptp(picture) > 0


def test_the_same_wish_and_seed_give_the_same_picture() -> None:
    assert np.array_equal(draw(wish()), draw(wish()))


@pytest.mark.parametrize(
    "other",
    [
        wish(prompt="a green boat"),
        wish(negative_prompt="people"),
        wish(width=1248, height=832),
        wish(steps=7),
        wish(images=(np.zeros((8, 8, 3), np.float32),)),
    ],
)
def test_another_wish_gives_another_picture(other: Brief) -> None:
    assert not np.array_equal(draw(wish()), draw(other))


def test_another_seed_gives_another_picture() -> None:
    assert not np.array_equal(draw(wish(), seed=1), draw(wish(), seed=2**32 - 1))


def test_a_reference_changes_the_picture() -> None:
    image, reference = np.zeros((64, 64, 3), np.float32), np.ones((64, 64, 3), np.float32)
    assert not np.array_equal(draw(wish(images=(image,))), draw(wish(images=(image, reference))))


@pytest.mark.parametrize("grey", [0.0, 0.5, 1.0])
def test_an_edit_changes_every_pixel_visibly(grey: float) -> None:
    image = np.full((64, 64, 3), grey, np.float32)
    assert np.abs(draw(wish(images=(image,))) - image).min() > 0.3


def test_an_edit_changes_nothing_outside_the_mask() -> None:
    image = np.random.default_rng(0).random((64, 64, 3), np.float32)
    mask = np.zeros((64, 64), np.float32)
    mask[:, :32] = 1
    picture = draw(wish(images=(image,), mask=mask))
    assert np.array_equal(picture[:, 32:], image[:, 32:])
    assert np.abs(picture[:, :32] - image[:, :32]).min() > 0.3


def test_steps_are_counted_and_each_can_be_previewed() -> None:
    seen: list[tuple[int, int, bool]] = []
    engine = MockEngine()
    engine.diffuse(engine.encode(wish()), 1, lambda step, of, look: seen.append((step, of, look is not None)))
    assert seen == [(0, 4, False), (1, 4, True), (2, 4, True), (3, 4, True), (4, 4, True)]


def test_seconds_are_spread_over_the_steps_in_slices_short_enough_to_cancel() -> None:
    naps = Naps()
    draw(scripted(seconds="3", steps="7"), engine=MockEngine(sleep=naps))
    assert sum(naps.taken) == pytest.approx(3)
    assert max(naps.taken) <= SLICE_SECONDS


def test_a_waiting_mock_hears_a_cancel_at_the_next_slice() -> None:
    naps, calls = Naps(), 0

    def cancel_soon(_step: int, _of: int, _preview: object) -> None:
        nonlocal calls
        calls += 1
        if calls == 3:
            raise Canceled

    engine = MockEngine(sleep=naps)
    with pytest.raises(Canceled):
        engine.diffuse(engine.encode(scripted(seconds="1000")), 1, cancel_soon)
    assert len(naps.taken) == 2


@pytest.mark.parametrize(
    ("failure", "error"),
    [
        ("transient", EngineFailed),
        ("permanent", UnsupportedTask),
        ("out_of_memory", OutOfMemory),
        ("blocked", ImageBlocked),
    ],
)
def test_a_failure_is_the_one_that_was_scripted(failure: str, error: type[PlantainError]) -> None:
    with pytest.raises(error):
        draw(scripted(fail=failure))


def test_only_the_first_attempts_fail_when_told_so() -> None:
    for attempt in ("1", "2"):
        with pytest.raises(EngineFailed):
            draw(scripted(fail="transient", fail_attempts="2", attempt=attempt))
    draw(scripted(fail="transient", fail_attempts="2", attempt="3"))


def test_a_hang_reports_nothing_and_never_ends() -> None:
    naps, reports = Naps(most=50), 0

    def count(_step: int, _of: int, _preview: object) -> None:
        nonlocal reports
        reports += 1

    engine = MockEngine(sleep=naps)
    with pytest.raises(TimeoutError):
        engine.diffuse(engine.encode(scripted(fail="hang")), 1, count)
    assert reports == 1


def test_a_crash_ends_the_process() -> None:
    process = multiprocessing.get_context("spawn").Process(target=draw, args=(scripted(fail="crash"),))
    process.start()
    process.join(60)
    assert process.exitcode == 70


@pytest.mark.parametrize(
    "labels",
    [{"seconds": "soon"}, {"seconds": "-1"}, {"steps": "nan"}, {"seconds": "inf"}, {"fail": "loudly"}],
)
def test_a_label_that_scripts_nothing_is_refused(labels: dict[str, str]) -> None:
    with pytest.raises(InvalidRequest, match=f"mock.{next(iter(labels))}"):
        MockEngine().encode(scripted(**labels))


def test_a_huge_image_is_taken_at_its_native_size() -> None:
    image = np.zeros((2000, 3000, 3), np.float32)
    engine = MockEngine()
    assert draw(wish(images=(image,), width=3000, height=2000), engine=engine).shape == (48, 72, 3)
    assert engine.estimate_bytes(4096, 4096, 8) < 1 << 20


def test_engines_are_named_without_importing_torch() -> None:
    code = (
        "import sys; import worker.engines.mock, worker.engines.diffusion as d; d.DiffusersEngine('x');"
        "sys.exit(any(name in sys.modules for name in ('torch', 'diffusers', 'cv2', 'google.cloud.storage')))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
