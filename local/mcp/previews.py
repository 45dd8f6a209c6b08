"""Pictures small enough to be part of an answer: the clients of agents limit how much a tool may return."""

from __future__ import annotations

import io

from PIL import Image

INLINE_BYTES = 600_000  # a larger file becomes a preview: a message of 1 MB is the smallest limit in use
PREVIEW_SIDE = 1024  # pixels
_QUALITIES = (85, 70, 50)
_SHOWN_BY_CLIENTS = ("image/png", "image/jpeg", "image/webp")


def make_preview(data: bytes, content_type: str) -> tuple[bytes, str]:
    """Returns the picture's bytes and type: itself where it is small, else a JPEG of 1024 pixels at most."""
    if len(data) <= INLINE_BYTES and content_type in _SHOWN_BY_CLIENTS:
        return data, content_type
    with Image.open(io.BytesIO(data)) as picture:
        small = picture.convert("RGB")
    small.thumbnail((PREVIEW_SIDE, PREVIEW_SIDE))
    return _encode_within_limit(small), "image/jpeg"


def _encode_within_limit(picture: Image.Image) -> bytes:
    """Returns a JPEG of at most ``INLINE_BYTES``, at the best quality that fits."""
    while True:
        for quality in _QUALITIES:
            buffer = io.BytesIO()
            picture.save(buffer, "JPEG", quality=quality)
            if buffer.tell() <= INLINE_BYTES:
                return buffer.getvalue()
        picture = picture.resize((max(1, picture.width // 2), max(1, picture.height // 2)))
