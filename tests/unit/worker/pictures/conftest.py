"""Pictures as cameras, browsers and attackers write them."""

from __future__ import annotations

import struct
from collections.abc import Callable
from io import BytesIO
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image

Save = Callable[..., bytes]


@pytest.fixture(scope="session")
def levels() -> npt.NDArray[np.uint8]:
    """Returns a picture that differs in every place and orientation, smooth enough for lossy formats."""
    rows, columns = np.mgrid[0:32, 0:48]
    return np.stack([rows * 8, columns * 5, (rows + columns) * 3], axis=-1).clip(0, 255).astype(np.uint8)


@pytest.fixture(scope="session")
def image(levels: npt.NDArray[np.uint8]) -> Image.Image:
    return Image.fromarray(levels)


@pytest.fixture(scope="session")
def save() -> Save:
    """save(image, format, **options) → bytes"""

    def saved(image: Image.Image, format: str, **options: Any) -> bytes:
        out = BytesIO()
        image.save(out, format, **options)
        return out.getvalue()

    return saved


@pytest.fixture(scope="session")
def tiff16() -> Callable[..., bytes]:
    """tiff16(levels, photometric=…, orientation=…, extra=…) → bytes; no library at hand writes these."""
    return write_tiff16


def write_tiff16(
    levels: npt.NDArray[np.uint16], *, photometric: int = 2, orientation: int = 1, extra: int | None = None
) -> bytes:
    height, width, channels = levels.shape
    pixels = levels.astype("<u2").tobytes()
    entries = 10 + (extra is not None)
    bits_at = 8 + 2 + 12 * entries + 4
    shorts = {256: width, 257: height, 259: 1, 262: photometric, 274: orientation, 277: channels, 278: height}
    tags = {tag: struct.pack("<HHIHH", tag, 3, 1, value, 0) for tag, value in shorts.items()}
    bits = struct.pack("<HH", 16, 0) if channels == 1 else struct.pack("<I", bits_at)
    tags[258] = struct.pack("<HHI", 258, 3, channels) + bits
    tags[273] = struct.pack("<HHII", 273, 4, 1, bits_at + 2 * channels)
    tags[279] = struct.pack("<HHII", 279, 4, 1, len(pixels))
    if extra is not None:
        tags[338] = struct.pack("<HHIHH", 338, 3, 1, extra, 0)
    directory = b"".join(tags[tag] for tag in sorted(tags))
    head = b"II*\0" + struct.pack("<IH", 8, entries) + directory + bytes(4)
    return head + struct.pack(f"<{channels}H", *[16] * channels) + pixels
