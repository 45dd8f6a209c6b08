"""The decoder: from a picture's bytes to float sRGB, upright, on white and in the file's precision.

A picture is converted in bands of rows. If it is to be shrunk, each band is shrunk too, so that the floats
never exist at the file's full size.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

import cv2
import numpy as np

from functions.contract.errors import MaskMismatch
from functions.contract.pictures import MAX_PIXELS, PictureSource, damage_typed, open_source
from functions.contract.pictures.memory_budget import MemoryBudget
from worker.pictures.pixel_levels import Floats
from worker.pictures.row_reader import PictureRows, read_rows

_BAND = 1 << 20  # pixels
_WAIT = 600.0  # seconds that a picture waits for free memory


@dataclass(frozen=True, eq=False)
class DecodedPicture:
    """A decoded picture.

    ``rgb`` is sRGB, float32 (height, width, 3) in 0–1, with transparent areas on white. ``alpha`` is float32
    (height, width) in 0–1, or None if every pixel is opaque. ``source_size`` is the upright file's (width,
    height), which is larger if the picture was shrunk.
    """

    rgb: Floats
    alpha: Floats | None
    source_bit_depth: int
    source_size: tuple[int, int]

    @property
    def width(self) -> int:
        return self.rgb.shape[1]

    @property
    def height(self) -> int:
        return self.rgb.shape[0]


def decode_picture(
    data: bytes,
    *,
    max_pixels: int = MAX_PIXELS,
    most: int | None = None,
    memory: MemoryBudget | None = None,
) -> DecodedPicture:
    """Decodes a picture as its author sees it: upright and in sRGB; of an animation the first frame.

    Pictures with 16 bits per channel and HEIC with 10 keep them; AVIF with 10 or 12 bits is read as 8.

    Args:
        most: pixels; a larger picture is shrunk to them by averaging, in its proportions.
        memory: the budget that reserves the memory for decoding.

    Raises:
        ImageUnreadable, ImageTooLarge, UnsupportedSize: as ``inspect_picture`` does.
        MemoryBusy: the memory was not free within minutes.
    """
    source = open_source(data, max_pixels=max_pixels)
    size = _shrunk_size(source.size, most)
    if size != source.size and source.format == "jpeg":
        source.draft(size)
    if memory is None:
        return _decode_source(source, size, max_pixels)
    with memory.hold(source.decoding_bytes, seconds=_WAIT):
        return _decode_source(source, size, max_pixels)


def decode_mask(
    data: bytes,
    size: tuple[int, int],
    *,
    holes: bool = False,
    most: int | None = None,
    memory: MemoryBudget | None = None,
) -> Floats:
    """Decodes a mask to float32 (height, width) in 0–1, where 1 means "change this".

    A picture with any transparency gives its alpha channel (opaque: change), another one its brightness
    (white: change). With ``holes`` the alpha is inverted (transparent: change), as in OpenAI's image edits.

    Args:
        data: the mask's bytes, in any format that ``decode_picture`` takes.
        size: the picture's (width, height) in its file.
        most: pixels; a larger mask is shrunk to them, as ``decode_picture`` does.

    Raises:
        MaskMismatch: the upright mask does not have ``size``.
        ImageUnreadable, ImageTooLarge, UnsupportedSize: as ``decode_picture`` does.
    """
    mask = decode_picture(data, most=most, memory=memory)
    if mask.source_size != size:
        width, height = mask.source_size
        raise MaskMismatch(
            f"The mask is {width}×{height} pixels and the image {size[0]}×{size[1]}: "
            "send a mask of the image's size."
        )
    if mask.alpha is not None:
        return 1 - mask.alpha if holes else mask.alpha
    return cv2.cvtColor(mask.rgb, cv2.COLOR_RGB2GRAY).astype(np.float32).clip(0, 1)


def apply_exif_orientation(pixels: Floats, orientation: int) -> Floats:
    """Turns an array (H, W[, C]) upright by its EXIF orientation (CIPA DC-008, tag 0x0112)."""
    if orientation >= 5:
        pixels = pixels.swapaxes(0, 1)
    # After the transposition 5 is upright, 6 needs mirrored columns, 7 both, 8 mirrored rows.
    if orientation in (2, 3, 6, 7):
        pixels = pixels[:, ::-1]
    if orientation in (3, 4, 7, 8):
        pixels = pixels[::-1]
    return np.ascontiguousarray(pixels)


def _shrunk_size(size: tuple[int, int], most: int | None) -> tuple[int, int]:
    """Returns the size, or the largest of the same shape with at most ``most`` pixels."""
    width, height = size
    if most is None or width * height <= most:
        return size
    scale = sqrt(most / (width * height))
    return max(1, int(width * scale)), max(1, int(height * scale))


def _decode_source(source: PictureSource, size: tuple[int, int], max_pixels: int) -> DecodedPicture:
    with damage_typed():
        rows = read_rows(source, max_pixels)
        size = size if size[0] < rows.width or size[1] < rows.height else (rows.width, rows.height)
        rgb, alpha = _convert_bands(rows, size)
    width, height = source.size
    own = (height, width) if source.turn >= 5 else (width, height)
    if alpha is not None and bool((alpha == 1).all()):
        alpha = None
    turned = None if alpha is None else apply_exif_orientation(alpha, source.turn)
    return DecodedPicture(apply_exif_orientation(rgb, source.turn), turned, rows.bit_depth, own)


def _convert_bands(rows: PictureRows, size: tuple[int, int]) -> tuple[Floats, Floats | None]:
    """Returns the floats at ``size``: resizes each band to its width, and the whole to its height."""
    width, height = size
    rgb = np.empty((rows.height, width, 3), np.float32)
    alpha = np.empty((rows.height, width), np.float32) if rows.has_alpha else None
    step = max(1, _BAND // rows.width)
    for top in range(0, rows.height, step):
        bottom = min(top + step, rows.height)
        band, through = rows.read(top, bottom)
        if through is not None:
            band = band * through[..., None] + (1 - through[..., None])
        rgb[top:bottom] = _resize_width(band, width)
        if alpha is not None:
            alpha[top:bottom] = 1 if through is None else _resize_width(through, width)
    return _resize_height(rgb, height), None if alpha is None else _resize_height(alpha, height)


def _resize_width(band: Floats, width: int) -> Floats:
    if band.shape[1] == width:
        return band
    return cv2.resize(band, (width, band.shape[0]), interpolation=cv2.INTER_AREA).astype(np.float32)


def _resize_height(pixels: Floats, height: int) -> Floats:
    if pixels.shape[0] == height:
        return pixels
    small = cv2.resize(pixels, (pixels.shape[1], height), interpolation=cv2.INTER_AREA)
    return np.clip(small, 0, 1).astype(np.float32)
