"""What a small file may cost: limited by its headers, before a decoder is shown it."""

from __future__ import annotations

import struct
import subprocess
import sys
import zlib
from io import BytesIO
from pathlib import Path
from typing import Any

import pillow_heif
import pytest
from PIL import Image, ImageFile

from functions.contract.errors import ImageTooLarge, ImageUnreadable
from functions.contract.pictures import PNG_SIGNATURE, inspect_picture, open_source
from functions.contract.pictures.exif import MAX_ENTRIES
from functions.contract.pictures.gif import MAX_BLOCKS
from functions.contract.pictures.jpeg import MAX_SEGMENTS, read_jpeg
from functions.contract.pictures.limits import MAX_WORK
from functions.contract.pictures.png import MAX_CHUNKS

pytestmark = pytest.mark.slow

PICTURE = Image.linear_gradient("L").convert("RGB").resize((48, 32))


def saved(image: Image.Image, format: str, **options: Any) -> bytes:
    out = BytesIO()
    image.save(out, format, **options)
    return out.getvalue()


def chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


@pytest.fixture
def nothing_is_decoded(monkeypatch: pytest.MonkeyPatch) -> None:
    def load(_: object) -> None:
        raise AssertionError("it was decoded")

    monkeypatch.setattr(ImageFile.ImageFile, "load", load)


def of_scans(size: tuple[int, int], scans: int) -> bytes:
    """A progressive JPEG whose last scan comes again until there are so many."""
    data = saved(Image.new("L", size, 90), "JPEG", progressive=True, quality=20)
    last = data[data.rindex(b"\xff\xda") : -2]
    return data[:-2] + last * (scans - data.count(b"\xff\xda")) + data[-2:]


@pytest.fixture(scope="module")
def slow() -> bytes:
    return of_scans((8000, 8000), 250)


@pytest.mark.usefixtures("nothing_is_decoded")
def test_the_work_of_a_progressive_jpeg_is_known_from_its_markers(slow: bytes) -> None:
    assert len(slow) < 1_000_000
    assert read_jpeg(slow).work == 250 * 64_000_000
    with pytest.raises(ImageTooLarge, match="billion samples"):
        inspect_picture(slow)


def test_many_scans_of_a_small_picture_are_taken() -> None:
    assert inspect_picture(of_scans((64, 64), 250)).work == 250 * 64 * 64


def test_an_honest_progressive_jpeg_of_the_largest_size_is_within_the_limit() -> None:
    small = read_jpeg(saved(PICTURE.resize((800, 800)), "JPEG", progressive=True, subsampling=0)).work
    assert small * 100 < MAX_WORK  # of 8000 × 8000


def test_a_progressive_jpeg_says_what_its_coefficients_take() -> None:
    plain, progressive = (
        open_source(saved(PICTURE.resize((800, 800)), "JPEG", progressive=each, subsampling=0))
        for each in (False, True)
    )
    assert progressive.checking_bytes - plain.checking_bytes == 2 * 3 * 800 * 800
    assert progressive.decoding_bytes > plain.decoding_bytes


@pytest.mark.usefixtures("nothing_is_decoded")
def test_a_progressive_jpeg_in_a_tiff_is_counted_too() -> None:
    data = saved(Image.new("RGB", (8000, 8000)), "TIFF", compression="jpeg")
    with pytest.raises(ImageTooLarge, match="billion samples"):
        inspect_picture(data + b"\xff\xc2" + b"\xff\xda" * 50)


@pytest.mark.usefixtures("nothing_is_decoded")
def test_more_segments_than_a_jpeg_has() -> None:
    data = saved(PICTURE, "JPEG")
    with pytest.raises(ImageUnreadable, match="segments"):
        inspect_picture(data[:2] + b"\xff\xe5\0\2" * (MAX_SEGMENTS + 1) + data[2:])


@pytest.mark.usefixtures("nothing_is_decoded")
def test_more_chunks_than_a_png_has() -> None:
    data = saved(PICTURE, "PNG")
    with pytest.raises(ImageUnreadable, match="chunks"):
        inspect_picture(data[:33] + chunk(b"prIv", b"") * MAX_CHUNKS + data[33:])


@pytest.mark.parametrize(
    ("name", "head"),
    [
        (b"zTXt", b"Comment\0\0"),
        (b"iCCP", b"ICC\0\0"),
        (b"iTXt", b"XML:com.adobe.xmp\0\1\0\0\0"),
    ],
)
@pytest.mark.usefixtures("nothing_is_decoded")
def test_metadata_that_explodes(name: bytes, head: bytes) -> None:
    data = saved(PICTURE, "PNG")
    bomb = chunk(name, head + zlib.compress(bytes(80_000_000)))
    with pytest.raises(ImageUnreadable, match="inflates"):
        inspect_picture(data[:33] + bomb + data[33:])


@pytest.mark.usefixtures("nothing_is_decoded")
def test_metadata_that_explodes_in_many_pieces() -> None:
    data = saved(PICTURE, "PNG")
    part = chunk(b"zTXt", b"Comment\0\0" + zlib.compress(bytes(1_000_000)))
    with pytest.raises(ImageUnreadable, match="inflates"):
        inspect_picture(data[:33] + part * 20 + data[33:])


def directory(entries: int, size: int) -> bytes:
    """An EXIF or TIFF directory whose values are all the same ``size`` bytes."""
    table = b"".join(struct.pack("<HHII", 700 + n, 7, size, 8) for n in range(entries))
    return b"II*\0" + struct.pack("<IH", 8, entries) + table + bytes(4)


@pytest.mark.parametrize("entries", [MAX_ENTRIES + 1, 1000])
def test_a_tiff_whose_values_overlap(entries: int) -> None:
    with pytest.raises(ImageUnreadable, match="TIFF's"):
        inspect_picture(directory(entries, 1_000_000) + bytes(1_000_000))


@pytest.mark.parametrize(("kind", "size"), [(4, 4), (5, 8), (12, 8)])
def test_a_tiff_with_a_tag_of_a_million_values(kind: int, size: int) -> None:
    data = saved(PICTURE, "TIFF")
    entry = struct.pack("<HHII", 270, kind, 1_000_000, 1_000)
    head = b"II*\0" + struct.pack("<IH", 8, 1) + entry + bytes(4)
    with pytest.raises(ImageUnreadable, match="more values"):
        inspect_picture(head + data + bytes(1_000_000 * size))


def seen_by_pillow(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many bytes of EXIF Pillow is given to read."""
    read: list[int] = []

    def load(_: object, data: bytes | None) -> None:
        read.append(len(data or b""))

    monkeypatch.setattr(Image.Exif, "load", load)
    return read


def test_exif_is_never_shown_to_pillow(monkeypatch: pytest.MonkeyPatch) -> None:
    exif = directory(500, 60_000)
    jpeg = saved(PICTURE, "JPEG")
    segment = b"Exif\0\0" + exif + bytes(50_000)
    png = saved(PICTURE, "PNG")
    read = seen_by_pillow(monkeypatch)
    inspect_picture(jpeg[:2] + b"\xff\xe1" + struct.pack(">H", len(segment) + 2) + segment + jpeg[2:])
    inspect_picture(png[:33] + chunk(b"eXIf", exif + bytes(50_000)) + png[33:])
    assert read == []


@pytest.mark.filterwarnings("ignore::UserWarning")
def test_an_avif_whose_exif_overlaps(monkeypatch: pytest.MonkeyPatch) -> None:
    data = saved(PICTURE, "AVIF", exif=directory(500, 4_000) + bytes(4_000))
    read = seen_by_pillow(monkeypatch)
    with pytest.raises(ImageUnreadable, match="longer than"):
        inspect_picture(data)
    assert read == []


def test_a_tiff_whose_tile_is_far_larger_than_itself() -> None:
    data = bytearray(saved(PICTURE, "TIFF"))
    at = struct.unpack_from("<I", data, 4)[0]
    for tag, entry in ((322, 0), (323, 1)):  # in place of what the picture can do without
        struct.pack_into("<HHII", data, at + 2 + 12 * (entry + 8), tag, 4, 1, 60_000)
    with pytest.raises(ImageUnreadable):
        inspect_picture(bytes(data))


@pytest.mark.usefixtures("nothing_is_decoded")
def test_a_gif_with_comments_without_end() -> None:
    data = saved(PICTURE.quantize(4), "GIF")
    at = 13 + 3 * (2 << (data[10] & 7))
    comment = b"\x21\xfe\1a\0"
    with pytest.raises(ImageUnreadable, match="frame"):
        inspect_picture(data[:at] + comment * MAX_BLOCKS + data[at:])


def test_a_gif_s_comments_and_later_frames_are_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    data = saved(
        PICTURE.quantize(4), "GIF", save_all=True, append_images=[PICTURE.rotate(90).quantize(4)] * 5
    )
    source = open_source(data)
    assert source.animated
    assert len(source.data) < len(data) / 2


class TestPutTogether:
    """HEIC: a picture of pictures of pictures."""

    def heic(self) -> bytearray:
        out = BytesIO()
        pillow_heif.from_pillow(PICTURE.resize((64, 64))).save(out, quality=50)
        return bytearray(out.getvalue())

    @pytest.mark.parametrize("kind", [b"iovl", b"grid", b"tmap"])
    def test_in_a_way_that_is_not_taken(self, kind: bytes) -> None:
        data = self.heic()
        at = data.index(b"infe")
        where = data.index(b"hvc1", at)
        data[where : where + 4] = kind
        with pytest.raises(ImageUnreadable):
            inspect_picture(bytes(data))

    def test_boxes_without_end(self) -> None:
        data = self.heic()
        with pytest.raises(ImageUnreadable, match="boxes"):
            inspect_picture(bytes(data[: data.index(b"meta") - 4]) + struct.pack(">I4s", 8, b"abcd") * 30_000)


PEAK = """
import sys
from pathlib import Path
import PIL.PngImagePlugin, PIL.JpegImagePlugin
from functions.contract.pictures import inspect_picture

def peak():
    return next(int(line.split()[1]) for line in open("/proc/self/status") if line.startswith("VmHWM"))

data = Path(sys.argv[1]).read_bytes()
before = peak()
inspect_picture(data)
print(peak() - before)
"""


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="tells a process's peak on Linux")
@pytest.mark.parametrize("format", ["PNG", "JPEG"])
def test_64_million_pixels_are_looked_at_in_a_few_megabytes(format: str, tmp_path: Path) -> None:
    file = tmp_path / "picture"
    file.write_bytes(saved(Image.new("RGB", (8000, 8000), (20, 90, 200)), format))
    command = [sys.executable, "-c", PEAK, str(file)]
    told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert int(told) < 32 * 1024  # KiB


def test_a_torn_png_is_found_without_decoding_it() -> None:
    rows = zlib.compress(b"".join(bytes(1 + 48 * 3) for _ in range(32)))
    header = struct.pack(">IIBBBBB", 48, 32, 8, 2, 0, 0, 0)

    def png(body: bytes) -> bytes:
        return PNG_SIGNATURE + chunk(b"IHDR", header) + chunk(b"IDAT", body) + chunk(b"IEND", b"")

    assert inspect_picture(png(rows)).width == 48
    for damaged in (rows[:-8], zlib.compress(bytes(145 * 31)), zlib.compress(b"\x05" + bytes(145 * 32))):
        with pytest.raises(ImageUnreadable):
            inspect_picture(png(damaged))
