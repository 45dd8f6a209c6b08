"""The media type of a file, by its first bytes: also of one whose pixels are damaged."""

from __future__ import annotations

from functions.contract.pictures import format_of

_OTHER = "application/octet-stream"


def media_type(data: bytes) -> str:
    """``image/png`` and so on; ``application/octet-stream`` for what is no format that is taken."""
    found = format_of(data)
    return f"image/{found}" if found else _OTHER
