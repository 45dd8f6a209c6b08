"""A picture that fills a part of a page is read."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
import numpy.typing as npt
import pytest

from tests.unit.worker.watermark import textures
from worker.pictures.pixel_levels import levels_to_floats, quantize
from worker.watermark import Watermarker
from worker.watermark.jpeg_round_trip import round_trip_jpeg
from worker.watermark.page_crop import find_picture_in_page

pytestmark = pytest.mark.slow

Pixels = npt.NDArray[np.float32]

PAYLOAD = 0xFEDCBA9876543210


def in_page(rgb: Pixels, share: float, colour: int = 255) -> npt.NDArray[np.uint8]:
    """Returns a page of text, at least twice as high as the picture, which fills ``share`` of it."""
    height, width = rgb.shape[:2]
    tall = 2 * height + 100
    page = np.full((tall, round(height * width / share / tall), 3), colour, np.uint8)
    page[: height // 2] = np.where(
        textures.text_page(page.shape[1])[: height // 2] < 128, 255 - colour, colour
    )
    left = (page.shape[1] - width) // 2
    page[height // 2 + 40 : height // 2 + 40 + height, left : left + width] = quantize(rgb, 8)
    return page


@pytest.fixture(scope="module")
def marked(marker: Watermarker, photograph: Callable[..., Pixels]) -> Pixels:
    return marker.embed(photograph("coffee"), PAYLOAD)


@pytest.mark.parametrize("colour", [255, 0])
@pytest.mark.parametrize("turns", [0, 1])
def test_a_picture_that_fills_a_fifth_of_a_page_is_read(
    turns: int, colour: int, marker: Watermarker, marked: Pixels
) -> None:
    page = in_page(np.ascontiguousarray(np.rot90(marked, turns)), 0.2, colour)
    shown = cv2.resize(page, None, fx=0.8, fy=0.8, interpolation=cv2.INTER_AREA)
    assert (
        marker.detect(levels_to_floats(round_trip_jpeg(np.asarray(shown, np.uint8), 80))).payload == PAYLOAD
    )


def test_the_picture_is_cut_out_to_the_pixel(marked: Pixels) -> None:
    found = find_picture_in_page(levels_to_floats(in_page(marked, 0.2)))
    assert found is not None
    assert found.shape == marked.shape


def test_nothing_is_cut_out_of_a_photograph_or_an_empty_page(photograph: Callable[..., Pixels]) -> None:
    assert find_picture_in_page(photograph("coffee")) is None
    assert find_picture_in_page(np.ones((400, 300, 3), np.float32)) is None


def test_nothing_is_claimed_in_a_page_whose_picture_is_not_marked(
    marker: Watermarker, photograph: Callable[..., Pixels]
) -> None:
    assert not marker.detect(levels_to_floats(in_page(photograph("coffee"), 0.2))).found
