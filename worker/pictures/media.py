"""The media type of a file, by its first bytes: also of one whose pixels are damaged."""

from __future__ import annotations

_BY_START = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF8", "image/gif"),
    (b"II*\x00", "image/tiff"),
    (b"MM\x00*", "image/tiff"),
    (b"II+\x00", "image/tiff"),  # BigTIFF
    (b"MM\x00+", "image/tiff"),
    (b"BM", "image/bmp"),
)
# ISO base media file: the brands that it says it is of (ISO/IEC 23008-12, 10.2). An AVIF may name mif1 too.
_BY_BRAND = (
    (b"avif", "image/avif"),
    (b"avis", "image/avif"),
    (b"heic", "image/heic"),
    (b"heix", "image/heic"),
    (b"mif1", "image/heif"),
)
_OTHER = "application/octet-stream"


def media_type(data: bytes) -> str:
    """``image/png`` and so on; ``application/octet-stream`` for what is no format that is taken."""
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "image/webp"
    if data[4:8] == b"ftyp":
        return next((named for brand, named in _BY_BRAND if brand in data[8:32]), _OTHER)
    return next((named for start, named in _BY_START if data.startswith(start)), _OTHER)
