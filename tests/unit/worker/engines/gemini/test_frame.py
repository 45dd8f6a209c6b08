"""What is asked of a model for a target, and how the picture is found in what it draws."""

from __future__ import annotations

import numpy as np
import pytest

from functions.contract.sizes import PIXELS
from functions.contract.validation.gemini_models import GeminiOptions
from worker.engines.framing import has_same_shape
from worker.engines.gemini.frame import choose_frame

DEFAULT = GeminiOptions()


@pytest.mark.parametrize(("asked", "size"), PIXELS.items(), ids=str)
def test_our_sizes_and_ratios_are_the_models_own(asked: tuple[str, str], size: tuple[int, int]) -> None:
    found = choose_frame(*size, DEFAULT)
    assert (found.image_size, found.aspect_ratio) == asked
    assert (found.width, found.height) == size


def test_a_picture_of_any_shape_lies_in_the_nearest_ratio() -> None:
    found = choose_frame(1000, 400, DEFAULT)
    assert found.aspect_ratio == "21:9"
    assert (found.width, found.height) == (1000, 400)
    assert choose_frame(300, 2400, DEFAULT).aspect_ratio == "1:8"


def test_the_smallest_size_that_will_do_is_asked_for() -> None:
    assert choose_frame(64, 64, DEFAULT).image_size == "512"
    assert choose_frame(530, 530, DEFAULT).image_size == "512"
    assert choose_frame(600, 600, DEFAULT).image_size == "1K"
    assert choose_frame(2300, 2300, DEFAULT).image_size == "4K"


def test_beyond_the_largest_size_the_picture_is_smaller_and_keeps_its_shape() -> None:
    found = choose_frame(5456, 3072, GeminiOptions(image_sizes=("1K", "512")))
    assert found.image_size == "1K"
    assert found.width * found.height <= 1024**2
    assert found.width / found.height == pytest.approx(5456 / 3072, rel=0.01)


def test_a_model_without_sizes_draws_a_megapixel() -> None:
    found = choose_frame(4096, 4096, GeminiOptions(image_sizes=()))
    assert found.image_size is None
    assert (found.width, found.height) == (1024, 1024)


def test_what_is_framed_is_cut_out_again_where_it_was() -> None:
    picture = np.random.default_rng(1).random((40, 100, 3), np.float32)
    found = choose_frame(100, 40, DEFAULT)
    around = found.around(picture)
    assert around.shape[1] / around.shape[0] == pytest.approx(21 / 9, rel=0.03)
    assert np.array_equal(found.cut_from(around), picture)


def test_a_mask_is_framed_as_its_picture_is() -> None:
    mask = np.zeros((40, 100), np.float32)
    mask[:, 50:] = 1
    found = choose_frame(100, 40, DEFAULT).around(mask)
    assert found.ndim == 2
    assert found[0, 0] == 0
    assert found[-1, -1] == 1


def test_what_is_cut_is_never_enlarged() -> None:
    small = np.zeros((30, 60, 3), np.float32)
    assert choose_frame(100, 40, DEFAULT).cut_from(small).shape == (24, 60, 3)


def test_what_is_too_large_is_averaged_down() -> None:
    large = np.zeros((400, 400, 3), np.float32)
    large[::2] = 1
    cut = choose_frame(100, 100, DEFAULT).cut_from(large)
    assert cut.shape == (100, 100, 3)
    assert cut.dtype == np.float32
    assert cut == pytest.approx(np.full_like(cut, 0.5), abs=1e-3)


def test_hardly_another_shape_is_the_same() -> None:
    picture = np.zeros((100, 105, 3), np.float32)
    assert has_same_shape(picture, 64, 64)
    assert not has_same_shape(picture, 64, 32)
