from __future__ import annotations

import math

import numpy as np
import pytest

from functions.contract.sizes import PIXELS
from tests.unit.worker.stages.making import noise, tools, work
from worker.prompt_intent.intent_rules import read_intent
from worker.stages.upscale import plan_passes, resize_to_fill, upscale
from worker.stages.work import PictureInProgress


@pytest.mark.parametrize("shape", [PIXELS["512", "1:1"], PIXELS["512", "21:9"], PIXELS["1K", "9:16"]])
def test_the_result_has_exactly_the_pixels_that_were_asked_for(shape: tuple[int, int]) -> None:
    out = resize_to_fill(noise(64, 64), *shape)
    assert out.shape == (shape[1], shape[0], 3)
    assert out.dtype == np.float32
    assert out.min() >= 0 and out.max() <= 1


def test_nothing_is_rounded_to_eight_bits() -> None:
    ramp = np.linspace(0, 1, 64, dtype=np.float32)[None, :, None].repeat(16, 0).repeat(3, 2)
    assert len(np.unique(resize_to_fill(ramp, 1024, 256))) > 1000


def test_another_ratio_is_cut_and_not_stretched() -> None:
    circle = np.zeros((64, 96, 3), np.float32)
    circle[16:48, 32:64] = 1  # a square in the middle
    out = resize_to_fill(circle, 256, 256)[..., 0] > 0.5
    assert abs(int(out.any(0).sum()) - int(out.any(1).sum())) <= 2


def test_the_manifest_learns_how_it_was_done() -> None:
    job = work(512, 512)
    job.pictures = [PictureInProgress(n=0, seed=1, rgb=noise(64, 64))]
    facts = upscale(job, tools()).pictures[0].upscale
    assert facts is not None
    assert (facts.method, facts.from_width, facts.from_height) == ("lanczos", 64, 64)


def test_a_picture_of_the_right_size_is_left_alone() -> None:
    job, picture = work(64, 64), noise(64, 64)
    job.pictures = [PictureInProgress(n=0, seed=1, rgb=picture)]
    assert upscale(job, tools()).pictures[0].rgb is picture
    assert job.pictures[0].upscale is None


class Repeating:
    """An enlarger that repeats pixels, and remembers its tiles."""

    def __init__(self, factor: int = 4, name: str = "repeat") -> None:
        self.name, self.factor = f"{name}-x{factor}", factor
        self.tiles: list[int] = []

    def enlarge(self, rgb: np.ndarray, tile: int) -> np.ndarray:
        self.tiles.append(tile)
        return rgb.repeat(self.factor, 0).repeat(self.factor, 1)


@pytest.mark.parametrize(("side", "passes"), [(64, 0), (128, 1), (256, 1), (512, 2), (1024, 2)])
def test_the_models_own_network_carries_the_size(side: int, passes: int) -> None:
    enlarger, job = Repeating(), work(side, side)
    job.pictures = [PictureInProgress(n=0, seed=1, rgb=noise(64, 64))]
    picture = upscale(job, tools(own=[enlarger])).pictures[0]
    assert picture.rgb.shape == (side, side, 3)
    assert len(enlarger.tiles) == passes
    assert (picture.upscale.method if picture.upscale else None) == ("repeat-x4" if passes else None)


def test_small_tiles_are_small_for_the_network_too() -> None:
    enlarger, job = Repeating(), work(256, 256)
    job.small_tiles = True
    job.pictures = [PictureInProgress(n=0, seed=1, rgb=noise(64, 64))]
    upscale(job, tools(own=[enlarger]))
    assert enlarger.tiles == [64]


@pytest.mark.parametrize(("drawn", "method"), [(64, "nearest"), (160, "repeat-x4")])
def test_pixel_art_of_few_pixels_is_enlarged_in_squares(drawn: int, method: str) -> None:
    enlarger, job = Repeating(), work(640, 640)
    job.intent = read_intent("a red boat as pixel art", scenes_only=True)
    picture = noise(drawn, drawn)
    job.pictures = [PictureInProgress(n=0, seed=1, rgb=picture)]
    made = upscale(job, tools(own=[enlarger])).pictures[0]
    assert made.upscale is not None and made.upscale.method == method
    if method == "nearest":
        assert np.array_equal(made.rgb, picture.repeat(10, 0).repeat(10, 1))
        assert not enlarger.tiles


def test_other_styles_and_models_without_a_network_of_their_own_draw_no_squares() -> None:
    for prompt, own in (("a red boat in pencil", [Repeating()]), ("a red boat as pixel art", [])):
        job = work(256, 256)
        job.intent = read_intent(prompt, scenes_only=True)
        job.pictures = [PictureInProgress(n=0, seed=1, rgb=noise(64, 64))]
        facts = upscale(job, tools(own=own)).pictures[0].upscale
        assert facts is not None and facts.method != "nearest"


def test_a_picture_that_was_given_is_not_taken_for_a_drawn_one() -> None:
    enlarger = Repeating()
    job = work(256, 256, task="upscale", prompt=None, size="512", images=[{"uri": "gs://b/n"}])
    job.images = (noise(64, 64),)
    facts = upscale(job, tools(own=[enlarger])).pictures[0].upscale
    assert facts is not None and facts.method == "lanczos" and not enlarger.tiles
    facts = upscale(job, tools(own=[enlarger], others=[Repeating(2)])).pictures[0].upscale
    assert facts is not None and facts.method == "repeat-x2" and not enlarger.tiles


@pytest.mark.parametrize(
    ("side", "method", "others_passes"),
    [
        (80, "lanczos", 0),
        (128, "repeat-x2", 1),
        (256, "repeat-x4", 0),
        (512, "repeat-x4+repeat-x2", 1),
        (700, "repeat-x4+repeat-x2", 1),
        (1024, "repeat-x4", 0),
    ],
)
def test_where_its_own_network_makes_too_much_the_one_for_any_picture_goes_on(
    side: int, method: str, others_passes: int
) -> None:
    own, others, job = Repeating(), Repeating(2), work(side, side)
    job.pictures = [PictureInProgress(n=0, seed=1, rgb=noise(64, 64))]
    facts = upscale(job, tools(own=[own], others=[others])).pictures[0].upscale
    assert facts is not None
    assert facts.method == method
    assert len(others.tiles) == others_passes


@pytest.mark.parametrize(
    ("factor", "factors"),
    [
        (1.4, []),
        (1.5, [2]),
        (2, [2]),  # from 256 pixels a side to 512
        (2.5, [2]),
        (3, [4]),
        (4, [4]),  # to 1K
        (6, [4, 2]),
        (8, [4, 2]),  # to 2K
        (16, [4, 4]),  # to 4K
        (32, [4, 2, 4]),  # from 64 pixels a side to 2K
    ],
)
def test_no_pass_makes_more_than_twice_the_pixels_that_are_wanted(factor: float, factors: list[int]) -> None:
    passes = [network.factor for network in plan_passes(factor, [Repeating(4)], [Repeating(2)])]
    assert passes == factors
    assert math.prod(passes) <= factor * 2**0.5


@pytest.mark.parametrize(
    ("factor", "passes"),
    [
        (2, ["any-x2"]),  # from 64 pixels a side to 128
        (4, ["first-x4"]),  # to 256
        (8, ["first-x4", "any-x2"]),  # to 512
        (16, ["first-x4", "further-x4"]),  # to 1K
        (32, ["first-x4", "any-x2", "further-x4"]),  # to 2K
        (64, ["first-x4", "further-x4", "further-x4"]),  # to 4K
    ],
)
def test_the_models_second_network_makes_all_further_passes(factor: float, passes: list[str]) -> None:
    own, others = [Repeating(4, "first"), Repeating(4, "further")], [Repeating(2, "any")]
    assert [network.name for network in plan_passes(factor, own, others)] == passes


def test_the_manifest_names_both_of_the_models_networks() -> None:
    first, further, job = Repeating(4, "first"), Repeating(4, "further"), work(1024, 1024)
    job.pictures = [PictureInProgress(n=0, seed=1, rgb=noise(64, 64))]
    facts = upscale(job, tools(own=[first, further])).pictures[0].upscale
    assert facts is not None
    assert facts.method == "first-x4+further-x4"


@pytest.mark.parametrize(("factor", "passes"), [(1.2, 0), (1.5, 1), (4, 1), (6, 2)])
def test_a_network_that_is_alone_is_taken_even_where_it_makes_too_much(factor: float, passes: int) -> None:
    assert len(list(plan_passes(factor, [Repeating(4)]))) == passes
    assert list(plan_passes(factor, [])) == []
