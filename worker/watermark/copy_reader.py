"""The reader of a marked picture's copies: it reads several together, as the detector reads each of them.

What the copies share is computed once: all have the picture's luma, in which the mark is, and the pieces are
pieces of the whole picture's canonical view.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property

import cv2
import numpy as np

from worker.pictures.pixel_levels import Levels, to_bytes
from worker.watermark.canonical_view import (
    SHORT_SIDE,
    Luma,
    Spectrum,
    compute_residual,
    levels_to_view,
    normalize_spectrum,
    tile_waves,
)
from worker.watermark.carriers import Carriers, Floats
from worker.watermark.detector import Reading, decode_expected, move_to_offset, read_at_proposed
from worker.watermark.read_back import PIECES, copy_levels, piece_slices
from worker.watermark.tile_synchronization import likeliest_offset, likely_offsets, proposes_offset

# The short side, in pixels, from which the view of a picture is made of its half.
LARGE = 3 * SHORT_SIDE


class LumaCopyReader:
    """Reads the usual mark from the copies of one picture, levels (H, W, 3) of 8 or 16 bits.

    ``payload``: the one that is expected. Of each copy the reading that agrees best with it is decoded first.
    """

    def __init__(self, levels: Levels, carriers: Carriers, payload: int) -> None:
        self._picture = levels
        self._carriers = carriers
        self._payload = payload

    def read(self, names: Sequence[str]) -> list[Reading | None]:
        """Returns the payload and score that are read from each copy or piece, or None."""
        spectra = [self._spectrum(name) for name in names]
        begun = [self._move_to_begin(name, seen) for name, seen in zip(names, spectra, strict=True)]
        readings = decode_expected(begun, self._payload, self._carriers)
        return [
            reading or read_at_proposed(seen, self._carriers, _other_offsets(name))
            for name, seen, reading in zip(names, spectra, readings, strict=True)
        ]

    def _move_to_begin(self, name: str, seen: Spectrum) -> Spectrum:
        """Returns a piece's spectrum at its tile's offset, if the synchronization finds that offset.

        The detector refines what it finds; here the offset is known, and is only confirmed.
        """
        if name not in PIECES:
            return seen
        height, width = self._residual.shape
        begins = -np.array([side.start for side in piece_slices(height, width, name)], np.float64)
        if proposes_offset(seen, self._carriers, begins):
            return move_to_offset(seen, self._carriers, begins)
        return seen

    def _spectrum(self, name: str) -> Spectrum:
        if name in PIECES:
            height, width = self._residual.shape
            residual = self._residual[piece_slices(height, width, name)]
        elif name == "none":
            residual = self._residual
        else:
            residual = compute_residual(levels_to_view(self._copy(name)))
        return normalize_spectrum(tile_waves(residual), self._carriers)

    def _copy(self, name: str) -> Levels:
        if name == "half-size":
            return self._halved
        before = self._halved if name.startswith("half-size") else self._luma
        return copy_levels(before, name.removeprefix("half-size-"))

    @cached_property
    def _residual(self) -> Luma:
        # An average of averages is the same view; at this size their rounding to levels hardly counts.
        large = min(self._picture.shape[:2]) >= LARGE
        return compute_residual(levels_to_view(self._halved if large else self._picture))

    @cached_property
    def _halved(self) -> Levels:
        return copy_levels(self._luma, "half-size")

    @cached_property
    def _luma(self) -> Levels:
        grey = cv2.cvtColor(self._picture, cv2.COLOR_RGB2GRAY)
        return to_bytes(np.asarray(grey, self._picture.dtype))


def _other_offsets(name: str) -> Callable[[Spectrum, Carriers], list[Floats]]:
    return likely_offsets if name in PIECES else likeliest_offset
