"""Colours are what their profile says, in every precision."""

from __future__ import annotations

import struct
from collections.abc import Callable
from io import BytesIO

import cv2
import numpy as np
import pytest
from PIL import Image, ImageCms

from worker.pictures.decode import decode_picture
from worker.pictures.icc_profile import SRGB_TO_XYZ, convert_to_srgb, evaluate_curve
from worker.pictures.pixel_levels import Levels, levels_to_floats

# The primaries of Display P3 and of ProPhoto under D50 (columns: red, green, blue).
DISPLAY_P3 = np.array(
    [[0.51512, 0.29198, 0.15710], [0.24120, 0.69225, 0.06657], [-0.00105, 0.04189, 0.78407]]
)
PROPHOTO = np.array([[0.79767, 0.13519, 0.03135], [0.28804, 0.71188, 0.00009], [0.0, 0.0, 0.82519]])
SRGB_CURVE = (3, 2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045)
STEPS = np.linspace(0, 1, 101)


def fixed(*values: float) -> bytes:
    return struct.pack(f">{len(values)}i", *(round(value * 65536) for value in values))


def parametric(kind: int, *values: float) -> bytes:
    return b"para" + bytes(4) + struct.pack(">HH", kind, 0) + fixed(*values)


def gamma(value: float) -> bytes:
    return b"curv" + bytes(4) + struct.pack(">IH", 1, round(value * 256)) + bytes(2)


def profile(space: bytes, tags: dict[bytes, bytes]) -> bytes:
    """Returns a version 2 display profile."""
    tags = {b"wtpt": b"XYZ " + bytes(4) + fixed(0.9642, 1, 0.8249), **tags}
    body, table = b"", struct.pack(">I", len(tags))
    for name, tag in tags.items():
        table += struct.pack(">4sII", name, 132 + 12 * len(tags) + len(body), len(tag))
        body += tag + bytes(-len(tag) % 4)
    head = bytes(4) + bytes(4) + b"\x02\x10\0\0" + b"mntr" + space + b"XYZ " + bytes(12) + b"acsp"
    head += bytes(28) + fixed(0.9642, 1, 0.8249)
    data = head.ljust(128, b"\0") + table + body
    return struct.pack(">I", len(data)) + data[4:]


def rgb_profile(primaries: np.ndarray, tone: bytes) -> bytes:
    columns = zip((b"rXYZ", b"gXYZ", b"bXYZ"), primaries.T, strict=True)
    tags = {name: b"XYZ " + bytes(4) + fixed(*column) for name, column in columns}
    return profile(b"RGB ", tags | dict.fromkeys((b"rTRC", b"gTRC", b"bTRC"), tone))


def grid(kind: type[np.unsignedinteger]) -> Levels:
    axis = np.linspace(0, np.iinfo(kind).max, 6).astype(kind)
    return np.stack(np.meshgrid(axis, axis, axis), axis=-1).reshape(6, 36, 3)


@pytest.mark.parametrize("primaries", [DISPLAY_P3, PROPHOTO], ids=["Display P3", "ProPhoto"])
@pytest.mark.parametrize("tone", [parametric(*SRGB_CURVE), gamma(1.8)], ids=["sRGB curve", "gamma 1.8"])
def test_a_matrix_profile_agrees_with_little_cms(primaries: np.ndarray, tone: bytes) -> None:
    icc, levels = rgb_profile(primaries, tone), grid(np.uint8)
    source = ImageCms.ImageCmsProfile(BytesIO(icc))
    expected = ImageCms.profileToProfile(
        Image.fromarray(levels), source, ImageCms.createProfile("sRGB"), outputMode="RGB"
    )
    assert np.abs(convert_to_srgb(levels, icc) * 255 - np.asarray(expected)).max() < 2


def test_16_bits_are_converted_in_16_bits() -> None:
    ramp = np.arange(65536, dtype=np.uint16).reshape(256, 256, 1).repeat(3, axis=2)
    converted = convert_to_srgb(ramp, rgb_profile(DISPLAY_P3, gamma(1.8)))
    assert len(np.unique(converted)) > 60_000


def test_white_and_black_stay() -> None:
    ends = np.array([[[0, 0, 0], [255, 255, 255]]], np.uint8)
    found = convert_to_srgb(ends, rgb_profile(PROPHOTO, gamma(1.8)))
    np.testing.assert_allclose(found, levels_to_floats(ends), atol=2e-3)


def test_srgb_under_another_name_is_left_exactly_alone() -> None:
    levels = grid(np.uint16)
    icc = rgb_profile(SRGB_TO_XYZ, parametric(*SRGB_CURVE))
    np.testing.assert_array_equal(convert_to_srgb(levels, icc), levels_to_floats(levels))


def test_a_grey_profile_brightens_grey(save: Callable[..., bytes]) -> None:
    icc = profile(b"GRAY", {b"kTRC": gamma(1.0)})
    grey = decode_picture(save(Image.new("L", (32, 32), 55), "PNG", icc_profile=icc)).rgb
    np.testing.assert_allclose(grey, 0.5, atol=0.01)  # 55/255 of linear light is sRGB's 0.50


@pytest.mark.parametrize("mode", ["L", "LA"])
def test_a_grey_profile_may_be_a_table(save: Callable[..., bytes], mode: str) -> None:
    """A profile of lightness, as of printers: 128 of 255 is L* 50."""
    size = struct.pack(">9iHH", 65536, 0, 0, 0, 65536, 0, 0, 0, 65536, 256, 2)
    lightness = b"".join(struct.pack(">H", n * 257) for n in range(256))
    corners = struct.pack(">6H", 0, 0x8000, 0x8000, 0xFF00, 0x8000, 0x8000)
    table = b"mft2" + bytes(4) + bytes((1, 3, 2, 0)) + size + lightness + corners
    icc = profile(b"GRAY", {b"A2B0": table + struct.pack(">6H", 0, 65535, 0, 65535, 0, 65535)})
    icc = icc[:20] + b"Lab " + icc[24:]
    grey = Image.new("L", (32, 32), 128)
    picture = grey if mode == "L" else Image.merge("LA", (grey, Image.new("L", (32, 32), 255)))
    found = decode_picture(save(picture, "PNG", icc_profile=icc)).rgb
    np.testing.assert_allclose(found * 255, 119, atol=2)
    coloured = decode_picture(save(Image.new("RGB", (32, 32), (9, 128, 200)), "PNG", icc_profile=icc)).rgb
    np.testing.assert_allclose(coloured[0, 0] * 255, (9, 128, 200), atol=0.1)


def test_a_profile_in_a_bmp_is_looked_at() -> None:
    icc = rgb_profile(SRGB_TO_XYZ, gamma(1.0))
    head = struct.pack("<IiiHHIIiiII", 124, 32, 32, 1, 24, 0, 32 * 32 * 3, 0, 0, 0, 0) + bytes(16) + b"DEBM"
    head += bytes(36 + 12) + struct.pack("<IIII", 4, 124 + 32 * 32 * 3, len(icc), 0)
    body = bytes([55]) * (32 * 32 * 3) + icc
    data = b"BM" + struct.pack("<IHHI", 138 + len(body), 0, 0, 138) + head + body
    np.testing.assert_allclose(decode_picture(data).rgb, 0.5, atol=0.01)
    torn = data.replace(struct.pack("<I", 124 + 32 * 32 * 3), struct.pack("<I", 1 << 31))
    np.testing.assert_allclose(decode_picture(torn).rgb, 55 / 255, atol=0.01)


def test_a_profile_reaches_a_16_bit_picture(save: Callable[..., bytes]) -> None:
    icc = rgb_profile(SRGB_TO_XYZ, gamma(1.0))
    wide = np.full((32, 32, 3), 14000, np.uint16)
    bare = cv2.imencode(".png", wide)[1].tobytes()
    tagged = save(Image.new("RGB", (32, 32)), "PNG", icc_profile=icc)
    start, end = tagged.index(b"iCCP") - 4, tagged.index(b"IDAT") - 4
    data = bare[:33] + tagged[start:end] + bare[33:]
    picture = decode_picture(data)
    assert picture.source_bit_depth == 16
    np.testing.assert_allclose(picture.rgb, 0.5, atol=0.01)


def test_a_profile_of_another_colour_space_is_ignored() -> None:
    levels = grid(np.uint8)
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
    np.testing.assert_array_equal(convert_to_srgb(levels, lab), levels_to_floats(levels))


def test_16_bits_under_a_profile_that_is_not_computed_here_stay_whole() -> None:
    levels = np.full((4, 4, 3), 12345, np.uint16)
    np.testing.assert_array_equal(convert_to_srgb(levels, b"damaged"), levels_to_floats(levels))


def test_curves() -> None:
    table = b"curv" + bytes(4) + struct.pack(">I3H", 3, 0, 16384, 65535)
    np.testing.assert_allclose(evaluate_curve(b"curv" + bytes(8), STEPS), STEPS)
    np.testing.assert_allclose(evaluate_curve(gamma(2.0), STEPS), STEPS**2)
    assert evaluate_curve(table, np.array([0.5]))[0] == pytest.approx(0.25, abs=1e-4)
    np.testing.assert_allclose(evaluate_curve(parametric(0, 2.0), STEPS), STEPS**2, atol=1e-4)


@pytest.mark.parametrize(
    ("kind", "values", "at", "expected"),
    [
        (1, (2.0, 1.0, -0.5), 0.25, 0.0),
        (1, (2.0, 1.0, -0.5), 1.0, 0.25),
        (2, (2.0, 1.0, -0.5, 0.1), 0.25, 0.1),
        (2, (2.0, 1.0, -0.5, 0.1), 1.0, 0.35),
        (3, (2.0, 1.0, 0.0, 0.5, 0.4), 0.2, 0.1),
        (4, (2.0, 1.0, 0.0, 0.5, 0.4, 0.05, 0.02), 0.2, 0.12),
        (4, (2.0, 1.0, 0.0, 0.5, 0.4, 0.05, 0.02), 0.5, 0.3),
    ],
)
def test_parametric_curves(kind: int, values: tuple[float, ...], at: float, expected: float) -> None:
    """ICC.1:2022, table 68."""
    assert evaluate_curve(parametric(kind, *values), np.array([at]))[0] == pytest.approx(expected, abs=1e-3)
