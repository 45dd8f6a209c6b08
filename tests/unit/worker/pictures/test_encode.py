"""The delivered file has the requested pixels, to the nearest level."""

from __future__ import annotations

from io import BytesIO

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from functions.contract.errors import UnsupportedFormat
from functions.contract.pictures import inspect_picture
from worker.pictures.decode import decode_picture
from worker.pictures.encode import encode_picture
from worker.pictures.pixel_levels import Floats, levels_to_floats, quantize

LOSSY = ("jpeg", "webp", "avif")


@pytest.fixture(scope="module")
def rgb() -> Floats:
    rows, columns = np.mgrid[0:96, 0:128].astype(np.float32)
    return np.stack([rows / 96, columns / 128, (rows + columns) / 224], axis=-1)


@pytest.mark.parametrize("depth", [8, 16])
def test_png_is_exact(depth: int, rgb: Floats) -> None:
    picture = decode_picture(encode_picture(rgb, "png", depth))
    assert picture.source_bit_depth == depth
    np.testing.assert_array_equal(quantize(picture.rgb, depth), quantize(rgb, depth))
    assert np.abs(picture.rgb - rgb).max() <= 0.5001 / (2**depth - 1)


@pytest.mark.parametrize("format", LOSSY)
def test_lossy_formats_are_close(format: str, rgb: Floats) -> None:
    data = encode_picture(rgb, format)
    facts = inspect_picture(data)
    assert (facts.format, facts.width, facts.height, facts.bit_depth) == (format, 128, 96, 8)
    assert np.abs(decode_picture(data).rgb - rgb).mean() < 0.01


def test_jpeg_keeps_full_colour_resolution() -> None:
    stripes = np.zeros((64, 64, 3), np.float32)
    stripes[:, ::2, 0] = stripes[:, 1::2, 2] = 1
    assert np.abs(decode_picture(encode_picture(stripes, "jpeg")).rgb - stripes).mean() < 0.06


@pytest.mark.parametrize("format", LOSSY)
def test_fine_texture_can_be_written(format: str) -> None:
    grain = np.random.default_rng(0).normal(0.5, 0.1, (256, 256, 3)).astype(np.float32).clip(0, 1)
    assert decode_picture(encode_picture(grain, format)).rgb.shape == grain.shape


@pytest.mark.parametrize("format", LOSSY)
def test_quality_is_honoured(format: str) -> None:
    noise = np.random.default_rng(0).random((128, 128, 3), np.float32)
    assert len(encode_picture(noise, format, quality=20)) < len(encode_picture(noise, format)) / 2


@pytest.mark.parametrize("format", ["png", *LOSSY])
def test_xmp_is_carried_by_every_format(format: str, rgb: Floats) -> None:
    packet = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"></x:xmpmeta>'
    image = Image.open(BytesIO(encode_picture(rgb, format, xmp=packet)))
    image.load()
    assert image.info["xmp"] == packet


def test_what_lies_outside_is_clipped() -> None:
    outside = np.array([[[-0.5, 0.5, 1.5]]], np.float32)
    assert quantize(outside, 8).tolist() == [[[0, 128, 255]]]
    assert quantize(outside, 16).tolist() == [[[0, 32768, 65535]]]


@pytest.mark.parametrize(
    ("format", "depth", "message"),
    [
        ("gif", 8, "ask for png, jpeg, webp, avif"),
        ("jpeg", 16, "ask for png"),
        ("webp", 16, "ask for png"),
        ("avif", 16, "ask for png"),
        ("png", 12, "ask for 8 or 16"),
    ],
)
def test_nothing_is_downgraded_silently(format: str, depth: int, message: str, rgb: Floats) -> None:
    with pytest.raises(UnsupportedFormat, match=message):
        encode_picture(rgb, format, depth)


def test_a_side_too_long_for_the_format_is_refused() -> None:
    with pytest.raises(UnsupportedFormat, match="16383"):
        encode_picture(np.zeros((1, 16384, 3), np.float32), "webp")


@pytest.mark.parametrize("depth", [8, 16])
def test_every_level_comes_back(depth: int) -> None:
    levels = np.arange(2**depth, dtype=np.uint8 if depth == 8 else np.uint16)
    np.testing.assert_array_equal(quantize(levels_to_floats(levels), depth), levels)


@given(st.floats(0, 1, width=32), st.sampled_from([8, 16]))
def test_rounding_is_to_the_nearest_level(value: float, depth: int) -> None:
    top = 2**depth - 1
    level = int(quantize(np.array([value], np.float32), depth)[0])
    assert abs(level - value * top) <= 0.5 + 0.005
