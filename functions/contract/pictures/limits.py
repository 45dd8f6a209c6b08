"""The limits of pictures that are accepted: formats, sides, pixels, and the work that decoding may cost."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Generator
from contextlib import contextmanager

from ..errors import ImageTooLarge, ImageUnreadable, UnsupportedSize

MAX_PIXELS = 64_000_000
MIN_SIDE, MAX_SIDE = 16, 16_384
MAX_ASPECT = 32
# Samples that a decoder may touch, a pass over all of them counting each time. An honest progressive JPEG of
# 64 million pixels and 10 scans comes to 0.9 billion; on one core a billion takes about a second.
MAX_WORK = 1_500_000_000
MAX_WORK_OF_REQUEST = 2_500_000_000

TAKEN = "HEIC, PNG, JPEG, WebP, AVIF, GIF, TIFF or BMP"
FORMATS = {
    "PNG": "png",
    "JPEG": "jpeg",
    "WEBP": "webp",
    "AVIF": "avif",
    "HEIF": "heic",
    "GIF": "gif",
    "TIFF": "tiff",
    "BMP": "bmp",
}
# Pillow's modes of at most 16 bits a channel; "I" and "F" (32 bits) have no agreed white.
MODES_16 = frozenset({"I;16", "I;16L", "I;16B", "I;16N"})
MODES = MODES_16 | {"1", "L", "LA", "La", "P", "PA", "RGB", "RGBA", "RGBa", "RGBX", "CMYK", "YCbCr", "LAB"}

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


def check_size(width: int, height: int, max_pixels: int = MAX_PIXELS) -> None:
    """Raises ImageTooLarge for more than ``max_pixels``, UnsupportedSize for sides that are not accepted."""
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


def check_work(samples: int, limit: int = MAX_WORK) -> None:
    """Raises ImageTooLarge where decoding would touch more than ``limit`` samples."""
    if samples > limit:
        raise ImageTooLarge(
            f"Decoding would touch {samples / 1e9:.2f} billion samples, and at most {MAX_WORK / 1e9:.1f} are "
            f"taken of an image and {MAX_WORK_OF_REQUEST / 1e9:.1f} of a request: save it with fewer pixels, "
            "or as a plain JPEG or PNG."
        )


@contextmanager
def damage_typed() -> Generator[None]:
    """Turns what a decoder raises at damaged bytes into ImageUnreadable, and a bomb into ImageTooLarge."""
    from PIL.Image import DecompressionBombError, DecompressionBombWarning

    try:
        yield
    except (DecompressionBombError, DecompressionBombWarning):
        raise ImageTooLarge(_too_large(MAX_PIXELS)) from None
    except DAMAGE as damage:
        raise ImageUnreadable("The image is damaged and cannot be decoded: save it anew.") from damage


def _too_large(max_pixels: int, start: str = "") -> str:
    return f"{start}At most {max_pixels / 1e6:.0f} million pixels are taken: scale it down."
