"""The door: what is a picture gets its facts, what is not gets a typed reason, before it costs anything."""

from __future__ import annotations

import struct
import subprocess
import sys
import zlib
from io import BytesIO
from typing import Any

import pytest
from PIL import Image

from functions.contract.errors import ImageTooLarge, ImageUnreadable, UnsupportedSize
from functions.contract.pictures import MAX_SCANS, PNG_SIGNATURE, inspect_picture

PICTURE = Image.linear_gradient("L").convert("RGB").resize((48, 32))


def saved(image: Image.Image, format: str, **options: Any) -> bytes:
    out = BytesIO()
    image.save(out, format, **options)
    return out.getvalue()


def chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def png_of(width: int, height: int, *, pixels: bytes = b"", extra: bytes = b"") -> bytes:
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    image = chunk(b"IDAT", zlib.compress(pixels))
    return PNG_SIGNATURE + chunk(b"IHDR", header) + extra + image + chunk(b"IEND", b"")


@pytest.mark.parametrize("format", ["PNG", "JPEG", "WEBP", "AVIF", "GIF", "TIFF", "BMP"])
def test_facts(format: str) -> None:
    facts = inspect_picture(saved(PICTURE, format))
    assert facts.format == format.lower()
    assert facts.media_type == f"image/{format.lower()}"
    assert (facts.width, facts.height) == (48, 32)
    assert (facts.animated, facts.bit_depth, facts.has_alpha) == (False, 8, False)


def test_a_phone_s_jpeg_with_a_second_view_is_a_jpeg() -> None:
    facts = inspect_picture(saved(PICTURE, "MPO", save_all=True, append_images=[PICTURE]))
    assert (facts.format, facts.media_type, facts.animated) == ("jpeg", "image/jpeg", False)


@pytest.mark.parametrize("format", ["PNG", "WEBP", "AVIF", "GIF"])
def test_an_animated_picture_says_so(format: str) -> None:
    frames = [PICTURE.rotate(angle) for angle in (0, 90, 180)]
    assert inspect_picture(saved(frames[0], format, save_all=True, append_images=frames[1:])).animated


def test_pages_are_no_animation() -> None:
    assert not inspect_picture(saved(PICTURE, "TIFF", save_all=True, append_images=[PICTURE])).animated


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("format", ["JPEG", "TIFF", "PNG"])
def test_the_size_is_that_of_the_upright_picture(format: str, orientation: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    facts = inspect_picture(saved(PICTURE, format, exif=exif))
    assert (facts.width, facts.height) == ((32, 48) if orientation >= 5 else (48, 32))


@pytest.mark.parametrize("mode", ["RGBA", "LA"])
def test_alpha_is_seen(mode: str) -> None:
    assert inspect_picture(saved(PICTURE.convert(mode), "PNG")).has_alpha


def test_a_transparent_palette_is_seen() -> None:
    assert inspect_picture(saved(PICTURE.quantize(4), "GIF", transparency=0)).has_alpha


def test_16_bits_are_seen() -> None:
    assert inspect_picture(saved(Image.new("I;16", (32, 32)), "PNG")).bit_depth == 16
    assert inspect_picture(saved(Image.new("I;16", (32, 32)), "TIFF")).bit_depth == 16


@pytest.mark.parametrize("format", ["PNG", "JPEG", "WEBP", "AVIF", "GIF", "TIFF", "BMP"])
def test_a_torn_upload_is_found(format: str) -> None:
    data = saved(PICTURE, format)
    for keep in (0.3, 0.6, 0.9):
        with pytest.raises(ImageUnreadable):
            inspect_picture(data[: int(len(data) * keep)])


@pytest.mark.parametrize("name", [b"IHDR", b"IDAT", b"IEND", b"tEXt"])
def test_a_png_with_a_broken_checksum_is_damaged(name: bytes) -> None:
    data = bytearray(png_of(16, 16, pixels=bytes(16 * 49), extra=chunk(b"tEXt", b"a\0b")))
    assert inspect_picture(bytes(data)).format == "png"
    length = struct.unpack_from(">I", data, data.index(name) - 4)[0]
    data[data.index(name) + 4 + length] ^= 1
    with pytest.raises(ImageUnreadable):
        inspect_picture(bytes(data))


def test_a_png_without_its_end_is_cut_off() -> None:
    with pytest.raises(ImageUnreadable, match="cut off"):
        inspect_picture(saved(PICTURE, "PNG")[:-12])


def test_a_tiff_that_ends_in_its_directory_is_cut_off() -> None:
    header = b"II*\0" + struct.pack("<IH", 8, 3)  # a directory of three tags
    with pytest.raises(ImageUnreadable, match="is cut off in its directory"):
        inspect_picture(header + b"\0" * 20)


@pytest.mark.parametrize("size", [(20000, 20000), (2**31 - 1, 2**31 - 1), (8001, 8001)])
def test_too_many_pixels_are_refused_by_the_header_alone(size: tuple[int, int]) -> None:
    with pytest.raises(ImageTooLarge, match="64 million"):
        inspect_picture(png_of(*size))


def test_the_limit_can_be_lower() -> None:
    with pytest.raises(ImageTooLarge, match="48×32"):
        inspect_picture(saved(PICTURE, "PNG"), max_pixels=1000)


@pytest.mark.parametrize("size", [(15, 100), (100, 15), (1, 20000), (16385, 3000), (160, 5121), (5121, 160)])
def test_impossible_shapes_are_refused(size: tuple[int, int]) -> None:
    with pytest.raises(UnsupportedSize, match=f"{size[0]}×{size[1]}"):
        inspect_picture(png_of(*size))


def test_the_extremes_are_taken() -> None:
    for size in ((16, 16), (16, 128), (16384, 2048)):
        assert inspect_picture(saved(Image.new("1", size), "PNG")).width == size[0]


def test_a_compressed_text_that_explodes_is_refused() -> None:
    bomb = chunk(b"zTXt", b"Comment\0\0" + zlib.compress(bytes(80_000_000)))
    with pytest.raises(ImageUnreadable):
        inspect_picture(png_of(16, 16, pixels=bytes(16 * 49), extra=bomb))


def test_a_profile_that_explodes_does_no_harm() -> None:
    bomb = chunk(b"iCCP", b"ICC\0\0" + zlib.compress(bytes(80_000_000)))
    data = png_of(16, 16, pixels=bytes(16 * 49), extra=bomb)
    with pytest.raises(ImageUnreadable):
        inspect_picture(data)


def test_pixels_that_explode_stop_at_the_picture_s_size() -> None:
    assert inspect_picture(png_of(16, 16, pixels=bytes(80_000_000))).width == 16


def test_a_jpeg_that_starts_over_and_over_is_refused() -> None:
    data = saved(PICTURE, "JPEG", progressive=True)
    assert inspect_picture(data).format == "jpeg"
    scan = data[data.rindex(b"\xff\xda") : -2]
    with pytest.raises(ImageUnreadable, match="scans"):
        inspect_picture(data[:-2] + scan * MAX_SCANS + data[-2:])


def test_a_gif_s_frame_may_not_outgrow_the_limit() -> None:
    data = bytearray(saved(Image.new("P", (32, 32)), "GIF"))
    frame = data.index(b"\x2c")
    data[frame + 5 : frame + 9] = struct.pack("<HH", 60000, 60000)
    with pytest.raises((ImageTooLarge, ImageUnreadable)):
        inspect_picture(bytes(data))


def test_a_video_a_page_and_a_vector_drawing_are_no_pictures() -> None:
    for data in (b"", b"\0" * 100, b"<html>", b"<svg/>", b"%PDF-1.7", b"\0\0\0\x20ftypisom" + bytes(99)):
        with pytest.raises(ImageUnreadable, match="PNG, JPEG, WebP, AVIF, GIF, TIFF or BMP"):
            inspect_picture(data)


def test_other_formats_that_pillow_knows_are_not_taken() -> None:
    for format in ("ICO", "PPM", "TGA", "PCX", "SGI", "JPEG2000"):
        with pytest.raises(ImageUnreadable):
            inspect_picture(saved(PICTURE, format))


def test_the_module_costs_nothing_until_it_is_called() -> None:
    program = "import sys, functions.contract.pictures; print(sorted({'PIL', 'numpy'} & set(sys.modules)))"
    shown = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert shown.stdout.strip() == "[]"
