"""The encoder: from float sRGB to the delivered bytes, in the requested format and depth."""

from __future__ import annotations

from io import BytesIO
from typing import Any

from PIL import Image

from functions.contract.errors import UnsupportedFormat
from worker.pictures.pixel_levels import Floats, quantize
from worker.pictures.png_writer import write_png

DEEPEST = {"png": 16, "jpeg": 8, "webp": 8, "avif": 8}
LONGEST_SIDE = {"png": 2**31 - 1, "jpeg": 65_535, "webp": 16_383, "avif": 65_536}
QUALITY = {"jpeg": 92, "webp": 90, "avif": 80}
# 4:4:4 for JPEG and AVIF: half the colour resolution blurs the edges of illustrations and of red text.
# WebP does not have this choice; its method 4 is libwebp's default. AVIF's 8 is four times as fast as its 6.
OPTIONS: dict[str, dict[str, Any]] = {
    # Not "optimize": Pillow's buffer is then too small for fine texture, and saving fails.
    "jpeg": {"subsampling": "4:4:4"},
    "webp": {"method": 4},
    "avif": {"subsampling": "4:4:4", "speed": 8},
}


def encode_picture(
    rgb: Floats,
    format: str,
    bit_depth: int = 8,
    quality: int | None = None,
    *,
    xmp: bytes | None = None,
) -> bytes:
    """Returns the picture as a file.

    Args:
        rgb: sRGB, (H, W, 3), finite; values outside 0–1 are clipped.
        format: png, jpeg, webp or avif.
        bit_depth: 8, or 16 for png.
        quality: 1–100 for the lossy formats; by default 92 for jpeg, 90 for webp, 80 for avif.
        xmp: an XMP packet (UTF-8) to include.

    Raises:
        UnsupportedFormat: the format is unknown, or does not support the depth or the size.
    """
    check_format(format, bit_depth, max(rgb.shape[:2]))
    levels = quantize(rgb, bit_depth)
    if format == "png":
        return write_png(levels, xmp=xmp)
    out, options = BytesIO(), OPTIONS[format] | {"quality": quality or QUALITY[format]}
    if xmp is not None:
        options["xmp"] = xmp
    Image.fromarray(levels).save(out, format, **options)
    return out.getvalue()


def check_format(format: str, bit_depth: int, longest_side: int) -> None:
    """Raises UnsupportedFormat if ``format`` does not support the depth or the size."""
    if format not in DEEPEST:
        raise UnsupportedFormat(f"The format {format} is not made: ask for {', '.join(DEEPEST)}.")
    if bit_depth not in (8, 16):
        raise UnsupportedFormat(f"A bit depth of {bit_depth} is not made: ask for 8 or 16.")
    if bit_depth > DEEPEST[format]:
        raise UnsupportedFormat(f"{format} carries 8 bits a channel: ask for png to have {bit_depth}.")
    if longest_side > LONGEST_SIDE[format]:
        raise UnsupportedFormat(f"{format} ends at {LONGEST_SIDE[format]} pixels a side: ask for png.")
