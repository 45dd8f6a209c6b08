"""Previews of pictures of every kind that is taken."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import cv2
import numpy as np
import pillow_heif
import pytest
from PIL import Image

from functions.contract.errors import ImageUnreadable
from functions.contract.pictures.memory_budget import MemoryBudget
from functions.intake.picture_preview import make_preview

RED, SIZE = (200, 10, 10), (300, 200)


def encoded(mode: str, format: str) -> bytes:
    target = BytesIO()
    Image.new("RGB", SIZE, RED).convert(mode).save(target, format)
    return target.getvalue()


def heic(mode: str, bits: int) -> bytes:
    target = BytesIO()
    pixels = np.full((*SIZE[::-1], 3), RED, np.uint8 if bits == 8 else np.uint16)
    pixels = pixels if bits == 8 else pixels * np.uint16(257)
    pillow_heif.from_bytes(mode=mode, size=SIZE, data=pixels.tobytes()).save(target, quality=100)
    return target.getvalue()


def deep_png(shape: tuple[int, ...], level: int) -> bytes:
    _, data = cv2.imencode(".png", np.full(shape, level, np.uint16))
    return data.tobytes()


def previewed(data: bytes) -> tuple[Any, tuple[int, int]]:
    with Image.open(BytesIO(make_preview(data, 90, MemoryBudget(1 << 28)))) as opened:
        return opened.convert("RGB").getpixel((45, 30)), opened.size


@pytest.mark.parametrize(
    "data",
    [
        *(encoded("RGB", format) for format in ("PNG", "JPEG", "WEBP", "AVIF", "GIF", "TIFF", "BMP")),
        *(encoded("P", "PNG"), encoded("RGBA", "PNG"), encoded("CMYK", "JPEG"), encoded("CMYK", "TIFF")),
        *(heic("RGB", 8), heic("RGB;16", 16)),
    ],
)
def test_each_kind_keeps_its_colour_and_shape(data: bytes) -> None:
    colour, size = previewed(data)
    assert size == (90, 60)
    assert colour == pytest.approx(RED, abs=6)


def test_grey_of_sixteen_bits_is_not_clipped() -> None:
    assert previewed(deep_png((200, 300), 0x8000))[0] == pytest.approx((128, 128, 128), abs=2)
    assert previewed(deep_png((200, 300, 3), 0x8000))[0] == pytest.approx((128, 128, 128), abs=2)


def test_a_turned_jpeg_is_upright() -> None:
    target, exif = BytesIO(), Image.Exif()
    exif[274] = 6
    Image.new("RGB", SIZE, RED).save(target, "JPEG", exif=exif)
    with Image.open(BytesIO(make_preview(target.getvalue(), 90, MemoryBudget(1 << 28)))) as opened:
        assert opened.size == (60, 90)


def test_the_memory_is_given_back(monkeypatch: pytest.MonkeyPatch) -> None:
    memory = MemoryBudget(1 << 28)
    whole = encoded("RGB", "PNG")
    make_preview(whole, 90, memory)
    with pytest.raises(ImageUnreadable):
        make_preview(whole[:-40], 90, memory)
    with memory.hold(memory.total, seconds=0):
        pass


def test_what_is_no_picture_is_refused() -> None:
    with pytest.raises(ImageUnreadable):
        make_preview(b"<svg onload=alert(1)>", 90, MemoryBudget(1 << 28))
