"""The door check for pictures: what the bytes are, and that all of them decode.

Shared by the functions and the worker, so it needs the standard library and, once called, Pillow; no numpy.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING

from .errors import ImageTooLarge, ImageUnreadable, UnsupportedSize

if TYPE_CHECKING:
    from PIL.Image import Image

MAX_PIXELS = 64_000_000
MIN_SIDE, MAX_SIDE = 16, 16_384
MAX_ASPECT = 8
# An honest progressive JPEG has about ten scans; each costs a pass over all of its pixels.
MAX_SCANS = 256

TAKEN = "PNG, JPEG, WebP, AVIF, GIF, TIFF or BMP"
FORMATS = {
    "PNG": "png",
    "JPEG": "jpeg",
    "WEBP": "webp",
    "AVIF": "avif",
    "GIF": "gif",
    "TIFF": "tiff",
    "BMP": "bmp",
}
# What Pillow calls a JPEG that brings a second view along, as phones write them; JPEG's reader opens it.
TWO_VIEWS = "MPO"
ANIMATED = frozenset({"png", "webp", "avif", "gif"})
# Pillow's modes of at most 16 bits a channel; "I" and "F" (32 bits) have no white that everybody agrees on.
MODES_16 = frozenset({"I;16", "I;16L", "I;16B", "I;16N"})
MODES = MODES_16 | {"1", "L", "LA", "La", "P", "PA", "RGB", "RGBA", "RGBa", "RGBX", "CMYK", "YCbCr", "LAB"}

ORIENTATION, BITS_PER_SAMPLE = 0x0112, 0x0102
PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"

# What Pillow raises at bytes that are not what they claim; found by fuzzing (tests/unit/worker/pictures).
DAMAGE = (
    OSError,
    SyntaxError,
    ValueError,
    TypeError,
    EOFError,
    LookupError,
    ArithmeticError,
    AttributeError,
    AssertionError,
    NotImplementedError,
    RuntimeError,
    MemoryError,
    struct.error,
    zlib.error,
)


@dataclass(frozen=True)
class PictureFacts:
    """What a picture is, as its author sees it.

    ``width`` and ``height`` are those of the upright picture; ``bit_depth`` is 16 where the file has 16
    bits a channel, else 8; ``animated`` says that only its first frame is taken.
    """

    format: str
    media_type: str
    width: int
    height: int
    animated: bool
    bit_depth: int
    has_alpha: bool


def inspect(data: bytes, *, max_pixels: int = MAX_PIXELS) -> PictureFacts:
    """What ``data`` is; the first frame is decoded to the end, so that a torn file is found at the door.

    Raises:
        ImageUnreadable: the bytes are no picture of a format that is taken, or are damaged.
        ImageTooLarge: more than ``max_pixels``; known before anything is decoded.
        UnsupportedSize: a side outside 16 to 16,384 pixels, or one more than 8 times the other.
    """
    return load(data, max_pixels=max_pixels)[0]


def load(data: bytes, *, max_pixels: int = MAX_PIXELS) -> tuple[PictureFacts, Image]:
    """The facts and the decoded first frame, in Pillow's mode and not turned upright. Raises as inspect."""
    if not data:
        raise ImageUnreadable(f"The image is empty (0 bytes): send {TAKEN}.")
    with damage_typed():
        picture = _open(data)
        _check_size(*picture.size, max_pixels)
        _check_container(data)
        picture.load()
        _check_size(*picture.size, max_pixels)  # a GIF's frame may be larger than the screen it announced
        _check_mode(picture.mode)
        return _facts(data, picture), picture


def orientation(picture: Image) -> int:
    """The EXIF orientation, 1 to 8. Damaged EXIF turns nothing: the pixels are whole without it."""
    try:
        found = picture.getexif().get(ORIENTATION, 1)
    except DAMAGE:
        return 1
    return found if isinstance(found, int) and 1 <= found <= 8 else 1


@contextmanager
def damage_typed() -> Generator[None]:
    """Turns whatever Pillow raises at damaged bytes into ImageUnreadable, and a bomb into ImageTooLarge."""
    from PIL.Image import DecompressionBombError, DecompressionBombWarning

    try:
        yield
    except (DecompressionBombError, DecompressionBombWarning):
        raise ImageTooLarge(_too_large(MAX_PIXELS)) from None
    except DAMAGE as damage:
        raise ImageUnreadable("The image is damaged and cannot be decoded: save it anew.") from damage


def _open(data: bytes) -> Image:
    from PIL import Image, UnidentifiedImageError

    try:
        return Image.open(BytesIO(data), formats=tuple(FORMATS))
    except UnidentifiedImageError:
        raise ImageUnreadable(f"The bytes are not an image that can be read: send {TAKEN}.") from None


def _check_size(width: int, height: int, max_pixels: int) -> None:
    if width * height > max_pixels:
        raise ImageTooLarge(_too_large(max_pixels, f"The image is {width}×{height} pixels. "))
    if min(width, height) < MIN_SIDE or max(width, height) > MAX_SIDE:
        raise UnsupportedSize(
            f"The image is {width}×{height} pixels: both sides must be {MIN_SIDE} to {MAX_SIDE}."
        )
    if max(width, height) > MAX_ASPECT * min(width, height):
        raise UnsupportedSize(
            f"The image is {width}×{height} pixels: one side may be at most {MAX_ASPECT} times the other."
        )


def _too_large(max_pixels: int, start: str = "") -> str:
    return f"{start}At most {max_pixels / 1e6:.0f} million pixels are taken: scale it down."


def _check_mode(mode: str) -> None:
    if mode not in MODES:
        raise ImageUnreadable(f"Pixels of kind {mode} are not taken: save the image with 8 or 16 bits.")


def _check_container(data: bytes) -> None:
    """What Pillow does not look at: a PNG's checksums, and how often a JPEG makes its reader start over."""
    if data.startswith(PNG_SIGNATURE):
        for name, body, checksum in png_chunks(data):
            if zlib.crc32(body, zlib.crc32(name)) != checksum:
                raise ImageUnreadable(f"The PNG is damaged: its {_spelt(name)} chunk has a wrong checksum.")
    elif data.startswith(b"\xff\xd8") and data.count(b"\xff\xda") > MAX_SCANS:
        raise ImageUnreadable(f"The JPEG has more than {MAX_SCANS} scans: save it as a plain JPEG.")


def _spelt(name: bytes) -> str:
    """A chunk's name as text; damaged ones may hold any byte."""
    return name.decode("ascii", "replace").replace("\ufffd", "?")


def png_chunks(data: bytes) -> Generator[tuple[bytes, memoryview, int]]:
    """Name, body and checksum of each chunk up to IEND. Raises ImageUnreadable when the file ends before."""
    view, at, name = memoryview(data), len(PNG_SIGNATURE), b""
    while name != b"IEND":
        if at + 12 > len(data):
            raise ImageUnreadable("The PNG is cut off: it ends before its IEND chunk.")
        length, name = struct.unpack_from(">I4s", data, at)
        body = view[at + 8 : at + 8 + length]
        if len(body) < length or at + 12 + length > len(data):
            raise ImageUnreadable(f"The PNG is cut off in its {_spelt(name)} chunk.")
        yield name, body, struct.unpack_from(">I", data, at + 8 + length)[0]
        at += 12 + length


def _facts(data: bytes, picture: Image) -> PictureFacts:
    name = "jpeg" if picture.format == TWO_VIEWS else FORMATS[picture.format or ""]
    sideways = orientation(picture) >= 5
    width, height = reversed(picture.size) if sideways else picture.size
    return PictureFacts(
        format=name,
        media_type=f"image/{name}",
        width=width,
        height=height,
        # Asked of a second handle: asking makes Pillow's GIF reader step to the next frame.
        animated=name in ANIMATED and bool(getattr(_open(data), "is_animated", False)),
        bit_depth=_bit_depth(data, picture),
        has_alpha=picture.has_transparency_data,
    )


def _bit_depth(data: bytes, picture: Image) -> int:
    """Pillow gives 16-bit RGB as 8-bit RGB, so the file is asked and not the mode."""
    if picture.mode in MODES_16:
        return 16
    if picture.format == "PNG":
        return 16 if data[24] == 16 else 8
    if picture.format == "TIFF":
        bits: object = getattr(picture, "tag_v2", {}).get(BITS_PER_SAMPLE, (8,))
        return 16 if isinstance(bits, tuple) and 16 in bits else 8
    return 8
