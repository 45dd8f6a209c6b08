"""The media type of a file, by its first bytes: also of one whose pixels are damaged."""

from __future__ import annotations

_BY_START = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF8", "image/gif"),
    (b"II*\x00", "image/tiff"),
    (b"MM\x00*", "image/tiff"),
    (b"BM", "image/bmp"),
)
_OTHER = "application/octet-stream"


def media_type(data: bytes) -> str:
    """``image/png`` and so on; ``application/octet-stream`` for what is no format that is taken."""
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "image/webp"
    if data[4:8] == b"ftyp" and b"avif" in data[8:32]:
        return "image/avif"
    return next((named for start, named in _BY_START if data.startswith(start)), _OTHER)
