"""Pictures of 16 bits a channel, by OpenCV: Pillow reads such RGB as 8 bits, and says nothing."""

from __future__ import annotations

import cv2
import numpy as np
from PIL.Image import Image

from functions.contract.errors import ImageUnreadable
from functions.contract.pictures import PNG_SIGNATURE, PictureFacts, png_chunks

from .levels import Floats, Levels, plain

# What a still PNG is made of. Only this is shown to OpenCV: animation and metadata are not its business.
STILL = frozenset({b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND"})
# TIFF tags (TIFF 6.0, sections 8 and 18) that OpenCV does not look at, and their values.
PHOTOMETRIC, WHITE_IS_ZERO = 262, 0
EXTRA_SAMPLES, PREMULTIPLIED = 338, 1


def is_deep(facts: PictureFacts, image: Image) -> bool:
    """Whether the file has 16 bits a channel that can be kept."""
    return facts.bit_depth == 16 and facts.format in ("png", "tiff") and image.mode not in ("CMYK", "LAB")


def deep_levels(data: bytes, facts: PictureFacts, image: Image) -> tuple[Levels, Floats | None]:
    """16-bit RGB levels (H, W, 3), and the alpha (H, W) in 0–1 where there is one."""
    found = _decoded(data)
    tags = getattr(image, "tag_v2", {})
    if found.ndim == 2:
        grey = 65535 - found if tags.get(PHOTOMETRIC) == WHITE_IS_ZERO else found
        return np.repeat(grey[..., None], 3, axis=2), None
    levels = found[..., 2::-1]
    if found.shape[2] < 4 or not facts.has_alpha:
        return levels, None
    alpha = plain(found[..., 3])
    if PREMULTIPLIED in tags.get(EXTRA_SAMPLES, ()):
        levels = _divided(levels, alpha)
    return levels, alpha


def _decoded(data: bytes) -> Levels:
    try:
        found = cv2.imdecode(np.frombuffer(_still(data), np.uint8), cv2.IMREAD_UNCHANGED)
    except cv2.error:
        found = None
    if found is None or found.dtype != np.uint16:
        raise ImageUnreadable("The image's 16-bit pixels cannot be decoded: save it as a PNG.")
    return found.astype(np.uint16, copy=False)


def _divided(levels: Levels, alpha: Floats) -> Levels:
    straight = levels / np.maximum(alpha, 1 / 65535)[..., None]
    return np.rint(np.minimum(straight, 65535)).astype(np.uint16)


def _still(data: bytes) -> bytes:
    """A PNG reduced to its one still picture; anything else as it is."""
    if not data.startswith(PNG_SIGNATURE):
        return data
    kept = [PNG_SIGNATURE]
    for name, body, checksum in png_chunks(data):
        if name in STILL:
            kept += [len(body).to_bytes(4), name, body, checksum.to_bytes(4)]
    return b"".join(kept)
