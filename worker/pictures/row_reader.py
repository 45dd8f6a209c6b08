"""The row reader: it gives a decoded picture's rows as sRGB floats, one band at a time, for all decoders."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from functions.contract.pictures import PictureSource, check_mode, facts_of
from functions.contract.pictures.limits import check_size
from worker.pictures.coded_colour import coded_conversion
from worker.pictures.high_bit_depth import read_deep_pixels, read_heic_pixels
from worker.pictures.icc_profile import cmyk_conversion, lab_conversion, profile_conversion
from worker.pictures.pixel_levels import Floats, Levels, levels_to_floats

_GREY = frozenset({"1", "L", "LA", "La"})
Convert = Callable[[Levels], Floats]


@dataclass(frozen=True)
class PictureRows:
    """A picture's rows: ``read(top, bottom)`` returns RGB (n, width, 3) and alpha (n, width) or None."""

    width: int
    height: int
    bit_depth: int
    has_alpha: bool
    read: Callable[[int, int], tuple[Floats, Floats | None]]


def read_rows(source: PictureSource, max_pixels: int) -> PictureRows:
    """Decodes the picture. Raises ImageUnreadable, and the decoders' own errors for damaged files."""
    if source.format == "heic":
        facts = facts_of(source)
        levels, alpha = read_heic_pixels(source.image)
        return _rows_of_levels(source, levels, alpha, facts.bit_depth)
    source.image.load()
    # A frame may be larger than the file's header says.
    check_size(source.image.width, source.image.height, max_pixels)
    check_mode(source)
    facts = facts_of(source)
    if facts.bit_depth == 16 and source.image.mode not in ("CMYK", "LAB"):
        levels, alpha = read_deep_pixels(source, facts)
        return _rows_of_levels(source, levels, alpha, 16)
    return _rows_of_pillow(source, source.image, has_alpha=facts.has_alpha)


def _rows_of_levels(
    source: PictureSource, levels: Levels, alpha: Floats | None, bit_depth: int
) -> PictureRows:
    """Returns the rows of an array (H, W) or (H, W, 3)."""
    convert = _conversion_to_srgb(source, levels.dtype, is_grey=levels.ndim == 2)

    def read(top: int, bottom: int) -> tuple[Floats, Floats | None]:
        band = levels[top:bottom]
        if band.ndim == 2:
            band = np.repeat(band[..., None], 3, axis=2)
        return convert(band), None if alpha is None else alpha[top:bottom]

    return PictureRows(levels.shape[1], levels.shape[0], bit_depth, alpha is not None, read)


def _rows_of_pillow(source: PictureSource, image: Any, *, has_alpha: bool) -> PictureRows:
    """Returns the rows of a Pillow image with 8 bits per channel; CMYK and LAB have their own conversion."""
    if image.mode in ("CMYK", "LAB"):
        separated = cmyk_conversion(source.icc) if image.mode == "CMYK" else lab_conversion()

        def convert_other(top: int, bottom: int) -> tuple[Floats, None]:
            return levels_to_floats(np.asarray(separated(image.crop((0, top, image.width, bottom))))), None

        return PictureRows(image.width, image.height, 8, False, convert_other)
    convert = _conversion_to_srgb(source, np.dtype(np.uint8), is_grey=image.mode in _GREY)

    def read(top: int, bottom: int) -> tuple[Floats, Floats | None]:
        band = image.crop((0, top, image.width, bottom))
        if not has_alpha:
            return convert(np.asarray(band.convert("RGB"))), None
        rgba: Levels = np.asarray(band.convert("RGBA"))
        return convert(rgba[..., :3]), levels_to_floats(rgba[..., 3])

    return PictureRows(image.width, image.height, 8, has_alpha, read)


def _conversion_to_srgb(source: PictureSource, kind: Any, *, is_grey: bool) -> Convert:
    if source.icc:
        return profile_conversion(source.icc, kind, is_grey=is_grey)
    return coded_conversion(source.colour) or levels_to_floats
