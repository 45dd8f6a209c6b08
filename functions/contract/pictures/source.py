"""A picture's bytes as a decoder may see them, and the cost of decoding: known before it is done."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from io import BytesIO
from typing import TYPE_CHECKING, Any

from ..errors import ImageUnreadable
from .bmp import profile_in_bmp
from .colour import ADOBE_RGB, Colour, check_colour, png_colour
from .exif import is_adobe_rgb, orientation_of, read_directory
from .gif import first_frame
from .iso_media_boxes import BoxContainer, read_container
from .jpeg import read_jpeg
from .limits import FORMATS, MAX_PIXELS, MAX_WORK, MODES_16, TAKEN, check_size, check_work, damage_typed
from .picture_format import format_of
from .png import exif_in, png_parts, still_png

if TYPE_CHECKING:
    from PIL.Image import Image

_UNKNOWN = f"The bytes are not an image that can be read: send {TAKEN}."
# Bytes a pixel that decoding takes at its peak, the picture itself among them, as measured with Pillow 13 and
# libheif 1.23: by format, and for more than 8 bits a channel.
_BYTES = {
    "png": (4.2, 17),
    "jpeg": (4.2, 4.2),
    "webp": (17, 17),
    "avif": (10, 22),
    "heic": (13, 26),
    "gif": (6, 6),
    "tiff": (8.5, 17),
    "bmp": (4.2, 4.2),
}
# Samples a pixel that decoding touches, with what a sample costs more than one of a JPEG's.
_WORK = {"png": 3, "webp": 8, "avif": 8, "heic": 12, "gif": 2, "tiff": 3, "bmp": 1}
_PIECES = 4 << 20  # bytes: rows in pieces, and a decoder's tables
_COEFFICIENT = 2  # bytes
_BYTE = 8  # bits
_SMALLEST = 64  # a JPEG is decoded at an eighth of its sides where only its damage is looked for
TIFF_BITS, TIFF_COMPRESSION, TIFF_PHOTOMETRIC, TIFF_PLANAR = 258, 259, 262, 284
_TIFF_TILE_WIDTH, _TIFF_TILE_LENGTH, _TIFF_JPEG = 322, 323, (6, 7)
_LEAST_TILE = 1 << 22  # pixels
_TIFF_SCANS = 100  # libtiff allows no more


@dataclass(frozen=True)
class PictureSource:
    """An opened picture that is not decoded yet.

    ``data`` is what a decoder is shown; ``image`` is Pillow's, or what libheif opened. ``turn`` is the EXIF
    orientation that is still to be done. ``decoding_bytes`` and ``checking_bytes`` are the memory that
    decoding it, or only looking for damage, takes at its peak; ``work`` the samples that are touched.
    """

    format: str
    data: bytes
    image: Any
    size: tuple[int, int]
    animated: bool = False
    deep: bool = False
    turn: int = 1
    icc: bytes | None = None
    colour: Colour | None = None
    buffered: int = 0  # bytes of a JPEG's coefficients
    work: int = 0

    @property
    def pixels(self) -> int:
        return self.size[0] * self.size[1]

    @property
    def decoding_bytes(self) -> int:
        pixels = self.pixels if self.format != "jpeg" else self.image.size[0] * self.image.size[1]
        return int(pixels * _BYTES[self.format][self.deep]) + self.buffered + _PIECES

    @property
    def checking_bytes(self) -> int:
        if self.format == "png":
            return _PIECES
        if self.format == "jpeg":
            return self.buffered + self.pixels * 4 // _SMALLEST + _PIECES
        return self.decoding_bytes

    def draft(self, size: tuple[int, int]) -> None:
        """Lets a JPEG be decoded at a half, a quarter or an eighth of its sides, not below ``size``."""
        self.image.draft(None, size)


def open_source(data: bytes, *, max_pixels: int = MAX_PIXELS, max_work: int = MAX_WORK) -> PictureSource:
    """Reads the headers, in time and memory that depend on the file's length only.

    Raises ImageUnreadable, ImageTooLarge and UnsupportedSize.
    """
    if not data:
        raise ImageUnreadable(f"The image is empty (0 bytes): send {TAKEN}.")
    with damage_typed():
        source = _opener_for(data)(data)
        check_size(*source.size, max_pixels)
        check_colour(source.colour)
        work = source.work or source.pixels * _WORK[source.format]
        check_work(work, min(max_work, MAX_WORK))
        return replace(source, work=work)


def _opener_for(data: bytes) -> Callable[[bytes], PictureSource]:
    openers = {
        "png": _open_png,
        "jpeg": _open_jpeg,
        "webp": _open_webp,
        "avif": _open_avif,
        "heic": _open_heic,
        "gif": _open_gif,
        "tiff": _open_tiff,
        "bmp": _open_bmp,
    }
    name = format_of(data)
    if name not in openers:
        raise ImageUnreadable(_UNKNOWN)
    return openers[name]


def _open_pillow(data: bytes, name: str) -> Image:
    from PIL import Image, UnidentifiedImageError

    formats = [pillow for pillow, ours in FORMATS.items() if ours == name]
    try:
        return Image.open(BytesIO(data), formats=formats)
    except UnidentifiedImageError:
        raise ImageUnreadable(_UNKNOWN) from None


def _open_png(data: bytes) -> PictureSource:
    parts = png_parts(data)
    shown = still_png(data)
    image = _open_pillow(shown, "png")
    if data[24] in (2, 4) and isinstance(key := image.info.get("transparency"), int):
        # Pillow spreads grey of few bits over 8, and leaves the colour that is transparent as it was.
        image.info["transparency"] = key * 255 // ((1 << data[24]) - 1)
    return PictureSource(
        "png",
        shown,
        image,
        image.size,
        animated=b"acTL" in parts,
        deep=data[24] == 16,
        turn=orientation_of(exif_in(parts), parts.get(b"xmp")),
        icc=None if b"cICP" in parts else image.info.get("icc_profile"),
        colour=png_colour(parts),
    )


def _open_jpeg(data: bytes) -> PictureSource:
    facts = read_jpeg(data)
    image = _open_pillow(facts.shown, "jpeg")
    icc = image.info.get("icc_profile")
    return PictureSource(
        "jpeg",
        facts.shown,
        image,
        image.size,
        turn=orientation_of(facts.exif, facts.xmp),
        icc=icc,
        colour=ADOBE_RGB if not icc and is_adobe_rgb(facts.exif) else None,
        buffered=facts.samples * _COEFFICIENT if facts.buffered else 0,
        work=facts.work,
    )


def _open_webp(data: bytes) -> PictureSource:
    image = _open_pillow(data, "webp")
    turn = orientation_of(image.info.get("exif"), image.info.get("xmp"))
    return PictureSource(
        "webp",
        data,
        image,
        image.size,
        animated=bool(getattr(image, "is_animated", False)),
        turn=turn,
        icc=image.info.get("icc_profile"),
    )


def _open_avif(data: bytes) -> PictureSource:
    container = _read_boxes(data)
    exif = container.exif(data)
    if exif:
        _checked_exif(exif)
    image = _open_pillow(data, "avif")
    icc = image.info.get("icc_profile")
    return PictureSource(
        "avif",
        data,
        image,
        image.size,
        animated=bool(getattr(image, "is_animated", False)),
        deep=container.deep(),
        # Pillow gives irot and imir as an EXIF orientation, and turns nothing itself.
        turn=orientation_of(image.info.get("exif"), None),
        icc=icc,
        colour=None if icc else container.colour(),
    )


def _read_boxes(data: bytes) -> BoxContainer:
    container = read_container(data)
    if not container.kinds:  # a video, or nothing at all
        raise ImageUnreadable(_UNKNOWN)
    container.check_parts()
    return container


def _checked_exif(exif: bytes) -> None:
    """Raises ImageUnreadable for EXIF that would grow: Pillow reads an AVIF's EXIF as it opens it."""
    block = exif.removeprefix(b"Exif\0\0")
    if block[:2] in (b"II", b"MM"):
        read_directory(block)


def _open_heic(data: bytes) -> PictureSource:
    """Opens a HEIC. libheif turns the picture itself, as irot and imir say; EXIF's orientation
    repeats them.
    """
    from pillow_heif import open_heif

    container = _read_boxes(data)
    file: Any = open_heif(BytesIO(data), convert_hdr_to_8bit=False, hdr_to_16bit=False)
    image = file[file.primary_index]
    icc: bytes | None = image.info.get("icc_profile")
    return PictureSource(
        "heic",
        data,
        image,
        image.size,
        deep=image.info["bit_depth"] > _BYTE,
        icc=icc,
        colour=None if icc else container.colour(),
    )


def _open_gif(data: bytes) -> PictureSource:
    shown, animated = first_frame(data)
    image = _open_pillow(shown, "gif")
    return PictureSource("gif", shown, image, image.size, animated=animated)


def _open_tiff(data: bytes) -> PictureSource:
    """Opens a TIFF, which Pillow and OpenCV turn upright themselves."""
    directory = read_directory(data)
    image = _open_pillow(data, "tiff")
    width, height = image.size
    check_size(width, height)
    tile = directory.first(_TIFF_TILE_WIDTH, 0) * directory.first(_TIFF_TILE_LENGTH, 0)
    if tile > max(_LEAST_TILE, 4 * width * height):
        raise ImageUnreadable("The TIFF's tiles are far larger than the image: save it anew.")
    work = 0
    if directory.first(TIFF_COMPRESSION, 1) in _TIFF_JPEG and b"\xff\xc2" in data:
        work = width * height * 3 * min(_TIFF_SCANS, data.count(b"\xff\xda"))
    bits = directory.tags.get(TIFF_BITS, (1,))
    if max(bits) == 16 and len(bits) > 1 and directory.first(TIFF_PLANAR, 1) == 2:
        raise ImageUnreadable("The TIFF's 16-bit channels lie apart (planar): save it with them interleaved.")
    return PictureSource(
        "tiff",
        data,
        image,
        image.size,
        deep=16 in bits or image.mode in MODES_16,
        icc=image.info.get("icc_profile"),
        work=work,
    )


def _open_bmp(data: bytes) -> PictureSource:
    image = _open_pillow(data, "bmp")
    return PictureSource("bmp", data, image, image.size, icc=profile_in_bmp(data))
