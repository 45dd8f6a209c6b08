"""A picture in an answer stays below the limit of the clients."""

from __future__ import annotations

import io
import random

import pytest
from PIL import Image

from local.mcp.previews import INLINE_BYTES, PREVIEW_SIDE, make_preview


def _encoded(picture: Image.Image, kind: str) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, kind)
    return buffer.getvalue()


def test_a_small_picture_stays_as_it_is() -> None:
    data = _encoded(Image.new("RGB", (64, 64), "teal"), "PNG")
    assert make_preview(data, "image/png") == (data, "image/png")


@pytest.mark.parametrize("size", [(1500, 1200), (1200, 300)])
def test_a_large_picture_becomes_a_small_jpeg(size: tuple[int, int]) -> None:
    noise = Image.frombytes("RGB", size, random.Random(1).randbytes(size[0] * size[1] * 3))
    data = _encoded(noise, "PNG")
    assert len(data) > INLINE_BYTES
    preview, content_type = make_preview(data, "image/png")
    assert content_type == "image/jpeg" and len(preview) <= INLINE_BYTES
    with Image.open(io.BytesIO(preview)) as picture:
        assert max(picture.size) <= PREVIEW_SIDE


def test_a_format_that_clients_do_not_show_becomes_a_jpeg() -> None:
    data = _encoded(Image.new("RGB", (64, 64), "teal"), "AVIF")
    assert make_preview(data, "image/avif")[1] == "image/jpeg"
