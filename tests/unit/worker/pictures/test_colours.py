"""Colours are what their files mean, by ΔE (CIEDE2000); otherwise the file is refused with a typed error."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable
from io import BytesIO
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
import pillow_heif
import pytest
from PIL import Image
from skimage.color import deltaE_ciede2000, rgb2lab

from functions.contract.errors import ImageUnreadable
from functions.contract.pictures import PNG_SIGNATURE, inspect_picture
from tests.unit.worker.pictures.test_icc_profile import fixed, gamma, profile
from worker.pictures.coded_colour import srgb_to_linear
from worker.pictures.decode import decode_picture
from worker.pictures.icc_profile import linear_to_srgb

Save = Callable[..., bytes]
Floats = npt.NDArray[np.float32]
SEEN = 1.0  # ΔE from which on a difference is seen side by side
# Linear light of Display P3 as linear light of sRGB.
P3_TO_SRGB = np.array([[1.2249, -0.2247, 0], [-0.0420, 1.0419, 0], [-0.0197, -0.0786, 1.0979]])
REC2020_TO_SRGB = np.array(
    [[1.6605, -0.5877, -0.0728], [-0.1246, 1.1329, -0.0083], [-0.0182, -0.1006, 1.1187]]
)
ADOBE_RGB_TO_SRGB = np.array([[1.3984, -0.3984, 0], [0, 1, 0], [0, -0.0429, 1.0429]])
SDR, PQ, HLG = 13, 16, 18


@pytest.fixture(scope="module")
def patches() -> npt.NDArray[np.uint8]:
    """Returns soft colours that are in every gamut here, in patches of 16 pixels."""
    axis = np.array([60, 110, 160, 200], np.uint8)
    grid = np.stack(np.meshgrid(axis, axis, axis), axis=-1).reshape(8, 8, 3)
    return grid.repeat(16, axis=0).repeat(16, axis=1)


def difference(data: bytes, truth: Floats) -> float:
    """Returns the largest ΔE of the patches' centres."""
    found = decode_picture(data).rgb
    assert found.shape == truth.shape
    middles = (slice(8, None, 16), slice(8, None, 16))
    return float(deltaE_ciede2000(rgb2lab(found[middles]), rgb2lab(truth[middles])).max())


def plain(levels: npt.NDArray[Any]) -> Floats:
    return (levels / np.iinfo(levels.dtype).max).astype(np.float32)


def of_light(light: npt.NDArray[Any], matrix: npt.NDArray[Any] | None = None) -> Floats:
    return linear_to_srgb((light if matrix is None else light @ matrix.T).astype(np.float32))


def chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def png_with(levels: npt.NDArray[Any], **chunks: bytes) -> bytes:
    """Returns a PNG of RGB or grey levels with these chunks after its header."""
    bgr = levels[..., ::-1] if levels.ndim == 3 else levels
    data = cv2.imencode(".png", bgr)[1].tobytes()
    return data[:33] + b"".join(chunk(name.encode(), body) for name, body in chunks.items()) + data[33:]


def cicp(primaries: int, transfer: int) -> bytes:
    return bytes([primaries, transfer, 0, 1])


CHROMATICITIES_OF_P3 = struct.pack(">8I", 31270, 32900, 68000, 32000, 26500, 69000, 15000, 6000)


def exif_of_a_camera(order: str, space: int, index: bytes) -> bytes:
    """Three directories, each with what the next one needs: EXIF's, its private one, interoperability's."""
    first = struct.pack(f"{order}HHHIII", 1, 0x8769, 4, 1, 26, 0)
    private = struct.pack(f"{order}HHHIHHHHIII", 2, 0xA001, 3, 1, space, 0, 0xA005, 4, 1, 56, 0)
    index_of = struct.pack(f"{order}HHHI4sI", 1, 1, 2, 4, index, 0)
    start = {"<": b"II*\0", ">": b"MM\0*"}[order] + struct.pack(f"{order}I", 8)
    return b"Exif\0\0" + start + first + private + index_of


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize(
    ("space", "index", "is_adobe"),
    [(65535, b"R03\0", True), (2, b"R98\0", True), (1, b"R98\0", False), (65535, b"R98\0", False)],
)
def test_a_camera_says_adobe_rgb_in_exif(
    patches: npt.NDArray[np.uint8], save: Save, order: str, space: int, index: bytes, is_adobe: bool
) -> None:
    exif = exif_of_a_camera(order, space, index)
    data = save(Image.fromarray(patches), "JPEG", quality=100, subsampling=0, exif=exif)
    own = decode_picture(save(Image.fromarray(patches), "JPEG", quality=100, subsampling=0)).rgb
    assert difference(data, of_light(own**2.2, ADOBE_RGB_TO_SRGB) if is_adobe else own) < SEEN


def test_a_damaged_exif_says_nothing_of_colours(patches: npt.NDArray[np.uint8], save: Save) -> None:
    exif = exif_of_a_camera("<", 2, b"R03\0")
    own = decode_picture(save(Image.fromarray(patches), "JPEG", quality=100, subsampling=0)).rgb
    for end in (7, 12, 20, 30):
        data = save(Image.fromarray(patches), "JPEG", quality=100, subsampling=0, exif=exif[:end])
        np.testing.assert_array_equal(decode_picture(data).rgb, own)


@pytest.mark.parametrize("kind", [np.uint8, np.uint16])
class TestPng:
    def levels(self, patches: npt.NDArray[np.uint8], kind: type[Any]) -> npt.NDArray[Any]:
        return patches if kind == np.uint8 else patches.astype(np.uint16) * 257

    @pytest.mark.parametrize("exponent", [1.0, 1.8, 2.6])
    def test_gama(self, exponent: float, kind: type[Any], patches: npt.NDArray[np.uint8]) -> None:
        levels = self.levels(patches, kind)
        data = png_with(levels, gAMA=struct.pack(">I", round(100_000 / exponent)))
        assert difference(data, of_light(plain(levels) ** exponent)) < SEEN

    def test_gama_with_chrm(self, kind: type[Any], patches: npt.NDArray[np.uint8]) -> None:
        levels = self.levels(patches, kind)
        data = png_with(levels, gAMA=struct.pack(">I", 55_556), cHRM=CHROMATICITIES_OF_P3)
        assert difference(data, of_light(plain(levels) ** 1.8, P3_TO_SRGB)) < SEEN

    def test_srgb_s_own_gama_changes_nothing(self, kind: type[Any], patches: npt.NDArray[np.uint8]) -> None:
        levels = self.levels(patches, kind)
        np.testing.assert_array_equal(
            decode_picture(png_with(levels, gAMA=struct.pack(">I", 45_455))).rgb, plain(levels)
        )

    def test_the_srgb_chunk_comes_before_gama(self, kind: type[Any], patches: npt.NDArray[np.uint8]) -> None:
        levels = self.levels(patches, kind)
        data = png_with(levels, sRGB=b"\0", gAMA=struct.pack(">I", 100_000))
        np.testing.assert_array_equal(decode_picture(data).rgb, plain(levels))

    @pytest.mark.parametrize(
        ("primaries", "matrix"), [(12, P3_TO_SRGB), (9, REC2020_TO_SRGB), (1, np.eye(3))]
    )
    def test_cicp(
        self, primaries: int, matrix: npt.NDArray[Any], kind: type[Any], patches: npt.NDArray[np.uint8]
    ) -> None:
        levels = self.levels(patches, kind)
        data = png_with(levels, cICP=cicp(primaries, SDR))
        assert difference(data, of_light(srgb_to_linear(plain(levels)), matrix)) < SEEN

    def test_cicp_comes_before_a_profile(self, kind: type[Any], patches: npt.NDArray[np.uint8]) -> None:
        levels = self.levels(patches, kind)
        icc = profile(b"RGB ", {})
        data = png_with(levels, cICP=cicp(12, SDR), iCCP=b"x\0\0" + zlib.compress(icc))
        assert difference(data, of_light(srgb_to_linear(plain(levels)), P3_TO_SRGB)) < SEEN

    @pytest.mark.parametrize("transfer", [PQ, HLG])
    def test_hdr_is_refused_at_the_door(
        self, transfer: int, kind: type[Any], patches: npt.NDArray[np.uint8]
    ) -> None:
        with pytest.raises(ImageUnreadable, match="HDR"):
            inspect_picture(png_with(self.levels(patches, kind), cICP=cicp(9, transfer)))

    def test_a_grey_profile_says_nothing_of_rgb(
        self, kind: type[Any], patches: npt.NDArray[np.uint8]
    ) -> None:
        levels = self.levels(patches, kind)
        icc = profile(b"GRAY", {b"kTRC": gamma(1.0)})
        data = png_with(levels, iCCP=b"x\0\0" + zlib.compress(icc))
        assert difference(data, plain(levels)) < SEEN

    @pytest.mark.parametrize("space", [b"XYZ ", b"Lab "])
    def test_a_grey_profile(self, space: bytes, kind: type[Any], patches: npt.NDArray[np.uint8]) -> None:
        """With Lab as connection space the curve gives L*."""
        grey = self.levels(patches, kind)[..., 0]
        icc = profile(b"GRAY", {b"kTRC": gamma(1.0)})
        icc = icc[:20] + space + icc[24:]
        lightness = plain(grey) * 100
        light = ((lightness + 16) / 116) ** 3 if space == b"Lab " else plain(grey)
        data = png_with(grey, iCCP=b"x\0\0" + zlib.compress(icc))
        assert difference(data, of_light(light[..., None].repeat(3, axis=2))) < SEEN

    @pytest.mark.parametrize("of_rgb", [False, True])
    def test_a_colour_that_stands_for_nothing(
        self, of_rgb: bool, kind: type[Any], patches: npt.NDArray[np.uint8]
    ) -> None:
        """tRNS: the pixels of one colour are transparent, and so white."""
        levels = self.levels(patches, kind)
        levels = levels if of_rgb else levels[..., 0]
        key = np.atleast_1d(levels[8, 8])
        truth = plain(levels if of_rgb else levels[..., None].repeat(3, axis=2)).copy()
        gone = (levels == levels[8, 8]).reshape(*levels.shape[:2], -1).all(axis=2)
        truth[gone] = 1
        picture = decode_picture(
            png_with(levels, tRNS=struct.pack(f">{len(key)}H", *(int(each) for each in key)))
        )
        assert picture.alpha is not None
        np.testing.assert_array_equal(picture.alpha == 0, gone)
        assert difference(png_with(levels, tRNS=struct.pack(f">{len(key)}H", *key.tolist())), truth) < SEEN


@pytest.mark.parametrize("bits", [1, 2, 4])
def test_a_transparent_grey_of_few_bits(bits: int) -> None:
    steps = (1 << bits) - 1
    samples = np.arange(32 * 32).reshape(32, 32) // 8 % (steps + 1)
    packed = np.zeros((32, 32 * bits // 8), np.uint8)
    for x in range(32):
        packed[:, x * bits // 8] |= (samples[:, x] << (8 - bits - x * bits % 8)).astype(np.uint8)
    rows = b"".join(b"\0" + row.tobytes() for row in packed)
    header = struct.pack(">IIBBBBB", 32, 32, bits, 0, 0, 0, 0)
    parts = [(b"IHDR", header), (b"tRNS", b"\0\1"), (b"IDAT", zlib.compress(rows)), (b"IEND", b"")]
    picture = decode_picture(PNG_SIGNATURE + b"".join(chunk(*part) for part in parts))
    truth = np.where(samples == 1, 1, samples / steps).astype(np.float32)
    np.testing.assert_allclose(picture.rgb[..., 0], truth, atol=1e-3)


def test_a_palette_with_several_kinds_of_transparency(patches: npt.NDArray[np.uint8], save: Save) -> None:
    palette = Image.new("P", (32, 32), 1)
    palette.putpalette([0, 0, 0, 255, 0, 0])
    data = save(palette, "PNG", transparency=bytes([255, 128]))
    np.testing.assert_allclose(decode_picture(data).rgb[16, 16], (1, 127 / 255, 127 / 255), atol=0.005)


class TestJpeg:
    def test_rgb_without_a_transformation(self, patches: npt.NDArray[np.uint8], save: Save) -> None:
        data = save(Image.fromarray(patches), "JPEG", quality=100, subsampling=0, keep_rgb=True)
        assert difference(data, plain(patches)) < SEEN

    @pytest.mark.parametrize("with_marker", [True, False])
    def test_cmyk(self, with_marker: bool, patches: npt.NDArray[np.uint8], save: Save) -> None:
        """Adobe writes inverted ink and marks it with a segment; without the segment 255 is full ink."""
        inks = Image.fromarray(patches).convert("CMYK")
        data = save(inks, "JPEG", quality=100, subsampling=0)
        marker = data.index(b"\xff\xee")
        if not with_marker:
            data = data[:marker] + data[marker + 2 + struct.unpack_from(">H", data, marker + 2)[0] :]
            patches = 255 - patches
            inks = Image.fromarray(255 - np.asarray(inks))
        assert difference(data, plain(np.asarray(inks.convert("RGB")))) < 2 * SEEN


class TestTiff:
    @pytest.mark.parametrize("planar", [1, 2])
    def test_channels_that_lie_apart(self, planar: int, patches: npt.NDArray[np.uint8], save: Save) -> None:
        data = (
            save(Image.fromarray(patches), "TIFF", tiffinfo={284: planar})
            if planar == 1
            else _planar(patches)
        )
        assert difference(data, plain(patches)) < SEEN

    def test_16_bits_that_lie_apart_are_refused_at_the_door(self, patches: npt.NDArray[np.uint8]) -> None:
        with pytest.raises(ImageUnreadable, match="planar"):
            inspect_picture(_planar(patches.astype(np.uint16) * 257))

    def test_lab(self, patches: npt.NDArray[np.uint8], save: Save) -> None:
        from PIL import ImageCms

        srgb, lab = ImageCms.createProfile("sRGB"), ImageCms.createProfile("LAB")
        as_lab = ImageCms.profileToProfile(Image.fromarray(patches), srgb, lab, outputMode="LAB")
        assert as_lab is not None
        assert difference(save(as_lab, "TIFF"), plain(patches)) < 2 * SEEN


def _planar(levels: npt.NDArray[Any]) -> bytes:
    """Returns a TIFF whose channels are three strips."""
    height, width, channels = levels.shape
    planes = [
        np.ascontiguousarray(levels[..., n]).astype(levels.dtype.newbyteorder("<")) for n in range(channels)
    ]
    bits, at = 8 * levels.dtype.itemsize, 8 + 2 + 12 * 11 + 4
    starts = [at + 30 + n * planes[0].nbytes for n in range(channels)]
    longs = {256: (width,), 257: (height,), 278: (height,)}
    shorts = {259: (1,), 262: (2,), 274: (1,), 277: (channels,), 284: (2,)}
    entries = {tag: struct.pack("<HHII", tag, 4, 1, *values) for tag, values in longs.items()}
    entries |= {tag: struct.pack("<HHIHH", tag, 3, 1, *values, 0) for tag, values in shorts.items()}
    entries[258] = struct.pack("<HHII", 258, 3, 3, at)
    entries[273] = struct.pack("<HHII", 273, 4, 3, at + 6)
    entries[279] = struct.pack("<HHII", 279, 4, 3, at + 18)
    table = b"".join(entries[tag] for tag in sorted(entries))
    values = struct.pack("<3H3I3I", *[bits] * 3, *starts, *[planes[0].nbytes] * 3)
    head = b"II*\0" + struct.pack("<IH", 8, len(entries)) + table + bytes(4)
    return head + values + b"".join(plane.tobytes() for plane in planes)


class TestHeicAndAvif:
    def heic(self, patches: npt.NDArray[np.uint8], **options: Any) -> bytes:
        out = BytesIO()
        file = pillow_heif.from_pillow(Image.fromarray(patches))
        file.save(out, quality=-1, chroma=444, matrix_coefficients=0, **options)
        return out.getvalue()

    def test_heic(self, patches: npt.NDArray[np.uint8]) -> None:
        assert difference(self.heic(patches), plain(patches)) < SEEN

    def test_heic_coded_as_p3(self, patches: npt.NDArray[np.uint8]) -> None:
        data = self.heic(patches, color_primaries=12, transfer_characteristics=13)
        assert difference(data, of_light(srgb_to_linear(plain(patches)), P3_TO_SRGB)) < SEEN

    def test_hdr_is_refused_at_the_door(self, patches: npt.NDArray[np.uint8]) -> None:
        with pytest.raises(ImageUnreadable, match="HDR"):
            inspect_picture(self.heic(patches, color_primaries=9, transfer_characteristics=PQ))

    def test_heic_of_10_bits(self) -> None:
        ramp = np.linspace(0, 65535, 256).astype(np.uint16).reshape(1, 256, 1).repeat(64, 0).repeat(3, 2)
        out = BytesIO()
        file = pillow_heif.from_bytes("RGB;16", (256, 64), ramp.astype("<u2").tobytes())
        file.save(out, quality=-1, chroma=444, matrix_coefficients=0)
        picture = decode_picture(out.getvalue())
        assert picture.source_bit_depth == 16
        assert len(np.unique(picture.rgb[..., 0])) > 240
        np.testing.assert_allclose(picture.rgb, ramp / np.float32(65535), atol=2e-3)
        assert picture.rgb[0, -1, 0] == 1

    @pytest.mark.parametrize("orientation", range(1, 9))
    def test_heic_is_turned_once(self, orientation: int, image: Image.Image) -> None:
        exif = Image.Exif()
        exif[0x0112] = orientation
        turned = image.copy()
        turned.getexif()[0x0112] = orientation
        out = BytesIO()
        pillow_heif.from_pillow(turned).save(out, quality=95, exif=exif.tobytes())
        upright = pillow_heif.read_heif(BytesIO(out.getvalue()))
        found = decode_picture(out.getvalue())
        assert (found.width, found.height) == upright.size
        facts = inspect_picture(out.getvalue())
        assert (facts.width, facts.height) == upright.size
        np.testing.assert_allclose(found.rgb, np.asarray(upright)[..., :3] / 255, atol=0.01)

    def test_a_picture_of_several_is_its_primary_one(self) -> None:
        out = BytesIO()
        file = pillow_heif.from_pillow(Image.new("RGB", (64, 64), "red"))
        file.add_from_pillow(Image.new("RGB", (96, 64), "blue"))
        file.save(out, primary_index=1, quality=90)
        picture = decode_picture(out.getvalue())
        assert picture.width == 96
        np.testing.assert_allclose(picture.rgb[32, 48], (0, 0, 1), atol=0.05)

    def test_avif_turned_by_its_own_boxes(self, image: Image.Image, save: Save) -> None:
        exif = Image.Exif()
        exif[0x0112] = 6
        assert decode_picture(save(image, "AVIF", exif=exif)).rgb.shape == (48, 32, 3)

    def test_avif_coded_as_p3(self, patches: npt.NDArray[np.uint8], save: Save) -> None:
        data = save(Image.fromarray(patches), "AVIF", quality=100, subsampling="4:4:4")
        at = data.index(b"nclx") + 4
        data = data[:at] + struct.pack(">HH", 12, SDR) + data[at + 4 :]
        assert difference(data, of_light(srgb_to_linear(plain(patches)), P3_TO_SRGB)) < 2 * SEEN

    @pytest.mark.parametrize("format", ["WEBP", "AVIF"])
    def test_a_profile(self, format: str, patches: npt.NDArray[np.uint8], save: Save) -> None:
        tone = gamma(1.0)
        columns = {b"rXYZ": (0.4360657, 0.2224932, 0.0139160), b"gXYZ": (0.3851515, 0.7168870, 0.0970764)}
        columns[b"bXYZ"] = (0.1430784, 0.0606169, 0.7140961)
        tags = {name: b"XYZ " + bytes(4) + fixed(*column) for name, column in columns.items()}
        icc = profile(b"RGB ", tags | dict.fromkeys((b"rTRC", b"gTRC", b"bTRC"), tone))
        options = {"lossless": True} if format == "WEBP" else {"quality": 100, "subsampling": "4:4:4"}
        data = save(Image.fromarray(patches), format, icc_profile=icc, **options)
        assert difference(data, of_light(plain(patches))) < 2 * SEEN
