"""A picture as Plantain delivers it, and the changes that sharing makes."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache
from io import BytesIO
from pathlib import Path

import numpy as np
import skimage
from PIL import Image

from functions.contract.formats import CONTENT_TYPES
from functions.contract.manifest import WatermarkFacts
from functions.contract.pictures import PNG_SIGNATURE, png_chunks
from worker.credentials.claims import define_claims
from worker.credentials.digital_source_types import GENERATED
from worker.credentials.sealer import Sealer
from worker.credentials.xmp_packet import build_xmp_packet
from worker.pictures.encode import encode_picture
from worker.pictures.pixel_levels import levels_to_floats
from worker.pictures.png_writer import png_chunk
from worker.watermark import Watermarker

PAYLOAD = 0x0123_4567_89AB_CDEF
AT = datetime(2026, 11, 1, 12, tzinfo=UTC)
FORMATS = ("png", "jpeg", "webp", "avif")


def photograph(name: str = "chelsea.png") -> np.ndarray:
    """Returns float32 (512, 512, 3) in 0–1."""
    image = Image.open(Path(skimage.__file__).parent / "data" / name).convert("RGB")
    side = min(image.size)
    return levels_to_floats(np.asarray(image.crop((0, 0, side, side)).resize((512, 512))))


def delivered_file(
    marker: Watermarker, sealer: Sealer | None, format: str = "png", bit_depth: int = 8
) -> bytes:
    """Returns a file that is marked, encoded and signed as by the stages."""
    file = encode_picture(_marked_photograph(marker), format, bit_depth, xmp=build_xmp_packet(GENERATED))
    if sealer is None:
        return file
    mark = WatermarkFacts(
        scheme=marker.scheme,
        payload=f"{PAYLOAD:016x}",
        key_version=marker.version,
        score=1.0,
        survives=("none",),
    )
    said = define_claims(
        task="generate",
        content_type=CONTENT_TYPES[format],
        at=AT,
        model="starter",
        revision=None,
        ingredients=0,
        visible_mark=False,
        watermark=mark,
    )
    return sealer.seal(file, CONTENT_TYPES[format], said)[0]


@cache
def _marked_photograph(marker: Watermarker) -> np.ndarray:
    """Returns the marked pixels, which all files of a marker share and only read."""
    marked = marker.embed(photograph(), PAYLOAD)
    marked.flags.writeable = False
    return marked


def take_screenshot(data: bytes, format: str = "JPEG") -> bytes:
    """Resizes the picture and saves it with another program."""
    image = Image.open(BytesIO(data)).convert("RGB").resize((461, 461), Image.Resampling.BICUBIC)
    file = BytesIO()
    image.save(file, format, quality=80)
    return file.getvalue()


def save_again(data: bytes, format: str) -> bytes:
    file = BytesIO()
    Image.open(BytesIO(data)).convert("RGB").save(file, format, quality=95)
    return file.getvalue()


def remove_credentials(data: bytes) -> bytes:
    """Removes only the credentials from a PNG or JPEG."""
    return _remove_from_png(data) if data.startswith(PNG_SIGNATURE) else _remove_from_jpeg(data)


def _remove_from_png(data: bytes) -> bytes:
    kept = (png_chunk(*each) for each in _split_chunks(data) if each[0] != b"caBX")
    return b"".join([PNG_SIGNATURE, *kept])


def _remove_from_jpeg(data: bytes) -> bytes:
    """Removes the APP11 segments."""
    kept, at = bytearray(data[:2]), 2
    while data[at + 1] != 0xDA:
        length = 2 + int.from_bytes(data[at + 2 : at + 4])
        if data[at + 1] != 0xEB:
            kept += data[at : at + length]
        at += length
    return bytes(kept + data[at:])


def change_byte(data: bytes, at: int) -> bytes:
    """Flips one bit."""
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]


def change_pixel(png: bytes) -> bytes:
    """Changes one pixel and corrects the checksums."""
    levels = np.asarray(Image.open(BytesIO(png)).convert("RGB")).copy()
    levels[100, 100] ^= 1
    pixels = [
        each for each in _split_chunks(encode_picture(levels_to_floats(levels), "png")) if each[0] == b"IDAT"
    ]
    own = _split_chunks(png)
    at = next(n for n, (name, _) in enumerate(own) if name == b"IDAT")
    others = [each for each in own if each[0] != b"IDAT"]
    return b"".join([PNG_SIGNATURE, *(png_chunk(*each) for each in (*others[:at], *pixels, *others[at:]))])


def _split_chunks(png: bytes) -> list[tuple[bytes, bytes]]:
    return [(name, bytes(body)) for name, body, _ in png_chunks(png)]
