"""PNG: its chunks, and a check of its pixels that inflates them in pieces and keeps none.

PNG, third edition: https://www.w3.org/TR/png-3/.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Generator

from ..errors import ImageUnreadable

PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
MAX_CHUNKS = 65_536
MAX_INFLATED = 16 << 20  # bytes that all compressed metadata of one file may come to
# What a still picture and its colours are made of: Pillow is shown only this. Metadata is read here.
STILL = frozenset({b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND", b"iCCP"})
_PIECE = 1 << 20
_SAMPLES = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}  # by colour type
# Adam7's passes: first column and row, and the steps to the next.
_PASSES = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2))
_EXIF_AS_TEXT = b"Raw profile type exif"


def png_chunks(data: bytes) -> Generator[tuple[bytes, memoryview, int]]:
    """Yields name, body and checksum of each chunk up to IEND. Raises ImageUnreadable when the file
    ends before.
    """
    view, at, name = memoryview(data), len(PNG_SIGNATURE), b""
    for _ in range(MAX_CHUNKS):
        if at + 12 > len(data):
            raise ImageUnreadable("The PNG is cut off: it ends before its IEND chunk.")
        length, name = struct.unpack_from(">I4s", data, at)
        body = view[at + 8 : at + 8 + length]
        if len(body) < length or at + 12 + length > len(data):
            raise ImageUnreadable(f"The PNG is cut off in its {_chunk_name(name)} chunk.")
        yield name, body, struct.unpack_from(">I", data, at + 8 + length)[0]
        if name == b"IEND":
            return
        at += 12 + length
    raise ImageUnreadable(f"The PNG has more than {MAX_CHUNKS} chunks: save it anew.")


def png_parts(data: bytes) -> dict[bytes, bytes]:
    """Returns the first chunk of each name except IDAT. Checks checksums, and refuses metadata that explodes.

    Raises ImageUnreadable.
    """
    parts: dict[bytes, bytes] = {}
    room = MAX_INFLATED
    for name, body, checksum in png_chunks(data):
        if zlib.crc32(body, zlib.crc32(name)) != checksum:
            raise ImageUnreadable(f"The PNG is damaged: its {_chunk_name(name)} chunk has a wrong checksum.")
        if name in (b"zTXt", b"iTXt", b"iCCP"):
            text = _inflate(name, bytes(body), room)
            room -= len(text)
            if name == b"zTXt" and _starts_with(body, _EXIF_AS_TEXT):
                parts.setdefault(b"exif as text", text)
        if name == b"tEXt" and _starts_with(body, _EXIF_AS_TEXT):
            parts.setdefault(b"exif as text", bytes(body[22:]))
        if name not in (b"IDAT", b"fdAT"):
            parts.setdefault(_xmp_or(name, body), bytes(body))
    return parts


def still_png(data: bytes, names: frozenset[bytes] = STILL) -> bytes:
    """Returns the file reduced to the chunks of these names, unchanged."""
    kept = [PNG_SIGNATURE]
    for name, body, checksum in png_chunks(data):
        if name in names:
            kept += [len(body).to_bytes(4), name, body, checksum.to_bytes(4)]
    return b"".join(kept)


def check_pixels(data: bytes) -> None:
    """Inflates the picture's rows in pieces of a megabyte and looks at each row's filter byte.

    Raises ImageUnreadable where rows are missing or cannot be what a PNG's are, and zlib.error.
    """
    width, height, depth, colour, _, _, interlaced = struct.unpack_from(">IIBBBBB", data, 16)
    bits = depth * _SAMPLES[colour]
    runs = _interlaced_passes(width, height) if interlaced else [(width, height)]
    inflated = _Inflated(data)
    for across, down in runs:
        _check_rows(inflated, (across * bits + 7) // 8 + 1, down)


def exif_in(parts: dict[bytes, bytes]) -> bytes | None:
    """Returns the EXIF block of a PNG: its eXIf chunk, or hexadecimal text as ImageMagick writes it."""
    if b"eXIf" in parts or b"exif as text" not in parts:
        return parts.get(b"eXIf")
    try:
        return bytes.fromhex(b"".join(parts[b"exif as text"].split(b"\n")[3:]).decode("ascii"))
    except ValueError:
        return None


def _interlaced_passes(width: int, height: int) -> list[tuple[int, int]]:
    """Returns the columns and rows of Adam7's seven passes, without those that are empty."""
    sizes = [(-(-(width - x) // dx), -(-(height - y) // dy)) for x, y, dx, dy in _PASSES]
    return [(across, down) for across, down in sizes if across > 0 and down > 0]


def _check_rows(inflated: _Inflated, stride: int, rows: int) -> None:
    at_once = max(1, _PIECE // stride)
    for start in range(0, rows, at_once):
        count = min(at_once, rows - start)
        piece = inflated.read(count * stride)
        if len(piece) < count * stride:
            raise ImageUnreadable("The PNG is cut off: its last rows are missing.")
        if max(piece[::stride]) > 4:
            raise ImageUnreadable("The PNG is damaged: a row is filtered in a way that does not exist.")


class _Inflated:
    """The bytes of all IDAT chunks, inflated as far as they are read."""

    def __init__(self, data: bytes) -> None:
        self._bodies = (body for name, body, _ in png_chunks(data) if name == b"IDAT")
        self._inflater = zlib.decompressobj()
        self._waiting: bytes | memoryview = b""

    def read(self, size: int) -> bytes:
        """Returns ``size`` bytes; fewer only at the end."""
        found: list[bytes] = []
        while size > 0 and not self._inflater.eof:
            if not self._waiting:
                self._waiting = next(self._bodies, b"")
                if not self._waiting and (rest := self._inflater.decompress(b"", size)):
                    found.append(rest)
                    size -= len(rest)
                    continue
                if not self._waiting:
                    break
            piece = self._inflater.decompress(self._waiting, size)
            self._waiting = self._inflater.unconsumed_tail
            found.append(piece)
            size -= len(piece)
        return b"".join(found)


def _inflate(name: bytes, body: bytes, room: int) -> bytes:
    """Returns a chunk's decompressed part. Raises ImageUnreadable beyond ``room`` bytes."""
    start = body.find(b"\0") + 2  # behind the keyword and the method
    if name == b"iTXt":
        if body[start - 1 : start] != b"\1":
            return b""
        start = body.find(b"\0", body.find(b"\0", start + 1) + 1) + 1  # behind language and translation
    try:
        inflater = zlib.decompressobj()
        text = inflater.decompress(body[start:], room)
    except zlib.error:
        return b""  # metadata that is damaged harms no pixel
    if inflater.unconsumed_tail:
        raise ImageUnreadable(
            f"The PNG's {_chunk_name(name)} chunk inflates to more than is taken: leave it out."
        )
    return text


def _xmp_or(name: bytes, body: memoryview) -> bytes:
    return b"xmp" if name == b"iTXt" and _starts_with(body, b"XML:com.adobe.xmp") else name


def _chunk_name(name: bytes) -> str:
    """Returns a chunk's name as text; damaged ones may hold any byte."""
    return name.decode("ascii", "replace").replace("\ufffd", "?")


def _starts_with(body: memoryview, start: bytes) -> bool:
    return bytes(body[: len(start)]) == start
