"""A mark is invisible, survives sharing, and is never detected in an unmarked picture."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import pytest

from functions.contract.sizes import pixel_size
from worker.watermark import WatermarkDetection, Watermarker
from worker.watermark.canonical_view import to_canonical_view
from worker.watermark.detector import FALSE_POSITIVE
from worker.watermark.visual_masking import VisualMasking
from worker.watermark.watermarker import tried_strengths

pytestmark = pytest.mark.slow

Pixels = npt.NDArray[np.float32]
Attacks = dict[str, Callable[[Pixels], Pixels]]

PAYLOAD = 0x0123456789ABCDEF
PHOTOGRAPHS = ("astronaut", "coffee", "chelsea", "rocket")
ATTACKS = (
    "none",
    "16 bits",
    "jpeg 75",
    "jpeg 50",
    "webp 50",
    "half size",
    "half size, jpeg 50",
    "flip",
    "crop to half",
    "crop to a quarter",
    "noise",
    "blur",
    "brighter",
)
SEEDS = range(4)
UNIFORM = {"black": (0, 0, 0), "grey": (0.5, 0.5, 0.5), "white": (1, 1, 1), "red": (1, 0, 0)}


def decibels(one: Pixels, other: Pixels) -> float:
    return float(-10 * np.log10(np.mean((one - other) ** 2)))


@pytest.fixture(scope="module")
def marked(marker: Watermarker, photograph: Callable[..., Pixels]) -> dict[str, Pixels]:
    return {name: marker.embed(photograph(name), PAYLOAD) for name in PHOTOGRAPHS}


@pytest.fixture(scope="module")
def marked_illustrations(marker: Watermarker, illustration: Callable[..., Pixels]) -> list[Pixels]:
    return [marker.embed(illustration(seed), PAYLOAD) for seed in SEEDS]


@pytest.mark.parametrize("attack", ATTACKS)
@pytest.mark.parametrize("name", PHOTOGRAPHS)
def test_a_photograph_is_read_exactly(
    name: str, attack: str, marker: Watermarker, marked: dict[str, Pixels], attacks: Attacks
) -> None:
    found = marker.detect(attacks[attack](marked[name]))
    assert found.found
    assert found.payload == PAYLOAD
    assert found.flipped == (attack == "flip")
    assert 0.5 < found.score <= 1


@pytest.mark.parametrize("name", PHOTOGRAPHS)
def test_a_mark_cannot_be_seen(
    name: str, marked: dict[str, Pixels], photograph: Callable[..., Pixels]
) -> None:
    assert decibels(marked[name], photograph(name)) >= 42.5


def test_marked_pixels_are_floats_in_range_and_the_picture_is_untouched(
    marker: Watermarker, photograph: Callable[..., Pixels]
) -> None:
    before = photograph("rocket")
    original = before.copy()
    after = marker.embed(before, PAYLOAD)
    assert after.dtype == np.float32
    assert after.shape == before.shape
    assert after.min() >= 0
    assert after.max() <= 1
    np.testing.assert_array_equal(before, original)


def test_the_same_picture_and_payload_give_the_same_pixels(
    marker: Watermarker, photograph: Callable[..., Pixels]
) -> None:
    picture = photograph("coffee")
    np.testing.assert_array_equal(marker.embed(picture, 5), marker.embed(picture, 5))


@pytest.mark.parametrize(
    "attack", ["none", "16 bits", "jpeg 75", "jpeg 50", "half size", "flip", "crop to half"]
)
@pytest.mark.parametrize("seed", SEEDS)
def test_a_flat_illustration_is_read_exactly(
    seed: int, attack: str, marker: Watermarker, marked_illustrations: list[Pixels], attacks: Attacks
) -> None:
    assert marker.detect(attacks[attack](marked_illustrations[seed])).payload == PAYLOAD


@pytest.mark.parametrize("seed", SEEDS)
def test_a_mark_in_a_flat_illustration_cannot_be_seen(
    seed: int, marked_illustrations: list[Pixels], illustration: Callable[..., Pixels]
) -> None:
    assert decibels(marked_illustrations[seed], illustration(seed)) >= 42.5


@pytest.mark.parametrize("colour", UNIFORM)
def test_even_a_uniform_picture_reads_back(colour: str, marker: Watermarker) -> None:
    picture = np.full((512, 512, 3), UNIFORM[colour], np.float32)
    found = marker.read_back(marker.embed(picture, PAYLOAD), PAYLOAD)
    assert found.exact


@pytest.mark.parametrize("ratio", ["1:1", "9:16", "21:9", "4:5"])
@pytest.mark.parametrize("size", ["512", "1K"])
def test_every_shape_reads_back(
    size: str, ratio: str, marker: Watermarker, photograph: Callable[..., Pixels]
) -> None:
    width, height = pixel_size(size, ratio)
    picture = photograph("astronaut", 1536)[:height, :width]
    assert marker.read_back(marker.embed(picture, PAYLOAD), PAYLOAD).exact


@pytest.mark.parametrize("short_side", [256, 333, 1024])
def test_other_sizes_read_back(
    short_side: int, marker: Watermarker, photograph: Callable[..., Pixels]
) -> None:
    picture = photograph("coffee", short_side)
    assert marker.read_back(marker.embed(picture, PAYLOAD), PAYLOAD).exact


def test_a_plain_picture_is_marked_more_faintly(
    marker: Watermarker, photograph: Callable[..., Pixels], illustration: Callable[..., Pixels]
) -> None:
    assert tried_strengths(VisualMasking(to_canonical_view(illustration(1)))) == (49, 46, 44.5, 43, 41)
    assert tried_strengths(VisualMasking(to_canonical_view(photograph("coffee")))) == (43, 41)
    marked = marker.mark(illustration(0, 1024), PAYLOAD)
    assert marked.proof.robust
    assert marked.psnr > 43


def test_a_picture_is_marked_more_strongly_only_where_its_mark_does_not_last(
    marker: Watermarker, photograph: Callable[..., Pixels]
) -> None:
    assert marker.mark(photograph("coffee"), PAYLOAD).psnr == 43
    dense = np.random.default_rng(0).random((448, 448, 3), np.float32)
    stronger = marker.mark(dense, PAYLOAD)
    assert not marker.read_back(marker.embed(dense, PAYLOAD), PAYLOAD).robust
    assert stronger.psnr == 41


def test_a_tiny_picture_is_marked_as_well_as_it_can_be(
    marker: Watermarker, photograph: Callable[..., Pixels]
) -> None:
    picture = photograph("astronaut", 128)
    assert decibels(marker.embed(picture, PAYLOAD), picture) >= 42.5


class TestReadBack:
    def test_it_names_what_the_mark_survives(self, marker: Watermarker, marked: dict[str, Pixels]) -> None:
        found = marker.read_back(marked["coffee"], PAYLOAD)
        assert found.exact
        assert found.robust
        assert found.survives == (
            *("none", "jpeg-50", "half-size", "half-size-jpeg-50"),
            *("piece-50", "piece-25", "another-piece-25"),
        )
        assert 0.8 < found.score <= 1

    def test_another_payload_is_not_exact(self, marker: Watermarker, marked: dict[str, Pixels]) -> None:
        found = marker.read_back(marked["coffee"], PAYLOAD + 1)
        assert not found.exact
        assert found.survives == ()

    def test_an_unmarked_picture_is_not_exact(
        self, marker: Watermarker, photograph: Callable[..., Pixels]
    ) -> None:
        found = marker.read_back(photograph("coffee"), PAYLOAD)
        assert not found.exact
        assert found.score == 0


class TestNothingIsFound:
    @pytest.mark.parametrize("name", PHOTOGRAPHS)
    def test_by_another_key(self, name: str, marked: dict[str, Pixels]) -> None:
        assert not Watermarker(bytes(32), version=2).detect(marked[name]).found

    @pytest.mark.parametrize("name", PHOTOGRAPHS)
    def test_in_an_unmarked_patch(
        self, name: str, marker: Watermarker, photograph: Callable[..., Pixels]
    ) -> None:
        picture = photograph(name, 1024)
        random = np.random.default_rng(0)
        top, left = (int(random.integers(0, side - 256)) for side in picture.shape[:2])
        found = marker.detect(picture[top : top + 256, left : left + 256])
        assert found == WatermarkDetection(found=False, payload=None, score=0.0, flipped=False)

    def test_by_calculation_more_often_than_in_one_picture_of_a_million(self) -> None:
        assert FALSE_POSITIVE < 1e-6

    def test_in_noise(self, marker: Watermarker) -> None:
        noise = np.random.default_rng(0).random((512, 512, 3), np.float32)
        assert not marker.detect(noise).found
