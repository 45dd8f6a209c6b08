"""EXIF and TIFF directories: the orientation of a picture, and whether a directory fits into its file.

TIFF 6.0, section 2; CIPA DC-008, tag 0x0112. A decoder copies every value that a directory names; values that
overlap let a small file ask for gigabytes. So directories are read here, and a decoder sees only checked
ones.
"""

from __future__ import annotations

import re
import struct
from dataclasses import dataclass
from typing import Any

from ..errors import ImageUnreadable

ORIENTATION = 0x0112
_EXIF_DIRECTORY, _COLOUR_SPACE, _INTEROPERABILITY, _INDEX, _ADOBE_RGB = 0x8769, 0xA001, 0xA005, 1, 2
MAX_ENTRIES = 1_024
# Of one tag, as a decoder makes an object of each: an offset for each tile of 16 × 16, and few of the rest.
MAX_OFFSETS, MAX_NUMBERS = 300_000, 4_096
_OFFSETS, _BYTES = (3, 4, 13, 16), (1, 2, 6, 7)
_SIZES = {
    1: 1,
    2: 1,
    3: 2,
    4: 4,
    5: 8,
    6: 1,
    7: 1,
    8: 2,
    9: 4,
    10: 8,
    11: 4,
    12: 8,
    13: 4,
    16: 8,
    17: 8,
    18: 8,
}
_ORDERS = {b"II": "<", b"MM": ">"}
_ORIENTATION_IN_XMP = re.compile(rb'tiff:Orientation(?:="|>)([1-8])')
_XMP_LOOKED_AT = 1 << 18  # bytes


@dataclass(frozen=True)
class Directory:
    """The first directory of a TIFF file: each tag's whole numbers, at most 65,536 of them."""

    tags: dict[int, tuple[int, ...]]
    value_bytes: int  # of all values together, overlapping ones counted each time

    def first(self, tag: int, otherwise: int) -> int:
        """Returns the first number of a tag, or ``otherwise`` for a tag without one."""
        return (self.tags.get(tag) or (otherwise,))[0]


def read_directory(data: bytes) -> Directory:
    """Reads a directory.

    Raises ImageUnreadable for one that is cut off, too long, or whose values exceed the file.
    """
    order = _ORDERS.get(data[:2])
    if order is None or len(data) < 8:
        raise ImageUnreadable("The TIFF has no header.")
    big = struct.unpack_from(f"{order}H", data, 2)[0] == 43
    at = struct.unpack_from(f"{order}Q" if big else f"{order}I", data.ljust(16, b"\0"), 8 if big else 4)[0]
    counted, entry = (f"{order}Q", f"{order}HHQ") if big else (f"{order}H", f"{order}HHI")
    start, step, inline = (8, 20, 8) if big else (2, 12, 4)
    if at + start > len(data):
        raise ImageUnreadable("The TIFF is cut off before its directory.")
    entries = struct.unpack_from(counted, data, at)[0]
    if at + start + entries * step > len(data):
        raise ImageUnreadable("The TIFF is cut off in its directory.")
    if entries > MAX_ENTRIES:
        raise ImageUnreadable("The TIFF's directory is longer than is taken.")
    tags: dict[int, tuple[int, ...]] = {}
    total = 0
    for n in range(entries):
        here = at + start + n * step
        tag, kind, count = struct.unpack_from(entry, data, here)
        size = count * _SIZES.get(kind, 1)
        total += size
        if total > len(data) + 4096:
            raise ImageUnreadable("The TIFF's values are longer than the file.")
        where = here + step - inline
        if size > inline:
            where = struct.unpack_from(f"{order}Q" if big else f"{order}I", data, where)[0]
        if kind not in _BYTES and count > (MAX_OFFSETS if kind in _OFFSETS else MAX_NUMBERS):
            raise ImageUnreadable("The TIFF's directory has a tag with more values than are taken.")
        tags.setdefault(tag, _read_numbers(data, order, kind, count, where))
    return Directory(tags, total)


def orientation_of(exif: bytes | None, xmp: bytes | None) -> int:
    """Returns the orientation, 1 to 8. Damaged metadata counts as 1: the pixels are whole without it."""
    if exif:
        try:
            found = read_directory(exif.removeprefix(b"Exif\0\0")).tags.get(ORIENTATION, ())
        except (ImageUnreadable, struct.error):
            return 1
        if found:
            return found[0] if 1 <= found[0] <= 8 else 1
    found_in_xmp = _ORIENTATION_IN_XMP.search(xmp[:_XMP_LOOKED_AT]) if xmp else None
    return int(found_in_xmp[1]) if found_in_xmp else 1


def is_adobe_rgb(exif: bytes | None) -> bool:
    """Returns True if EXIF says Adobe RGB, as cameras do in place of a profile: DCF's mark R03, or a 2.

    Damaged metadata says nothing. CIPA DC-008 (tags 0xA001, 0xA005) and DCF 2.0 (the mark).
    """
    block = (exif or b"").removeprefix(b"Exif\0\0")
    order = _ORDERS.get(block[:2])
    if order is None:
        return False
    try:
        first = struct.unpack_from(f"{order}I", block, 4)[0]
        private = _inline_value(block, order, first, _EXIF_DIRECTORY, "I")
        if not private:
            return False
        if _inline_value(block, order, private, _COLOUR_SPACE, "H") == _ADOBE_RGB:
            return True
        mark = _inline_value(
            block, order, _inline_value(block, order, private, _INTEROPERABILITY, "I"), _INDEX, "4s"
        )
    except struct.error:
        return False
    return mark == b"R03\0"


def _inline_value(block: bytes, order: str, at: int, tag: int, kind: str) -> Any:
    """Returns the value of a tag that stands in the entry itself; 0 where the directory at
    ``at`` has none.
    """
    if not at:
        return 0
    for n in range(min(struct.unpack_from(f"{order}H", block, at)[0], MAX_ENTRIES)):
        entry = at + 2 + 12 * n
        if struct.unpack_from(f"{order}H", block, entry)[0] == tag:
            return struct.unpack_from(f"{order}{kind}", block, entry + 8)[0]
    return 0


def _read_numbers(data: bytes, order: str, kind: int, count: int, where: int) -> tuple[int, ...]:
    letter = {1: "B", 3: "H", 4: "I", 6: "b", 8: "h", 9: "i", 13: "I", 16: "Q"}.get(kind)
    count = min(count, 65_536)
    if letter is None or where + count * _SIZES[kind] > len(data):
        return ()
    return struct.unpack_from(f"{order}{count}{letter}", data, where)
