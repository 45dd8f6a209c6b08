"""Sixteen bits: whatever the task, no stage between the decoder and the file rounds to the 255 steps of 8."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
import pytest

from tests.unit.worker.stages.making import LANES, marking_tools, tools, work
from worker.engines.mock import MockEngine
from worker.engines.protocol import Encoded
from worker.pictures.decode import decode_picture
from worker.pictures.encode import encode_picture
from worker.pictures.pixel_levels import levels_to_floats
from worker.stages.composite import region_mask
from worker.stages.pipeline import run_stages
from worker.stages.tools import IntakeTools
from worker.stages.work import Work
from worker.upscaler.tiled_upscaler import Upscaler

pytestmark = pytest.mark.slow

SIDE = 256
GRAIN = 0.05  # as in a photograph's sky: a watermark needs something to lie in
FEW = 0.02  # chance leaves 0.4 % of the values within half a 16-bit step of an 8-bit level


def slope(width: int, height: int) -> np.ndarray:
    """A gradient over a tenth of the scale, with a little soft grain."""
    across = np.linspace(0.4, 0.5, width, dtype=np.float32)[None, :, None]
    grain = np.random.default_rng(1).normal(0, GRAIN, (height, width, 3)).astype(np.float32)
    return across + cv2.GaussianBlur(grain, (0, 0), 2)


class Sloping(MockEngine):
    """Draws the gradient, with all that float32 can say."""

    def diffuse(self, encoded: Encoded, seed: int, on_step: object) -> np.ndarray:
        del seed, on_step
        return slope(encoded.width, encoded.height)


def given(side: int) -> np.ndarray:
    """What a caller's 16-bit PNG of the gradient is to the stages."""
    return decode_picture(encode_picture(slope(side, side), "png", 16)).rgb


def job(task: str, **request: Any) -> Work:
    """A job of 16 bits for 256 pixels, with its given picture and its mask."""
    if task != "generate":
        request |= {"images": [{"uri": "gs://bucket/name"}]}
    if task == "upscale":
        request |= {"prompt": None, "size": "512"}
    asked = work(SIDE, SIDE, task=task, bit_depth=16, visible_mark=True, **request)
    if task != "generate":
        asked.images = (given(SIDE // 2 if task == "upscale" else SIDE),)
    if asked.request.region:
        asked.mask = region_mask(asked.request.region, SIDE, SIDE)
    return asked


def on_8_bit_levels(values: np.ndarray) -> float:
    """The share of values no further than half a 16-bit step from a multiple of 1/255."""
    return float(np.mean(np.abs(values * 255 - np.rint(values * 255)) <= 255 * 0.5 / 65535))


def through(asked: Work) -> dict[str, np.ndarray]:
    """The picture as every stage leaves it, and the finished file under ``seal``."""
    seen: dict[str, np.ndarray] = {}

    def note(stage: str, done: Work) -> Work:
        if done.stages and done.stages[-1].name == stage and done.pictures:
            seen[stage] = done.pictures[0].rgb
        return done

    kit = tools(
        Sloping(),
        own=[Upscaler.load(name, "cpu") for name in ("starter-x4", "illustration-x4")],
        others=[Upscaler.load("picture-x2", "cpu")],
    )
    asked = run_stages(LANES.intake, asked, IntakeTools(), lambda _: None)
    for stage in LANES.engine:
        asked = note(stage.name, run_stages([stage], asked, kit, lambda _: None))
    for stage in LANES.marking:
        asked = note(stage.name, run_stages([stage], asked, marking_tools(), lambda _: None))
    asked = run_stages(LANES.finish, asked, None, lambda _: None)
    levels = cv2.imdecode(np.frombuffer(asked.pictures[0].data, np.uint8), cv2.IMREAD_UNCHANGED)
    assert levels is not None
    assert levels.dtype == np.uint16
    return seen | {"seal": levels_to_floats(levels[..., ::-1].astype(np.uint16))}


REGION = {"region": {"box": [0.2, 0.2, 0.8, 0.8]}}


@pytest.mark.parametrize(("task", "details"), [("generate", {}), ("edit", REGION), ("upscale", {})])
def test_no_stage_rounds_to_eight_bits(task: str, details: dict[str, Any]) -> None:
    seen = through(job(task, **details))
    assert {"upscale", "visible_mark", "watermark", "seal"} <= set(seen)
    assert ("composite" in seen) == (task == "edit")
    assert {name: share for name, v in seen.items() if (share := on_8_bit_levels(v)) > FEW} == {}


@pytest.mark.parametrize(("task", "details"), [("generate", {}), ("edit", REGION), ("upscale", {})])
def test_the_file_is_the_marked_picture_to_half_a_step(task: str, details: dict[str, Any]) -> None:
    seen = through(job(task, **details))
    assert np.abs(seen["seal"] - seen["watermark"]).max() <= 0.51 / 65535
    assert len(np.unique(seen["seal"])) > 5_000  # of 256 that 8 bits have


def test_outside_the_region_the_given_sixteen_bits_are_kept() -> None:
    asked = job("edit", **REGION)
    before, mask = asked.images[0], asked.mask
    assert mask is not None
    after = through(asked)["composite"]
    assert np.array_equal(after[mask == 0], before[mask == 0])


@pytest.mark.parametrize("network", ["picture-x2", "illustration-x4"])
def test_a_gradient_finer_than_eight_bits_is_enlarged_without_steps(network: str) -> None:
    upscaler = Upscaler.load(network, "cpu")
    gradient = np.linspace(0.5, 0.52, 96, dtype=np.float32)  # five levels of 8 bits
    large = upscaler.enlarge(np.repeat(gradient[None, :, None], 24, 0).repeat(3, 2))
    inner = large[:, 8 * upscaler.factor : -8 * upscaler.factor]
    assert len(np.unique(inner)) > inner.shape[1]
    line = inner.mean(axis=(0, 2))
    wanted = np.polyval(np.polyfit(np.arange(len(line)), line, 1), np.arange(len(line)))
    assert np.abs(line - wanted).max() < 0.25 / 255
