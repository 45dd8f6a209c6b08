"""The PNG writer is exact, and other programs agree about what it wrote."""

from __future__ import annotations

import zlib
from io import BytesIO

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from functions.contract.pictures import inspect_picture, png_chunks
from worker.pictures.pixel_levels import Levels
from worker.pictures.png_writer import STRIP_BYTES, DeflatedStrip, combine_adler_sums, write_png

KINDS = (np.uint8, np.uint16)


def noise(height: int, width: int, kind: type[np.unsignedinteger]) -> Levels:
    top = int(np.iinfo(kind).max) + 1
    return np.random.default_rng(0).integers(0, top, (height, width, 3)).astype(kind)


def read_by_opencv(data: bytes) -> Levels:
    found = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    assert found is not None
    return found[..., ::-1].astype(np.uint16 if found.dtype == np.uint16 else np.uint8)


@pytest.mark.parametrize("shape", [(1, 1), (1, 40), (40, 1), (17, 33), (300, 500)])
@pytest.mark.parametrize("kind", KINDS)
def test_opencv_reads_what_was_written(shape: tuple[int, int], kind: type[np.unsignedinteger]) -> None:
    levels = noise(*shape, kind)
    found = read_by_opencv(write_png(levels))
    assert found.dtype == kind
    np.testing.assert_array_equal(found, levels)


@pytest.mark.parametrize("kind", KINDS)
def test_many_strips_are_one_picture(kind: type[np.unsignedinteger]) -> None:
    levels = noise(1100, 2000, kind)
    assert levels.nbytes > 3 * STRIP_BYTES
    data = write_png(levels)
    np.testing.assert_array_equal(read_by_opencv(data), levels)
    assert sum(name == b"IDAT" for name, _, _ in png_chunks(data)) > 3


def test_pillow_reads_what_was_written() -> None:
    levels = noise(1100, 2000, np.uint8)
    image = Image.open(BytesIO(write_png(levels)))
    assert image.info["srgb"] == 0
    np.testing.assert_array_equal(np.asarray(image), levels)


def test_a_view_with_any_strides_is_written() -> None:
    levels = noise(64, 48, np.uint8)
    for view in (levels[::-1], levels[:, ::-1], levels.swapaxes(0, 1), levels[::2, ::3]):
        np.testing.assert_array_equal(read_by_opencv(write_png(view)), view)


@pytest.mark.parametrize("kind", KINDS)
def test_checksums_hold(kind: type[np.unsignedinteger]) -> None:
    data = write_png(noise(1100, 2000, kind), xmp=b"<x:xmpmeta/>")
    assert inspect_picture(data).bit_depth == 8 * np.dtype(kind).itemsize
    deflated = b"".join(bytes(body) for name, body, _ in png_chunks(data) if name == b"IDAT")
    inflated = zlib.decompress(deflated)  # raises where the Adler-32 is wrong
    assert len(inflated) == 1100 * (1 + 2000 * 3 * np.dtype(kind).itemsize)


def test_xmp_is_carried() -> None:
    packet = '<x:xmpmeta xmlns:x="adobe:ns:meta/">Ünïcode</x:xmpmeta>'.encode()
    image = Image.open(BytesIO(write_png(noise(20, 20, np.uint8), xmp=packet)))
    image.load()
    assert image.info["xmp"] == packet


@given(st.lists(st.binary(max_size=300), min_size=1, max_size=6))
def test_the_sum_of_the_parts_is_the_sum_of_the_whole(parts: list[bytes]) -> None:
    strips = [DeflatedStrip(b"", zlib.adler32(part), len(part)) for part in parts]
    assert combine_adler_sums(strips) == zlib.adler32(b"".join(parts))


def test_a_flat_picture_is_small() -> None:
    assert len(write_png(np.full((1024, 1024, 3), 77, np.uint8))) < 40_000
