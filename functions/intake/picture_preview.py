"""A small JPEG of a picture, for pages that show many of them."""

from __future__ import annotations

from io import BytesIO
from typing import Any

from ..contract.pictures import damage_typed, open_source
from ..contract.pictures.memory_budget import MemoryBudget

LARGEST = 2_048  # pixels of the longer side
_QUALITY = 84
_WAIT_SECONDS = 20.0  # for free memory
_WHITE = (255, 255, 255)


def _high_byte(level: Any) -> Any:
    return level * (1 / 256)


def make_preview(data: bytes, longest: int, memory: MemoryBudget) -> bytes:
    """Returns the picture as a JPEG whose longer side has at most ``longest`` pixels, upright and on white.

    Raises ImageUnreadable, ImageTooLarge and MemoryBusy.
    """
    source = open_source(data)
    scale = min(1.0, longest / max(source.size))
    if source.format == "jpeg":
        source.draft((int(source.size[0] * scale), int(source.size[1] * scale)))
    with memory.hold(source.decoding_bytes, seconds=_WAIT_SECONDS), damage_typed():
        picture = _open_heic(data) if source.format == "heic" else source.image
        return _write_jpeg(_turned(_on_white(picture, longest), source.turn))


def _open_heic(data: bytes) -> Any:
    """Returns a HEIC's primary picture with 8 bits a channel."""
    from pillow_heif import open_heif

    file: Any = open_heif(BytesIO(data))
    return file[file.primary_index].to_pillow()


def _on_white(picture: Any, longest: int) -> Any:
    """Returns the picture in RGB, shrunk. It is shrunk before it is converted, where its mode allows that."""
    from PIL import Image

    if picture.mode.startswith("I;16"):  # grey of 16 bits, which Pillow would clip
        picture = picture.point(_high_byte).convert("L")
    if picture.has_transparency_data:
        picture = picture.convert("RGBA")
    elif picture.mode not in ("RGB", "L"):
        picture = picture.convert("RGB")
    picture.thumbnail((longest, longest), Image.Resampling.LANCZOS, reducing_gap=2.0)
    if picture.mode != "RGBA":
        return picture.convert("RGB")
    ground = Image.new("RGB", picture.size, _WHITE)
    ground.paste(picture, mask=picture.getchannel("A"))
    return ground


def _turned(picture: Any, turn: int) -> Any:
    """Returns the picture as its author sees it, by the EXIF orientation ``turn``."""
    from PIL.Image import Transpose

    steps = {
        2: Transpose.FLIP_LEFT_RIGHT,
        3: Transpose.ROTATE_180,
        4: Transpose.FLIP_TOP_BOTTOM,
        5: Transpose.TRANSPOSE,
        6: Transpose.ROTATE_270,
        7: Transpose.TRANSVERSE,
        8: Transpose.ROTATE_90,
    }
    return picture.transpose(steps[turn]) if turn in steps else picture


def _write_jpeg(picture: Any) -> bytes:
    target = BytesIO()
    picture.save(target, "JPEG", quality=_QUALITY, optimize=True, progressive=True)
    return target.getvalue()
