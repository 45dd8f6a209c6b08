"""The media type of a file, from its first bytes; the pixels may be damaged."""

from __future__ import annotations

from functions.contract.formats import CONTENT_TYPES
from functions.contract.pictures import format_of

_OTHER = "application/octet-stream"


def media_type(data: bytes) -> str:
    """Returns ``image/png`` and so on; ``application/octet-stream`` for a format that is not accepted."""
    found = format_of(data)
    return CONTENT_TYPES.get(found, f"image/{found}") if found else _OTHER
