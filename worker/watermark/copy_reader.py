"""The reader of a marked picture's copies: it reads several together, as the detector reads each of them.

What the copies share is computed once: all have the picture's luma, in which the mark is, and the pieces are
pieces of the whole picture's canonical view.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property

import cv2
import numpy as np

from worker.pictures.pixel_levels import Levels, levels_to_floats, quantize
from worker.watermark.canonical_view import (
    SHORT_SIDE,
    Luma,
    Pixels,
    Spectrum,
    compute_residual,
    normalize_spectrum,
    resize_pixels,
    tile_waves,
)
from worker.watermark.carriers import Carriers, Floats
from worker.watermark.detector import Reading, decode_each, move_to_offset, read_at_proposed
from worker.watermark.read_back import PIECES, copy_levels, piece_slices
from worker.watermark.tile_synchronization import likeliest_offset, likely_offsets, loudest_offsets


class LumaCopyReader:
    """Reads the usual mark from the copies of one picture, sRGB (H, W, 3) in 0–1."""

    def __init__(self, rgb: Pixels, carriers: Carriers) -> None:
        self._luma = np.asarray(cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY), np.float32)
        self._carriers = carriers

    def read(self, names: Sequence[str]) -> list[Reading | None]:
        """Returns the payload and score that are read from each copy or piece, or None."""
        spectra = [self._spectrum(name) for name in names]
        begun = [self._move_to_likeliest(name, seen) for name, seen in zip(names, spectra, strict=True)]
        readings = decode_each([[seen] for seen in begun], self._carriers)
        return [
            reading or read_at_proposed(seen, self._carriers, _other_offsets(name))
            for name, seen, reading in zip(names, spectra, readings, strict=True)
        ]

    def _move_to_likeliest(self, name: str, seen: Spectrum) -> Spectrum:
        """Returns a piece's spectrum at its likeliest offset; the tile of others begins at the corner."""
        if name not in PIECES:
            return seen
        loudest = loudest_offsets(seen, self._carriers, 1)
        return move_to_offset(seen, self._carriers, loudest[0][1]) if loudest else seen

    def _spectrum(self, name: str) -> Spectrum:
        if name in PIECES:
            height, width = self._residual.shape
            residual = self._residual[piece_slices(height, width, name)]
        elif name == "none":
            residual = self._residual
        else:
            copy = copy_levels(self._levels, name)
            residual = compute_residual(_to_view(levels_to_floats(copy)))
        return normalize_spectrum(tile_waves(residual), self._carriers)

    @cached_property
    def _residual(self) -> Luma:
        return compute_residual(_to_view(self._luma))

    @cached_property
    def _levels(self) -> Levels:
        return quantize(self._luma, 8)


def _other_offsets(name: str) -> Callable[[Spectrum, Carriers], list[Floats]]:
    return likely_offsets if name in PIECES else likeliest_offset


def _to_view(luma: Luma) -> Luma:
    """Returns the canonical view in 0–255 of luma (H, W) in 0–1."""
    height, width = luma.shape
    scale = SHORT_SIDE / min(height, width)
    return np.clip(resize_pixels(luma, round(width * scale), round(height * scale)), 0, 1) * np.float32(255)
