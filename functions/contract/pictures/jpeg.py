"""JPEG: one pass over its markers, which finds what decoding costs before anything is decoded."""

from __future__ import annotations

import re
import struct
from dataclasses import dataclass

from ..errors import ImageUnreadable

MAX_SCANS = 256
MAX_SEGMENTS = 8_192
# Ends the entropy-coded bytes: neither a stuffed zero, nor a restart, nor a fill byte.
_MARKER = re.compile(rb"\xff[\x01-\xcf\xd8-\xfe]")
_FRAMES = frozenset({*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC})
_START, _END, _SCAN = 0xD8, 0xD9, 0xDA
_APP1, _APP2, _APP13, _COMMENT = 0xE1, 0xE2, 0xED, 0xFE
_EXIF, _ICC, _XMP = b"Exif\0\0", b"ICC_PROFILE\0", b"http://ns.adobe.com/xap/1.0/\0"


@dataclass(frozen=True)
class JpegFacts:
    """The facts in a JPEG's markers.

    ``samples`` are those of all components; ``work`` counts each as often as a scan passes over it;
    ``buffered`` is True if the decoder keeps all coefficients, two bytes a sample. ``shown`` is the file
    without the metadata that a decoder would parse.
    """

    samples: int
    work: int
    buffered: bool
    exif: bytes | None
    xmp: bytes | None
    shown: bytes


def read_jpeg(data: bytes) -> JpegFacts:
    """Reads the markers. Raises ImageUnreadable for a file that is cut off, or has too many scans
    or segments.
    """
    walk = _Walk(data)
    at = 2
    for _ in range(MAX_SEGMENTS):
        at = walk.step(at)
        if at < 0:
            return walk.facts()
    raise ImageUnreadable(f"The JPEG has more than {MAX_SEGMENTS} segments: save it as a plain JPEG.")


class _Walk:
    def __init__(self, data: bytes) -> None:
        self._data = data
        self._components: dict[int, int] = {}  # samples of each
        self._progressive = False
        self._scans = self._work = 0
        self._exif: list[bytes] = []
        self._xmp: bytes | None = None
        self._kept: list[bytes] = [data[:2]]

    def step(self, at: int) -> int:
        """Returns where the next marker is, or -1 behind the last."""
        found = _MARKER.search(self._data, at)
        if found is None:
            raise ImageUnreadable("The JPEG is cut off: it ends before its last marker.")
        at, marker = found.start(), self._data[found.start() + 1]
        if marker == _END:
            self._kept.append(self._data[at : at + 2])
            return -1
        if marker in (_START, 0x01):
            return at + 2
        length = int.from_bytes(self._data[at + 2 : at + 4])
        end = at + 2 + length
        if length < 2 or end > len(self._data):
            raise ImageUnreadable("The JPEG is cut off in a segment.")
        body = self._data[at + 4 : end]
        if marker in _FRAMES:
            self._frame(marker, body)
        if marker == _SCAN:
            end = self._scan(body, end)
        if not self._is_metadata(marker, body):
            self._kept.append(self._data[at:end])
        return end

    def facts(self) -> JpegFacts:
        return JpegFacts(
            samples=sum(self._components.values()),
            work=self._work,
            buffered=self._progressive or self._scans > 1,
            exif=b"".join(self._exif) or None,
            xmp=self._xmp,
            shown=b"".join(self._kept),
        )

    def _frame(self, marker: int, body: bytes) -> None:
        """Reads the frame's size, and how each component is sampled (B.2.2)."""
        height, width, count = struct.unpack_from(">HHB", body, 1)
        factors = {body[6 + 3 * n]: (body[7 + 3 * n] >> 4, body[7 + 3 * n] & 15) for n in range(count)}
        across = max((h for h, _ in factors.values()), default=1) or 1
        down = max((v for _, v in factors.values()), default=1) or 1
        self._components = {
            each: -(-width * h // across) * -(-height * v // down) for each, (h, v) in factors.items()
        }
        self._progressive |= marker in (0xC2, 0xC6, 0xCA, 0xCE)

    def _scan(self, body: bytes, end: int) -> int:
        """Returns where the scan's entropy-coded bytes end."""
        self._scans += 1
        if self._scans > MAX_SCANS:
            raise ImageUnreadable(f"The JPEG has more than {MAX_SCANS} scans: save it as a plain JPEG.")
        self._work += sum(self._components.get(each, 0) for each in body[1 : 1 + 2 * body[0] : 2])
        found = _MARKER.search(self._data, end)
        return len(self._data) if found is None else found.start()

    def _is_metadata(self, marker: int, body: bytes) -> bool:
        if marker == _APP1 and body.startswith(_EXIF):
            self._exif.append(body[len(_EXIF) :])
        if marker == _APP1 and body.startswith(_XMP):
            self._xmp = self._xmp or body
        return marker in (_APP1, _APP13, _COMMENT) or (marker == _APP2 and not body.startswith(_ICC))
