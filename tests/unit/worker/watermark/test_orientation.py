"""A mark is read in every orientation."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import pytest

from worker.pictures.pixel_levels import levels_to_floats, quantize
from worker.watermark import Watermarker
from worker.watermark.canonical_view import resize_pixels, tile_waves
from worker.watermark.copy_reader import LumaCopyReader
from worker.watermark.jpeg_round_trip import round_trip_jpeg
from worker.watermark.orientation import ORIENTATIONS, Orientation, turn_upright, turn_waves_upright

Pixels = npt.NDArray[np.float32]

PAYLOAD = 0xFEDCBA9876543210


def lay_in(rgb: Pixels, orientation: Orientation) -> Pixels:
    mirrored = rgb[:, ::-1] if orientation.flipped else rgb
    return np.ascontiguousarray(np.rot90(mirrored, -orientation.turned // 90))  # clockwise


@pytest.fixture(scope="module")
def marked(marker: Watermarker, photograph: Callable[..., Pixels]) -> Pixels:
    return marker.embed(photograph("coffee"), PAYLOAD)


def test_there_are_eight() -> None:
    assert len({*ORIENTATIONS}) == 8


@pytest.mark.parametrize("orientation", ORIENTATIONS, ids=str)
def test_waves_are_turned_upright_as_the_view_is(orientation: Orientation) -> None:
    view = np.random.default_rng(0).normal(size=(300, 521)).astype(np.float32)
    seen = lay_in(view, orientation)
    np.testing.assert_array_equal(turn_upright(seen, orientation), view)
    np.testing.assert_allclose(
        turn_waves_upright(tile_waves(seen), seen.shape, orientation), tile_waves(view), atol=1e-2
    )


@pytest.mark.parametrize("orientation", ORIENTATIONS, ids=str)
@pytest.mark.parametrize("loss", ["none", "jpeg 50", "half size"])
def test_a_whole_picture_is_read_in_every_way_that_it_can_lie(
    loss: str, orientation: Orientation, marker: Watermarker, marked: Pixels
) -> None:
    seen = lay_in(marked, orientation)
    if loss == "jpeg 50":
        seen = levels_to_floats(round_trip_jpeg(quantize(seen, 8), 50))
    if loss == "half size":
        seen = resize_pixels(seen, seen.shape[1] // 2, seen.shape[0] // 2)
    found = marker.detect(seen)
    assert found.payload == PAYLOAD
    assert Orientation(found.flipped, found.turned) == orientation


def test_a_piece_is_read_that_was_turned(marker: Watermarker, marked: Pixels) -> None:
    piece = np.ascontiguousarray(np.rot90(marked[70:470, 90:640]))
    assert marker.detect(piece).payload == PAYLOAD


def test_a_turned_picture_is_not_read_as_upright(marker: Watermarker, marked: Pixels) -> None:
    (reading,) = LumaCopyReader(quantize(marked, 8), marker.carriers, PAYLOAD).read(["none"])
    assert reading == pytest.approx((PAYLOAD, 0.9), abs=0.15)
    turned = quantize(lay_in(marked, Orientation(turned=180)), 8)
    assert LumaCopyReader(turned, marker.carriers, PAYLOAD).read(["none"]) == [None]
