"""GIF: its first frame alone, so that comments and later frames cost nothing. GIF89a, 18 to 26."""

from __future__ import annotations

from ..errors import ImageUnreadable

MAX_SUB_BLOCKS = 500_000  # of one run; 50 MB of full ones are 200,000
MAX_BLOCKS = 4_096  # before the first frame, and between it and the second
_IMAGE, _EXTENSION, _TRAILER = 0x2C, 0x21, 0x3B
_GRAPHIC_CONTROL = 0xF9


def first_frame(data: bytes) -> tuple[bytes, bool]:
    """Returns the file with its first frame only, and True if there are more. Raises ImageUnreadable
    if cut off.
    """
    at = 13 + _skip_colour_table(data, 10)
    kept, control = [data[:at]], b""
    for _ in range(MAX_BLOCKS):
        kind = _byte_at(data, at)
        if kind == _IMAGE:
            end = _after_blocks(data, at + 10 + _skip_colour_table(data, at + 9) + 1)
            return b"".join([*kept, control, data[at:end], bytes([_TRAILER])]), _has_another(data, end)
        if kind != _EXTENSION:
            break
        end = _after_blocks(data, at + 2)
        if _byte_at(data, at + 1) == _GRAPHIC_CONTROL:
            control = data[at:end]
        at = end
    raise ImageUnreadable("The GIF has no frame where one should be.")


def _has_another(data: bytes, at: int) -> bool:
    try:
        for _ in range(MAX_BLOCKS):
            kind = _byte_at(data, at)
            if kind != _EXTENSION:
                return kind == _IMAGE
            at = _after_blocks(data, at + 2)
    except ImageUnreadable:
        return False
    return False


def _skip_colour_table(data: bytes, at: int) -> int:
    """Returns the bytes of the colour table that the packed fields at ``at`` announce."""
    packed = _byte_at(data, at)
    return 3 << ((packed & 7) + 1) if packed & 0x80 else 0


def _after_blocks(data: bytes, at: int) -> int:
    """Returns the position behind a run of sub-blocks and its end."""
    for _ in range(MAX_SUB_BLOCKS):
        size = _byte_at(data, at)
        at += 1 + size
        if size == 0:
            return at
    raise ImageUnreadable(f"The GIF has a run of more than {MAX_SUB_BLOCKS} sub-blocks: save it anew.")


def _byte_at(data: bytes, at: int) -> int:
    if at >= len(data):
        raise ImageUnreadable("The GIF is cut off.")
    return data[at]
