"""A mark is read however the picture lies."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import pytest

from worker.pictures.pixel_levels import plain, quantize
from worker.watermark import Watermarker
from worker.watermark.canonical_view import resized, waves
from worker.watermark.detector import read_upright
from worker.watermark.jpeg_round_trip import through_jpeg
from worker.watermark.orientation import EVERY, Orientation, righted, upright

Pixels = npt.NDArray[np.float32]

PAYLOAD = 0xFEDCBA9876543210


def laid(rgb: Pixels, orientation: Orientation) -> Pixels:
    mirrored = rgb[:, ::-1] if orientation.flipped else rgb
    return np.ascontiguousarray(np.rot90(mirrored, -orientation.turned // 90))  # clockwise


@pytest.fixture(scope="module")
def marked(marker: Watermarker, photograph: Callable[..., Pixels]) -> Pixels:
    return marker.embed(photograph("coffee"), PAYLOAD)


def test_there_are_eight() -> None:
    assert len({*EVERY}) == 8


@pytest.mark.parametrize("orientation", EVERY, ids=str)
def test_waves_are_righted_as_the_view_is(orientation: Orientation) -> None:
    view = np.random.default_rng(0).normal(size=(300, 521)).astype(np.float32)
    seen = laid(view, orientation)
    np.testing.assert_array_equal(upright(seen, orientation), view)
    np.testing.assert_allclose(righted(waves(seen), seen.shape, orientation), waves(view), atol=1e-2)


@pytest.mark.parametrize("orientation", EVERY, ids=str)
@pytest.mark.parametrize("loss", ["none", "jpeg 50", "half size"])
def test_a_whole_picture_is_read_in_every_way_that_it_can_lie(
    loss: str, orientation: Orientation, marker: Watermarker, marked: Pixels
) -> None:
    seen = laid(marked, orientation)
    if loss == "jpeg 50":
        seen = plain(through_jpeg(quantize(seen, 8), 50))
    if loss == "half size":
        seen = resized(seen, seen.shape[1] // 2, seen.shape[0] // 2)
    found = marker.detect(seen)
    assert found.payload == PAYLOAD
    assert Orientation(found.flipped, found.turned) == orientation


def test_a_piece_is_read_that_was_turned(marker: Watermarker, marked: Pixels) -> None:
    piece = np.ascontiguousarray(np.rot90(marked[70:470, 90:640]))
    assert marker.detect(piece).payload == PAYLOAD


def test_what_was_turned_is_not_read_as_it_lies(marker: Watermarker, marked: Pixels) -> None:
    assert read_upright(marked, marker.carriers) == pytest.approx((PAYLOAD, 0.9), abs=0.15)
    assert read_upright(laid(marked, Orientation(turned=180)), marker.carriers) is None
