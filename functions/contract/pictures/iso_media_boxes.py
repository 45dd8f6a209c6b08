"""AVIF and HEIC: what the boxes say of the primary picture, before a decoder sees them.

ISO/IEC 14496-12 (boxes) and 23008-12 (items). A picture may be composed of others, which may be composed
again: without a limit, a kilobyte of boxes is decoded for hours.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

from ..errors import ImageUnreadable
from .colour import CodedColour

MAX_BOXES = 20_000
MAX_TILES = 1_024
_CODED = frozenset({b"hvc1", b"hev1", b"av01", b"jpeg", b"avc1", b"unci", b"mski"})
_EXIF = b"Exif"
_NOT_PICTURES = frozenset({b"mdat", b"free", b"skip", b"moov"})


@dataclass
class BoxContainer:
    """The items of a file. ``properties`` are the boxes of each item, in their order."""

    brands: bytes = b""
    primary: int = 0
    kinds: dict[int, bytes] = field(default_factory=dict[int, bytes])
    parts: dict[int, tuple[int, ...]] = field(
        default_factory=dict[int, tuple[int, ...]]
    )  # what it is made of
    properties: dict[int, list[tuple[bytes, bytes]]] = field(
        default_factory=dict[int, list[tuple[bytes, bytes]]]
    )
    extents: dict[int, tuple[tuple[int, int], ...]] = field(
        default_factory=dict[int, tuple[tuple[int, int], ...]]
    )

    def named(self, item: int, name: bytes) -> Iterator[bytes]:
        """Yields the item's boxes of this name."""
        return (body for kind, body in self.properties.get(item, ()) if kind == name)

    def colour(self) -> CodedColour | None:
        """Returns the primary picture's colours by code, unless it has an ICC profile."""
        coded = list(self.named(self.primary, b"colr"))
        if any(body[:4] in (b"prof", b"rICC") for body in coded):
            return None
        nclx = next((body for body in coded if body[:4] == b"nclx"), None)
        return CodedColour(*struct.unpack_from(">HH", nclx, 4)) if nclx else None

    def exif(self, data: bytes) -> bytes | None:
        """Returns the first EXIF item's block, without the length before it."""
        item = next((item for item, kind in self.kinds.items() if kind == _EXIF), None)
        if item is None:
            return None
        block = b"".join(data[at : at + size] for at, size in self.extents.get(item, ())[:16])
        return block[4 + int.from_bytes(block[:4]) :] if len(block) > 4 else None

    def deep(self) -> bool:
        """Returns True if any channel of the primary picture, or of its first tile, has more than 8 bits."""
        tile = self.parts.get(self.primary, (self.primary,))[0]
        found = [*self.named(self.primary, b"pixi"), *self.named(tile, b"pixi")]
        return any(max(body[5 : 5 + body[4]], default=8) > 8 for body in found if len(body) > 4)

    def check_parts(self) -> None:
        """Raises ImageUnreadable unless the primary picture is coded, or composed of coded pieces, once."""
        item = self.primary
        if self.kinds.get(item) == b"iden" and len(self.parts.get(item, ())) == 1:
            item = self.parts[item][0]
        if self.kinds.get(item, b"av01") in _CODED:
            return
        pieces = self.parts.get(item, ())
        whole = self.kinds[item] == b"grid" and all(self.kinds.get(each) in _CODED for each in pieces)
        if not whole or len(pieces) > MAX_TILES:
            raise ImageUnreadable("The image is put together in a way that is not taken: save it anew.")
        area = sum(_tile_area(next(self.named(each, b"ispe"), b"")) for each in pieces)
        if area > 4 * _tile_area(next(self.named(item, b"ispe"), b"")) + (1 << 22):
            raise ImageUnreadable("The image's tiles are far larger than the image: save it anew.")


def read_container(data: bytes) -> BoxContainer:
    """Reads the boxes. Raises ImageUnreadable for boxes that are cut off, or too many."""
    found, left = BoxContainer(), [MAX_BOXES]
    for kind, body, _ in iter_boxes(data, 0, len(data), left):
        if kind == b"ftyp":
            found.brands = body[:4] + body[8:]
        if kind == b"meta":
            for name, inner, at in iter_boxes(body, 4, len(body), left):
                _READERS.get(name, _read_nothing)(found, inner, left, at)
            break
    return found


def iter_boxes(
    data: bytes, at: int, end: int, left: list[int], skipped: frozenset[bytes] = _NOT_PICTURES
) -> Iterator[tuple[bytes, bytes, int]]:
    """Yields each box's type, its body, which is empty for those that are ``skipped``, and where that begins.

    ``left`` holds how many boxes may still be read. Raises ImageUnreadable.
    """
    while at + 8 <= end:
        left[0] -= 1
        if left[0] < 0:
            raise ImageUnreadable(f"The image has more than {MAX_BOXES} boxes.")
        size, kind = struct.unpack_from(">I4s", data, at)
        start = at + 8
        if size == 1:
            size, start = struct.unpack_from(">Q", data, at + 8)[0], at + 16
        stop = end if size == 0 else at + size
        if stop < start or stop > end:
            raise ImageUnreadable("The image is cut off in one of its boxes.")
        yield kind, b"" if kind in skipped else data[start:stop], start
        at = stop


def _read_nothing(found: BoxContainer, body: bytes, left: list[int], at: int) -> None:
    del found, body, left, at


def _read_pitm(found: BoxContainer, body: bytes, left: list[int], at: int) -> None:
    del left, at
    found.primary = int.from_bytes(body[4:6] if body[0] == 0 else body[4:8])


def _read_iinf(found: BoxContainer, body: bytes, left: list[int], at: int) -> None:
    del at
    for kind, info, _ in iter_boxes(body, 6 if body[0] == 0 else 8, len(body), left):
        if kind == b"infe" and info[0] >= 2:
            wide = 2 if info[0] == 2 else 4
            found.kinds[int.from_bytes(info[4 : 4 + wide])] = info[6 + wide : 10 + wide]


def _read_iref(found: BoxContainer, body: bytes, left: list[int], at: int) -> None:
    del at
    wide = 2 if body[0] == 0 else 4
    for kind, link, _ in iter_boxes(body, 4, len(body), left):
        if kind == b"dimg":
            count = int.from_bytes(link[wide : wide + 2])
            ids = (
                int.from_bytes(link[at : at + wide]) for at in range(wide + 2, wide + 2 + wide * count, wide)
            )
            found.parts[int.from_bytes(link[:wide])] = tuple(ids)


def _read_iprp(found: BoxContainer, body: bytes, left: list[int], at: int) -> None:
    del at
    boxes = list(iter_boxes(body, 0, len(body), left))
    owned = [
        (kind, inner)
        for name, box, _ in boxes
        if name == b"ipco"
        for kind, inner, _ in iter_boxes(box, 0, len(box), left)
    ]
    for name, links, _ in boxes:
        if name == b"ipma":
            _associate(found, links, owned, left)


def _associate(found: BoxContainer, body: bytes, owned: list[tuple[bytes, bytes]], left: list[int]) -> None:
    id_bytes, index_bytes = (2 if body[0] == 0 else 4), (2 if body[3] & 1 else 1)
    at = 8
    for _ in range(int.from_bytes(body[4:8])):
        item, count = int.from_bytes(body[at : at + id_bytes]), body[at + id_bytes]
        at += id_bytes + 1
        left[0] -= 1 + count
        if left[0] < 0:
            raise ImageUnreadable(f"The image has more than {MAX_BOXES} properties.")
        for _ in range(count):
            index = int.from_bytes(body[at : at + index_bytes]) & (0x7FFF if index_bytes == 2 else 0x7F)
            at += index_bytes
            if 0 < index <= len(owned):
                found.properties.setdefault(item, []).append(owned[index - 1])


def _read_iloc(found: BoxContainer, body: bytes, left: list[int], at: int) -> None:
    """Reads where each item's bytes lie, for items in the file itself, which is where EXIF is."""
    del at
    version, sizes = body[0], struct.unpack_from(">H", body, 4)[0]
    offset, length, base, index = sizes >> 12, sizes >> 8 & 15, sizes >> 4 & 15, sizes & 15 if version else 0
    wide = 4 if version == 2 else 2
    at, count = 6 + wide, int.from_bytes(body[6 : 6 + wide])
    for _ in range(count):
        item = int.from_bytes(body[at : at + wide])
        at += wide + (2 if version else 0)
        start = int.from_bytes(body[at + 2 : at + 2 + base])
        extents = int.from_bytes(body[at + 2 + base : at + 4 + base])
        at += 4 + base
        left[0] -= 1 + extents
        if left[0] < 0:
            raise ImageUnreadable(f"The image has more than {MAX_BOXES} extents.")
        spans: list[tuple[int, int]] = []
        for _ in range(extents):
            where = at + index
            spans.append(
                (
                    start + int.from_bytes(body[where : where + offset]),
                    int.from_bytes(body[where + offset : where + offset + length]),
                )
            )
            at = where + offset + length
        found.extents[item] = tuple(spans)


_READERS = {
    b"pitm": _read_pitm,
    b"iinf": _read_iinf,
    b"iref": _read_iref,
    b"iprp": _read_iprp,
    b"iloc": _read_iloc,
}


def _tile_area(ispe: bytes) -> int:
    return int.from_bytes(ispe[4:8]) * int.from_bytes(ispe[8:12])
