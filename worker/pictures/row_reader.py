"""The rows of a decoded picture as sRGB floats, a band at a time, whatever decoded it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from functions.contract.pictures import PictureSource, check_mode, facts_of
from functions.contract.pictures.limits import check_size
from worker.pictures.coded_colour import from_coded
from worker.pictures.high_bit_depth import deep_pixels, heic_pixels
from worker.pictures.icc_profile import cmyk_to_rgb, from_profile, lab_to_rgb
from worker.pictures.pixel_levels import Floats, Levels, plain

_GREY = frozenset({"1", "L", "LA", "La"})
Convert = Callable[[Levels], Floats]


@dataclass(frozen=True)
class Rows:
    """``read(top, bottom)`` gives RGB (rows, width, 3), and alpha (rows, width) or None; both in 0–1."""

    width: int
    height: int
    bit_depth: int
    has_alpha: bool
    read: Callable[[int, int], tuple[Floats, Floats | None]]


def read_rows(source: PictureSource, max_pixels: int) -> Rows:
    """Decodes the picture. Raises ImageUnreadable, and whatever a decoder raises at damage."""
    if source.format == "heic":
        facts = facts_of(source)
        levels, alpha = heic_pixels(source.image)
        return _of_levels(source, levels, alpha, facts.bit_depth)
    source.image.load()
    # A frame may be larger than what was announced.
    check_size(source.image.width, source.image.height, max_pixels)
    check_mode(source)
    facts = facts_of(source)
    if facts.bit_depth == 16 and source.image.mode not in ("CMYK", "LAB"):
        levels, alpha = deep_pixels(source, facts)
        return _of_levels(source, levels, alpha, 16)
    return _of_pillow(source, source.image, has_alpha=facts.has_alpha)


def _of_levels(source: PictureSource, levels: Levels, alpha: Floats | None, bit_depth: int) -> Rows:
    """Of an array (H, W) or (H, W, 3)."""
    convert = _conversion(source, levels.dtype, is_grey=levels.ndim == 2)

    def read(top: int, bottom: int) -> tuple[Floats, Floats | None]:
        band = levels[top:bottom]
        if band.ndim == 2:
            band = np.repeat(band[..., None], 3, axis=2)
        return convert(band), None if alpha is None else alpha[top:bottom]

    return Rows(levels.shape[1], levels.shape[0], bit_depth, alpha is not None, read)


def _of_pillow(source: PictureSource, image: Any, *, has_alpha: bool) -> Rows:
    """Of 8 bits a channel. CMYK and LAB come out of their own conversion as sRGB."""
    if image.mode in ("CMYK", "LAB"):
        separated = cmyk_to_rgb(source.icc) if image.mode == "CMYK" else lab_to_rgb()

        def convert_other(top: int, bottom: int) -> tuple[Floats, None]:
            return plain(np.asarray(separated(image.crop((0, top, image.width, bottom))))), None

        return Rows(image.width, image.height, 8, False, convert_other)
    convert = _conversion(source, np.dtype(np.uint8), is_grey=image.mode in _GREY)

    def read(top: int, bottom: int) -> tuple[Floats, Floats | None]:
        band = image.crop((0, top, image.width, bottom))
        if not has_alpha:
            return convert(np.asarray(band.convert("RGB"))), None
        rgba: Levels = np.asarray(band.convert("RGBA"))
        return convert(rgba[..., :3]), plain(rgba[..., 3])

    return Rows(image.width, image.height, 8, has_alpha, read)


def _conversion(source: PictureSource, kind: Any, *, is_grey: bool) -> Convert:
    if source.icc:
        return from_profile(source.icc, kind, is_grey=is_grey)
    return from_coded(source.colour) or plain
