"""More than 8 bits per channel: PNG and TIFF by OpenCV, because Pillow reads RGB as 8 bits; and HEIC."""

from __future__ import annotations

import struct
from typing import Any

import cv2
import numpy as np

from functions.contract.errors import ImageUnreadable
from functions.contract.pictures import PictureFacts, PictureSource, png_chunks, still_png
from worker.pictures.pixel_levels import Floats, Levels, levels_to_floats

# The chunks that OpenCV gets. Not tRNS: OpenCV makes an alpha of it for RGB, and reads it wrongly for grey.
_SHOWN = frozenset({b"IHDR", b"IDAT", b"IEND"})
_GREY_TYPES = (0, 4)  # PNG's colour types
# TIFF tags (TIFF 6.0, sections 8 and 18) that OpenCV ignores, and their values.
PHOTOMETRIC, WHITE_IS_ZERO, RGB = 262, 0, 2
EXTRA_SAMPLES, PREMULTIPLIED = 338, 1


def read_deep_pixels(source: PictureSource, facts: PictureFacts) -> tuple[Levels, Floats | None]:
    """Reads 16-bit levels, (H, W) of grey or (H, W, 3) of RGB, and the alpha (H, W) in 0–1 or None."""
    return _read_deep_png(source.data) if source.format == "png" else _read_deep_tiff(source, facts)


def read_heic_pixels(image: Any) -> tuple[Levels, Floats | None]:
    """Reads the same from libheif's image, in 8 or 16 bits: 10 bits are scaled to 16, and white stays white.

    Raises ImageUnreadable for other pixel kinds.
    """
    image.load()
    mode, bits = image.mode.partition(";")[0], int(image.info["bit_depth"])
    found = np.asarray(image)
    if found.dtype == np.uint16:
        found = _spread_to_sixteen_bits(found, bits)
    if mode in ("L", "I"):
        return found.reshape(found.shape[:2]), None
    if mode in ("RGB", "LA", "RGBA", "RGBa"):
        colours = found.shape[2] - (mode != "RGB")
        levels = found[..., 0] if colours == 1 else found[..., :3]
        if mode == "RGB":
            return levels, None
        alpha = levels_to_floats(found[..., -1])
        return (_unpremultiply(levels, alpha) if mode == "RGBa" else levels), alpha
    raise ImageUnreadable(f"Pixels of kind {image.mode} are not taken: save the image with 8 or 16 bits.")


def _read_deep_png(data: bytes) -> tuple[Levels, Floats | None]:
    found = _decode_sixteen_bits(still_png(data, _SHOWN))
    is_grey = data[25] in _GREY_TYPES
    levels = found[..., 2::-1] if found.ndim == 3 else found
    if is_grey and found.ndim == 3:
        levels = found[..., 0]
    if found.ndim == 3 and found.shape[2] == 4:
        return levels, levels_to_floats(found[..., 3])
    key = next((bytes(body) for name, body, _ in png_chunks(data) if name == b"tRNS"), b"")
    if len(key) != (2 if is_grey else 6):
        return levels, None
    wanted = np.array(struct.unpack(f">{len(key) // 2}H", key), np.uint16)
    seen = levels != wanted[0] if is_grey else (levels != wanted).any(axis=2)
    return levels, seen.astype(np.float32)


def _read_deep_tiff(source: PictureSource, facts: PictureFacts) -> tuple[Levels, Floats | None]:
    tags: Any = getattr(source.image, "tag_v2", {})
    if tags.get(PHOTOMETRIC, RGB) > RGB:
        raise ImageUnreadable("The TIFF's 16-bit colours are of a kind that is not taken: save it as RGB.")
    found = _decode_sixteen_bits(source.data)
    if found.ndim == 2:
        return (65535 - found if tags.get(PHOTOMETRIC) == WHITE_IS_ZERO else found), None
    if found.shape[2] < 3:
        raise ImageUnreadable("The TIFF's 16-bit grey has further channels: save it as a PNG.")
    levels = found[..., 2::-1]
    if found.shape[2] < 4 or not facts.has_alpha:
        return levels, None
    alpha = levels_to_floats(found[..., 3])
    return (_unpremultiply(levels, alpha) if PREMULTIPLIED in tags.get(EXTRA_SAMPLES, ()) else levels), alpha


def _decode_sixteen_bits(data: bytes) -> Levels:
    try:
        found = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    except cv2.error:
        found = None
    if found is None or found.dtype != np.uint16:
        raise ImageUnreadable("The image's 16-bit pixels cannot be decoded: save it as a PNG.")
    return found.astype(np.uint16, copy=False)


def _unpremultiply(levels: Levels, alpha: Floats) -> Levels:
    """Converts premultiplied colours to straight ones."""
    top = np.iinfo(levels.dtype).max
    through = alpha if levels.ndim == 2 else alpha[..., None]
    straight = levels / np.maximum(through, 1 / top)
    return np.rint(np.minimum(straight, top)).astype(levels.dtype)


def _spread_to_sixteen_bits(levels: Levels, bits: int) -> Levels:
    table = np.rint(np.arange(1 << bits) * (65535 / ((1 << bits) - 1))).astype(np.uint16)
    return table[np.minimum(levels, (1 << bits) - 1)]
