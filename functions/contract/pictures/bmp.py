"""The colour profile of a BMP, which Pillow does not look at.

BITMAPV5HEADER: https://learn.microsoft.com/windows/win32/api/wingdi/ns-wingdi-bitmapv5header.
"""

from __future__ import annotations

import struct

_HEADER, _HEADER_BYTES = 14, 124  # where it begins in the file, and how long it is at least
_SPACE, _PROFILE = 56, 112  # in the header
_EMBEDDED = b"DEBM"  # PROFILE_EMBEDDED, as it stands in the file


def profile_in_bmp(data: bytes) -> bytes | None:
    """Returns the ICC profile that the file contains, even if it is cut off; None where there is none."""
    header = data[_HEADER : _HEADER + _HEADER_BYTES]
    if len(header) < _HEADER_BYTES or int.from_bytes(header[:4], "little") < _HEADER_BYTES:
        return None
    if header[_SPACE : _SPACE + 4] != _EMBEDDED:
        return None
    offset, length = struct.unpack_from("<II", header, _PROFILE)
    return data[_HEADER + offset : _HEADER + offset + length] or None
