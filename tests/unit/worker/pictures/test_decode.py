"""Every picture is decoded as its author sees it."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image, ImageCms, ImageOps

from functions.contract.errors import ImageTooLarge, ImageUnreadable, MaskMismatch, UnsupportedSize
from worker.pictures.decode import apply_exif_orientation, decode_mask, decode_picture
from worker.pictures.encode import encode_picture

Save = Callable[..., bytes]
Bytes = npt.NDArray[np.uint8]
LOSSLESS = {
    "PNG": {},
    "WEBP": {"lossless": True},
    "TIFF": {"compression": "tiff_lzw"},
    "BMP": {},
}
ORIENTATIONS = range(1, 9)
NOT_PICTURES = {
    "nothing": b"",
    "html": b"<!doctype html><html><body>404</body></html>",
    "svg": b'<svg xmlns="http://www.w3.org/2000/svg" width="64" height="64"/>',
    "pdf": b"%PDF-1.7\n1 0 obj\n<<>>\nendobj",
    "text": b"a red boat on the sea at night",
    "mp4": b"\0\0\0\x20ftypisom\0\0\2\0isomiso2avc1mp41" + bytes(64),
    "heic": b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(64),
    "zip": b"PK\3\4" + bytes(64),
}


def as_levels(rgb: npt.NDArray[np.float32]) -> Bytes:
    return np.rint(rgb * 255).astype(np.uint8)


@pytest.mark.parametrize("format", LOSSLESS)
def test_a_lossless_picture_is_read_exactly(
    format: str, image: Image.Image, levels: Bytes, save: Save
) -> None:
    picture = decode_picture(save(image, format, **LOSSLESS[format]))
    assert picture.rgb.dtype == np.float32
    assert picture.alpha is None
    assert (picture.width, picture.height, picture.source_bit_depth) == (48, 32, 8)
    np.testing.assert_array_equal(picture.rgb, levels.astype(np.float32) / np.float32(255))


@pytest.mark.parametrize("format", ["JPEG", "AVIF", "WEBP", "GIF", "MPO"])
def test_a_lossy_picture_is_read_closely(format: str, image: Image.Image, levels: Bytes, save: Save) -> None:
    difference = as_levels(decode_picture(save(image, format)).rgb).astype(int) - levels
    assert np.abs(difference).mean() < 12


def test_grey_becomes_three_equal_channels(image: Image.Image, save: Save) -> None:
    grey = image.convert("L")
    rgb = as_levels(decode_picture(save(grey, "PNG")).rgb)
    np.testing.assert_array_equal(rgb, np.repeat(np.asarray(grey)[..., None], 3, axis=2))


def test_black_and_white_is_black_and_white(image: Image.Image, save: Save) -> None:
    rgb = decode_picture(save(image.convert("1"), "PNG")).rgb
    assert set(np.unique(rgb)) == {0.0, 1.0}


def test_a_palette_is_looked_up(image: Image.Image, save: Save) -> None:
    palette = image.quantize(16)
    np.testing.assert_array_equal(
        as_levels(decode_picture(save(palette, "PNG")).rgb), np.asarray(palette.convert("RGB"))
    )


def test_cmyk_becomes_rgb(save: Save) -> None:
    yellow = Image.new("CMYK", (32, 32), (0, 0, 255, 0))
    for format in ("JPEG", "TIFF"):
        np.testing.assert_allclose(decode_picture(save(yellow, format)).rgb[16, 16], (1, 1, 0), atol=0.02)


def test_lab_becomes_rgb(save: Save) -> None:
    white = Image.new("LAB", (32, 32), (255, 128, 128))
    np.testing.assert_allclose(decode_picture(save(white, "TIFF")).rgb[16, 16], (1, 1, 1), atol=0.02)


@pytest.mark.parametrize("orientation", ORIENTATIONS)
@pytest.mark.parametrize("format", ["PNG", "TIFF", "JPEG", "WEBP"])
def test_exif_turns_a_picture_upright(format: str, orientation: int, image: Image.Image, save: Save) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    options = {"lossless": True} if format == "WEBP" else {"quality": 100} if format == "JPEG" else {}
    turned = Image.new("RGB", image.size)
    turned.paste(image)
    turned.getexif()[0x0112] = orientation
    expected = np.asarray(ImageOps.exif_transpose(turned), dtype=int)
    rgb = as_levels(decode_picture(save(image, format, exif=exif, **options)).rgb)
    assert rgb.shape == expected.shape
    assert np.abs(rgb - expected).max() <= (12 if format == "JPEG" else 0)


@pytest.mark.parametrize("orientation", ORIENTATIONS)
def test_turning_agrees_with_pillow(orientation: int, levels: Bytes) -> None:
    image = Image.fromarray(levels)
    image.getexif()[0x0112] = orientation
    turned = apply_exif_orientation(levels.astype(np.float32), orientation)
    np.testing.assert_array_equal(turned, np.asarray(ImageOps.exif_transpose(image)))


@pytest.mark.filterwarnings("ignore:Corrupt EXIF data")
def test_damaged_exif_turns_nothing(image: Image.Image, levels: Bytes, save: Save) -> None:
    picture = decode_picture(save(image, "PNG", exif=b"Exif\0\0MM\0*\xff\xff\xff\xff damaged"))
    np.testing.assert_array_equal(as_levels(picture.rgb), levels)


@pytest.mark.parametrize("format", ["GIF", "PNG", "WEBP", "AVIF"])
def test_of_an_animated_picture_the_first_frame_is_taken(format: str, save: Save) -> None:
    frames = [Image.new("RGB", (32, 32), colour) for colour in ("red", "lime", "blue")]
    animated = save(frames[0], format, save_all=True, append_images=frames[1:], duration=40)
    np.testing.assert_allclose(decode_picture(animated).rgb[16, 16], (1, 0, 0), atol=0.04)


def test_transparency_is_blended_with_white_and_kept_as_alpha(
    image: Image.Image, levels: Bytes, save: Save
) -> None:
    alpha = np.zeros((32, 48), np.uint8)
    alpha[:, 10:20], alpha[:, 20:] = 51, 255
    image = image.copy()
    image.putalpha(Image.fromarray(alpha))
    picture = decode_picture(save(image, "PNG"))
    assert picture.alpha is not None
    np.testing.assert_array_equal(as_levels(picture.alpha), alpha)
    np.testing.assert_array_equal(picture.rgb[:, :10], 1)
    np.testing.assert_allclose(picture.rgb[:, 10:20], 0.2 * levels[:, 10:20] / 255 + 0.8, atol=1e-6)
    np.testing.assert_array_equal(as_levels(picture.rgb[:, 20:]), levels[:, 20:])


def test_an_opaque_alpha_channel_is_none(image: Image.Image, save: Save) -> None:
    assert decode_picture(save(image.convert("RGBA"), "PNG")).alpha is None


def test_a_transparent_palette_entry_is_white(save: Save) -> None:
    palette = Image.new("P", (32, 32), 1)
    palette.putpalette([255, 0, 0, 0, 0, 255])
    for format in ("PNG", "GIF"):
        picture = decode_picture(save(palette, format, transparency=1))
        assert picture.alpha is not None
        assert picture.rgb.min() == 1


def test_16_bits_of_a_png_are_kept() -> None:
    wide = np.random.default_rng(0).integers(0, 65536, (20, 30, 3)) / np.float32(65535)
    picture = decode_picture(encode_picture(wide.astype(np.float32), "png", 16))
    assert picture.source_bit_depth == 16
    np.testing.assert_array_equal(np.rint(picture.rgb * 65535), np.rint(wide * 65535))


@pytest.mark.parametrize("channels", [1, 4])
def test_16_bits_of_grey_and_transparent_pngs_are_kept(channels: int) -> None:
    wide = np.random.default_rng(0).integers(0, 65536, (20, 30, channels)).astype(np.uint16)
    picture = decode_picture(cv2.imencode(".png", wide)[1].tobytes())
    assert picture.source_bit_depth == 16
    if picture.alpha is None:
        np.testing.assert_array_equal(np.rint(picture.rgb * 65535), np.repeat(wide, 3, axis=2))
    else:
        np.testing.assert_array_equal(np.rint(picture.alpha * 65535), wide[..., 3])


@pytest.mark.parametrize("orientation", ORIENTATIONS)
def test_16_bits_of_a_tiff_are_kept_and_upright(orientation: int, tiff16: Callable[..., bytes]) -> None:
    wide = np.random.default_rng(0).integers(0, 65536, (20, 30, 3)).astype(np.uint16)
    picture = decode_picture(tiff16(wide, orientation=orientation))
    expected = apply_exif_orientation(wide.astype(np.float32), orientation)
    np.testing.assert_array_equal(np.rint(picture.rgb * 65535), expected)


def test_a_16_bit_tiff_whose_white_is_zero_is_no_negative(tiff16: Callable[..., bytes]) -> None:
    picture = decode_picture(tiff16(np.zeros((20, 30, 1), np.uint16), photometric=0))
    assert picture.rgb.min() == 1


def test_premultiplied_16_bit_colour_is_divided_again(tiff16: Callable[..., bytes]) -> None:
    wide = np.full((20, 30, 4), 32768, np.uint16)  # white at half strength, already multiplied
    picture = decode_picture(tiff16(wide, extra=1))
    np.testing.assert_allclose(picture.rgb, 1, atol=1e-4)


def test_an_extra_channel_that_is_no_alpha_hides_nothing(tiff16: Callable[..., bytes]) -> None:
    picture = decode_picture(tiff16(np.full((20, 30, 4), 1000, np.uint16), extra=0))
    assert picture.alpha is None


def test_srgb_by_its_own_name_is_not_touched(image: Image.Image, levels: Bytes, save: Save) -> None:
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    np.testing.assert_array_equal(as_levels(decode_picture(save(image, "PNG", icc_profile=srgb)).rgb), levels)


@pytest.mark.parametrize("profile", [b"", b"damaged", bytes(200), b"\xff" * 400])
def test_a_damaged_profile_is_ignored(profile: bytes, image: Image.Image, levels: Bytes, save: Save) -> None:
    for format in ("PNG", "TIFF"):
        picture = decode_picture(save(image, format, icc_profile=profile))
        np.testing.assert_array_equal(as_levels(picture.rgb), levels)


@pytest.mark.parametrize("kind", NOT_PICTURES)
def test_what_is_no_picture_is_unreadable(kind: str) -> None:
    with pytest.raises(ImageUnreadable, match="PNG, JPEG, WebP, AVIF, GIF, TIFF or BMP"):
        decode_picture(NOT_PICTURES[kind])


def test_a_32_bit_picture_says_what_to_do(save: Save) -> None:
    with pytest.raises(ImageUnreadable, match="8 or 16 bits"):
        decode_picture(save(Image.new("F", (32, 32)), "TIFF"))


def test_a_bomb_is_known_before_it_goes_off(save: Save) -> None:
    with pytest.raises(ImageTooLarge):
        decode_picture(save(Image.new("1", (9000, 9000)), "PNG"))


def test_a_strip_is_no_picture(save: Save) -> None:
    with pytest.raises(UnsupportedSize):
        decode_picture(save(Image.new("L", (20000, 1)), "PNG"))


class TestMask:
    SIZE = (48, 32)

    def test_white_says_change(self, save: Save) -> None:
        mask = Image.new("L", self.SIZE, 0)
        mask.paste(255, (0, 0, 24, 32))
        found = decode_mask(save(mask, "PNG"), self.SIZE)
        assert found.dtype == np.float32
        np.testing.assert_array_equal(found[:, :24], 1)
        np.testing.assert_array_equal(found[:, 24:], 0)

    def test_grey_says_partly(self, save: Save) -> None:
        found = decode_mask(save(Image.new("RGB", self.SIZE, (51, 51, 51)), "PNG"), self.SIZE)
        np.testing.assert_allclose(found, 0.2, atol=1e-6)

    @pytest.mark.parametrize("holes", [False, True])
    def test_alpha_is_the_mask_where_anything_is_transparent(self, holes: bool, save: Save) -> None:
        drawn = Image.new("RGBA", self.SIZE, (0, 0, 0, 0))
        drawn.paste((0, 0, 0, 255), (0, 0, 24, 32))
        found = decode_mask(save(drawn, "PNG"), self.SIZE, holes=holes)
        np.testing.assert_array_equal(found[:, :24], 0 if holes else 1)
        np.testing.assert_array_equal(found[:, 24:], 1 if holes else 0)

    def test_another_size_does_not_fit(self, save: Save) -> None:
        with pytest.raises(MaskMismatch, match="48×32 pixels and the image 64×32"):
            decode_mask(save(Image.new("L", self.SIZE), "PNG"), (64, 32))

    def test_a_mask_is_turned_upright_before_it_is_measured(self, save: Save) -> None:
        exif = Image.Exif()
        exif[0x0112] = 6
        assert decode_mask(save(Image.new("L", self.SIZE), "PNG", exif=exif), (32, 48)).shape == (48, 32)
