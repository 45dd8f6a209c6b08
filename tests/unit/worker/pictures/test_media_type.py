"""The first bytes of a file give its media type."""

from __future__ import annotations

import pytest

from worker.pictures.media_type import media_type


@pytest.mark.parametrize(
    ("start", "named"),
    [
        (b"\x89PNG\r\n\x1a\n", "image/png"),
        (b"\xff\xd8\xff\xe0", "image/jpeg"),
        (b"RIFF\x00\x00\x00\x00WEBP", "image/webp"),
        (b"\x00\x00\x00\x20ftypavif\x00\x00\x00\x00mif1", "image/avif"),
        (b"\x00\x00\x00\x20ftypmif1\x00\x00\x00\x00avif", "image/avif"),
        (b"\x00\x00\x00\x20ftypheic\x00\x00\x00\x00mif1heic", "image/heic"),
        (b"\x00\x00\x00\x20ftypmif1\x00\x00\x00\x00mif1heix", "image/heic"),
        (b"II*\x00", "image/tiff"),
        (b"MM\x00+", "image/tiff"),
        (b"BM", "image/bmp"),
        (b"GIF89a", "image/gif"),
        (b"\x00\x00\x00\x20ftypisom", "video/mp4"),
        (b"\x00\x00\x00\x20ftypqt  ", "application/octet-stream"),
        (b"", "application/octet-stream"),
    ],
)
def test_a_file_is_known_by_its_first_bytes(start: bytes, named: str) -> None:
    assert media_type(start + b"\x00" * 16) == named
