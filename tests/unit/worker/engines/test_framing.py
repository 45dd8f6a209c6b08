"""How pictures are brought to the sizes that models take, and laid out for them."""

from __future__ import annotations

import numpy as np
import pytest

from worker.engines import framing
from worker.engines.protocol import Picture
from worker.stages.upscale import resize_to_fill


def stripes(width: int, height: int) -> Picture:
    """Dark to light from left to right."""
    row = np.linspace(0, 1, width, dtype=np.float32)
    return np.ascontiguousarray(np.broadcast_to(row[None, :, None], (height, width, 3)))


def blurred(width: int, height: int) -> Picture:
    """A picture of random blobs, each a few pixels wide at a model's size."""
    blobs = np.random.default_rng(0).random((12, 16, 3), np.float32)
    return framing.resize_picture(blobs, width, height)


def test_a_picture_of_the_size_is_left_as_it_is() -> None:
    picture = stripes(48, 32)
    assert framing.resize_picture(picture, 48, 32) is picture


@pytest.mark.parametrize("size", [(24, 16), (96, 64), (7, 200)])
def test_a_resized_picture_stays_in_range_and_keeps_its_mean(size: tuple[int, int]) -> None:
    picture = framing.resize_picture(stripes(48, 32), *size)
    assert picture.shape == (size[1], size[0], 3)
    assert picture.dtype == np.float32
    assert 0 <= picture.min() <= picture.max() <= 1
    assert picture.mean() == pytest.approx(0.5, abs=0.01)


def test_a_mask_is_resized_as_a_picture_is() -> None:
    mask = np.zeros((10, 10), np.float32)
    mask[:, :5] = 1
    assert framing.resize_picture(mask, 4, 4).tolist() == [[1, 1, 0, 0]] * 4


@pytest.mark.parametrize(("target", "native"), [((1360, 768), (80, 48)), ((880, 1184), (56, 72))])
def test_a_framed_picture_comes_back_where_it_was(target: tuple[int, int], native: tuple[int, int]) -> None:
    picture = blurred(*target)
    framed = framing.frame_for_native(picture, target, native)
    assert framed.shape == (native[1], native[0], 3)
    back = resize_to_fill(framed, *target)
    assert back.shape == picture.shape
    shifted = np.roll(picture, target[0] // native[0], axis=1)
    assert np.abs(back - picture).mean() < 0.25 * np.abs(back - shifted).mean()


def test_a_framed_picture_of_the_target_s_shape_fills_the_frame() -> None:
    framed = framing.frame_for_native(stripes(200, 100), (100, 50), (40, 20))
    assert np.abs(framed - framing.resize_picture(stripes(200, 100), 40, 20)).max() < 1e-6


def test_a_frame_s_borders_continue_the_picture() -> None:
    framed = framing.frame_for_native(stripes(200, 100), (100, 50), (40, 30))
    assert np.array_equal(framed[0], framed[5])
    assert np.array_equal(framed[-1], framed[5])


def test_a_framed_picture_of_another_shape_loses_its_edges() -> None:
    framed = framing.frame_for_native(stripes(200, 50), (50, 50), (50, 50))
    assert framed[0, 0, 0] == pytest.approx(0.375, abs=0.01)
    assert framed[0, -1, 0] == pytest.approx(0.625, abs=0.01)


def test_a_framed_mask_is_flat() -> None:
    assert framing.frame_for_native(np.ones((50, 100), np.float32), (100, 50), (40, 24)).shape == (24, 40)


@pytest.mark.parametrize("shape", [(1, 1), (1, 5000), (5000, 1), (3, 2)])
def test_pictures_of_any_shape_are_framed_and_contained(shape: tuple[int, int]) -> None:
    assert framing.frame_for_native(stripes(*shape), (1024, 680), (24, 16)).shape == (16, 24, 3)
    assert framing.contain_on_white(stripes(*shape), 24, 16).shape == (16, 24, 3)


def test_a_contained_picture_is_whole_on_white() -> None:
    contained = framing.contain_on_white(np.zeros((50, 100, 3), np.float32), 40, 40)
    assert (contained[:10] == 1).all()
    assert (contained[10:30] == 0).all()
    assert (contained[30:] == 1).all()
