"""Handwriting: whether a file is written the way Plantain writes that format.

Whoever takes the credentials out of a file leaves its compressed pixels as they were; whoever takes a
screenshot, or opens and saves it, has them written anew by another encoder. It is evidence and no proof, and
only looked at where there is no signature left to prove more.
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
_LOOKED_AT = 1 << 20  # bytes of filtered rows: some hundred of them
_CHANNELS = 3


def identify_encoder(data: bytes) -> FileEncoder:
    """Who wrote the file.

    ``ours``; another encoder that loses nothing (``other``), or one that does (``lossy``); ``unknown`` for
    formats whose encoders leave nothing to tell them by, WebP and AVIF.
    """
    if data.startswith(PNG_SIGNATURE):
        return "ours" if _is_our_png(data) else "other"
    if data.startswith(_JPEG):
        return "ours" if _is_our_jpeg(data) else "lossy"
    return "unknown"


def _is_our_png(data: bytes) -> bool:
    """Truecolour, level 1, and the Up filter in every row: others choose a filter for each."""
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
    """The filter of each of the first rows, which are ``row`` bytes long with it."""
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
    """What a JPEG was quantized with, and at which resolution it keeps its colours."""
    with Image.open(BytesIO(data), formats=("JPEG",)) as image:
        return (image.quantization, get_sampling(image)) if isinstance(image, JpegImageFile) else None
