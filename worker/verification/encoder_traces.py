"""Encoder traces: they show whether Plantain's encoder wrote a file.

The removal of credentials leaves the compressed pixels unchanged. A screenshot, or saving the picture again,
encodes them anew with another encoder. The traces are evidence and no proof. They count only if no signature
is left.
"""

from __future__ import annotations

import zlib
from functools import cache
from io import BytesIO
from typing import Literal

import numpy as np
from PIL import Image
from PIL.JpegImagePlugin import JpegImageFile, get_sampling

from functions.contract.errors import ImageUnreadable
from functions.contract.pictures import PNG_SIGNATURE, png_chunks
from worker.pictures.encode import encode_picture
from worker.pictures.png_writer import TRUECOLOUR, UP, ZLIB_HEADER

FileEncoder = Literal["ours", "lossy", "other", "unknown"]

_JPEG = b"\xff\xd8\xff"
_LOOKED_AT = 1 << 20  # bytes of filtered rows: some hundred rows
_CHANNELS = 3


def identify_encoder(data: bytes) -> FileEncoder:
    """Returns which encoder wrote the file.

    | result    | meaning                                             |
    |-----------|-----------------------------------------------------|
    | "ours"    | Plantain's encoder                                  |
    | "other"   | another lossless encoder                            |
    | "lossy"   | another lossy encoder                               |
    | "unknown" | a format without encoder traces, as WebP and AVIF   |
    """
    if data.startswith(PNG_SIGNATURE):
        return "ours" if _is_our_png(data) else "other"
    if data.startswith(_JPEG):
        return "ours" if _is_our_jpeg(data) else "lossy"
    return "unknown"


def _is_our_png(data: bytes) -> bool:
    """Returns True for truecolour at level 1 with the Up filter in every row; others choose one per row."""
    try:
        header, *deflated = (body for name, body, _ in png_chunks(data) if name in (b"IHDR", b"IDAT"))
    except ImageUnreadable:
        return False
    return _has_our_rows(bytes(header), b"".join(deflated))


def _has_our_rows(header: bytes, deflated: bytes) -> bool:
    if len(header) != 13 or header[9] != TRUECOLOUR or not deflated.startswith(ZLIB_HEADER):
        return False
    width, depth = int.from_bytes(header[:4]), header[8]
    return bool((_row_filters(deflated, 1 + width * _CHANNELS * depth // 8) == UP).all())


def _row_filters(deflated: bytes, row: int) -> np.ndarray:
    """Returns the filter bytes of the first rows; each row has ``row`` bytes with its filter."""
    try:
        rows = zlib.decompressobj().decompress(deflated, max(_LOOKED_AT, row))
    except zlib.error:
        return np.zeros(1, np.uint8)
    return np.frombuffer(rows, np.uint8)[::row]


def _is_our_jpeg(data: bytes) -> bool:
    return _jpeg_tables(data) == _our_tables()


@cache
def _our_tables() -> tuple[object, int] | None:
    return _jpeg_tables(encode_picture(np.zeros((16, 16, 3), np.float32), "jpeg"))


def _jpeg_tables(data: bytes) -> tuple[object, int] | None:
    """Returns a JPEG's quantization tables and chroma subsampling, or None if it is no JPEG."""
    with Image.open(BytesIO(data), formats=("JPEG",)) as image:
        return (image.quantization, get_sampling(image)) if isinstance(image, JpegImageFile) else None
