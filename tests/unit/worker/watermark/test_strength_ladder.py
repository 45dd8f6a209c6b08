"""Every texture and size can be marked, and the proof names what the mark survives."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from tests.unit.worker.stages.making import work
from tests.unit.worker.watermark import textures
from worker.pictures.pixel_levels import levels_to_floats, quantize
from worker.stages.file_quality import as_delivered
from worker.watermark import Watermarker
from worker.watermark.jpeg_round_trip import round_trip_jpeg
from worker.watermark.visibility import is_visible
from worker.watermark.watermarker import MEANS_SCHEME

pytestmark = pytest.mark.slow

PAYLOAD = 0x0123456789ABCDEF

BUSY: dict[str, Callable[[int], textures.Levels]] = {
    "qr code": textures.qr_code,
    "halftone": textures.halftone_screen,
    "text": textures.text_page,
    "grass": lambda side: textures.load_photograph("grass.png", side),
    "black and white noise": textures.black_and_white_noise,
}


@pytest.mark.parametrize("name", ["qr code", "text"])
def test_a_busy_picture_is_marked_for_compression_and_not_to_be_seen(name: str, marker: Watermarker) -> None:
    levels = BUSY[name](512)
    marked = marker.mark(levels_to_floats(levels), PAYLOAD)
    written = quantize(marked.rgb, 8)
    assert marked.proof.compressed
    assert not is_visible(levels, written)
    assert marker.detect(levels_to_floats(round_trip_jpeg(written, 75))).payload == PAYLOAD


@pytest.mark.parametrize(
    ("name", "side"),
    [("halftone", 24), ("qr code", 200), ("text", 100), ("grass", 256), ("black and white noise", 256)],
)
def test_a_small_busy_picture_is_read_from_its_file_at_least(
    name: str, side: int, marker: Watermarker
) -> None:
    marked = marker.mark(levels_to_floats(BUSY[name](side)), PAYLOAD)
    assert marked.proof.exact
    assert marker.detect(levels_to_floats(quantize(marked.rgb, 8))).payload == PAYLOAD


@pytest.mark.parametrize(("colour", "side"), [((0, 0, 0), 256), ((1, 1, 1), 18), ((0.08, 0.08, 0.1), 64)])
def test_a_picture_of_one_colour_is_read_from_its_file(
    colour: tuple[float, float, float], side: int, marker: Watermarker
) -> None:
    marked = marker.mark(np.full((side, side, 3), colour, np.float32), PAYLOAD)
    assert marked.proof.exact
    assert marker.detect(levels_to_floats(quantize(marked.rgb, 8))).payload == PAYLOAD


@pytest.mark.parametrize("format", ["jpeg", "webp", "avif"])
def test_what_a_lossy_file_would_lose_is_written_so_that_the_file_has_it(
    format: str, marker: Watermarker
) -> None:
    written = as_delivered(work(format=format).request)
    marked = marker.mark(levels_to_floats(textures.black_and_white_noise(64)), PAYLOAD, written)
    assert marked.proof.exact
    assert marked.scheme == MEANS_SCHEME
    assert marker.detect(levels_to_floats(written(marked.rgb))).payload == PAYLOAD


def test_sixteen_bits_are_read_too(marker: Watermarker) -> None:
    marked = marker.mark(
        levels_to_floats(textures.halftone_screen(100)), PAYLOAD, as_delivered(work(bit_depth=16).request)
    )
    assert marker.detect(levels_to_floats(quantize(marked.rgb, 16))).payload == PAYLOAD


def test_a_picture_without_a_pixel_for_each_bit_is_not_exact(marker: Watermarker) -> None:
    assert not marker.mark(np.full((17, 17, 3), 0.5, np.float32), PAYLOAD).proof.exact


def test_the_usual_picture_takes_the_usual_mark(
    marker: Watermarker, photograph: Callable[..., np.ndarray]
) -> None:
    marked = marker.mark(photograph("coffee"), PAYLOAD)
    assert (marked.scheme, marked.proof.level) == ("plantain-1", "robust")
