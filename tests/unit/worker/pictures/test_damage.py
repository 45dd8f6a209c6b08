"""Every damaged file is decoded or refused with a typed error; no other exception escapes."""

from __future__ import annotations

import struct
import zlib
from io import BytesIO

import cv2
import numpy as np
import pillow_heif
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms

from functions.contract.errors import ImageTooLarge, ImageUnreadable, MaskMismatch, UnsupportedSize
from functions.contract.pictures import PNG_SIGNATURE
from worker.pictures.decode import decode_mask, decode_picture
from worker.pictures.encode import encode_picture

# Pillow remarks on the metadata that it skips.
pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore::UserWarning")]

TYPED = (ImageUnreadable, ImageTooLarge, UnsupportedSize)
RGB = np.random.default_rng(0).random((24, 40, 3), np.float32)


def files() -> dict[str, bytes]:
    image = Image.fromarray((RGB * 255).astype(np.uint8))
    exif = Image.Exif()
    exif[0x0112] = 6
    icc = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    other = {"save_all": True, "append_images": [image.rotate(180)]}
    made = {
        "png": (image, "PNG", {"icc_profile": icc, "exif": exif}),
        "png palette": (image.quantize(8), "PNG", {"transparency": 3}),
        "apng": (image, "PNG", other),
        "jpeg": (image, "JPEG", {"exif": exif, "icc_profile": icc}),
        "jpeg progressive": (image, "JPEG", {"progressive": True}),
        "jpeg cmyk": (image.convert("CMYK"), "JPEG", {}),
        "mpo": (image, "MPO", other),
        "webp": (image, "WEBP", {"exif": exif}),
        "webp lossless": (image.convert("RGBA"), "WEBP", {"lossless": True}),
        "webp animated": (image, "WEBP", other),
        "avif": (image, "AVIF", {"exif": exif}),
        "gif": (image, "GIF", other),
        "tiff": (image, "TIFF", {"icc_profile": icc}),
        "tiff lzw": (image, "TIFF", {"compression": "tiff_lzw"}),
        "tiff jpeg": (image, "TIFF", {"compression": "jpeg"}),
        "bmp": (image, "BMP", {}),
        "bmp palette": (image.quantize(8), "BMP", {}),
    }
    found = {"png 16": encode_picture(RGB, "png", 16, xmp=b"<x/>")}
    found["tiff 16"] = cv2.imencode(".tiff", (RGB * 65535).astype(np.uint16))[1].tobytes()
    for name, options in {
        "heic": {},
        "heic grid": {"tile_size": 64},
        "heic 10": {"chroma": 444},
    }.items():
        file, out = pillow_heif.from_pillow(image.resize((240, 144)) if "grid" in name else image), BytesIO()
        file.save(out, quality=60, color_primaries=12, transfer_characteristics=13, **options)
        found[name] = out.getvalue()
    for name, (picture, format, options) in made.items():
        out = BytesIO()
        picture.save(out, format, **options)
        found[name] = out.getvalue()
    return found


FILES = files()
edits = st.tuples(
    st.floats(0, 1, exclude_max=True),
    st.sampled_from(["replace", "remove", "insert"]),
    st.sampled_from([b"\0", b"\xff", b"\x7f\xff\xff\xff", b"\xff\xff\xff\xff"])
    | st.binary(min_size=1, max_size=8),
)


def apply_edit(data: bytes, edit: tuple[float, str, bytes]) -> bytes:
    where, how, what = edit
    at = int(where**2 * len(data))  # the front, where the structure is, more often than the back
    return data[:at] + (b"" if how == "remove" else what) + data[at if how == "insert" else at + len(what) :]


def with_true_checksums(data: bytes) -> bytes:
    """Corrects a PNG's checksums, so that they do not reveal its damage."""
    mended, at = bytearray(data), len(PNG_SIGNATURE)
    while at + 12 <= len(mended):
        end = at + 8 + struct.unpack_from(">I", mended, at)[0]
        if end + 4 > len(mended):
            break
        mended[end : end + 4] = struct.pack(">I", zlib.crc32(mended[at + 4 : end]))
        at = end + 4
    return bytes(mended)


def is_decoded_or_refused(data: bytes) -> None:
    try:
        picture = decode_picture(data)
    except TYPED as error:
        assert error.message.endswith((".", ")"))
        return
    assert picture.rgb.shape == (picture.height, picture.width, 3)
    assert np.isfinite(picture.rgb).all()
    assert picture.rgb.min() >= 0
    assert picture.rgb.max() <= 1


@pytest.mark.parametrize("name", FILES)
def test_the_whole_file_is_decoded(name: str) -> None:
    picture = decode_picture(FILES[name])
    assert sorted((picture.width, picture.height)) == ([144, 240] if name == "heic grid" else [24, 40])


def test_the_grid_is_one() -> None:
    assert b"grid" in FILES["heic grid"]


@pytest.mark.parametrize("name", FILES)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(changes=st.lists(edits, min_size=1, max_size=6), mend=st.booleans())
def test_a_damaged_file(name: str, changes: list[tuple[float, str, bytes]], mend: bool) -> None:
    data = FILES[name]
    for change in changes:
        data = apply_edit(data, change)
    is_decoded_or_refused(with_true_checksums(data) if mend and data.startswith(PNG_SIGNATURE) else data)


@pytest.mark.parametrize("name", FILES)
def test_a_truncated_file(name: str) -> None:
    data = FILES[name]
    for length in range(0, len(data), max(1, len(data) // 60)):
        is_decoded_or_refused(data[:length])


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=400))
def test_noise(data: bytes) -> None:
    is_decoded_or_refused(data)


@settings(max_examples=40, deadline=None)
@given(st.sampled_from(sorted(FILES)), edits)
def test_a_damaged_mask(name: str, edit: tuple[float, str, bytes]) -> None:
    try:
        mask = decode_mask(apply_edit(FILES[name], edit), (40, 24))
    except (*TYPED, MaskMismatch):
        return
    assert mask.shape == (24, 40)
