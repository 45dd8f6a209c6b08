"""The marks of a clip's frames: one kind and strength for the whole clip, tried from faint to strong.

As for pictures, the spread-spectrum mark comes first. The one in cell means comes last: no texture drowns it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from worker.watermark.canonical_view import Pixels, to_canonical_view
from worker.watermark.carriers import SCHEME
from worker.watermark.cell_means import embed_in_cells, has_room
from worker.watermark.convolutional_code import encode_payload
from worker.watermark.informed_embedding import SHARED
from worker.watermark.read_back import ReadBack
from worker.watermark.visual_masking import VisualMasking
from worker.watermark.watermarker import (
    FOR_COMPRESSION,
    MEANS_SCHEME,
    Watermarker,
    round_to_eight_bits,
    tried_strengths,
)

_STEPS = (2.0, 4.0, 8.0, 16.0)  # levels of 0-255; a clip's encoder moves means by less than one


@dataclass(frozen=True)
class FrameMark:
    """A kind of mark and its strength: decibels, or the step of a mark in cell means."""

    scheme: str
    strength: float

    @property
    def psnr(self) -> float | None:
        return self.strength if self.scheme == SCHEME else None


def frame_marks(rgb: Pixels) -> list[FrameMark]:
    """Returns the marks to try for a clip that begins with this frame, the faintest first."""
    decibels = sorted(
        {*tried_strengths(VisualMasking(to_canonical_view(rgb))), *FOR_COMPRESSION}, reverse=True
    )
    steps = _STEPS if has_room(*rgb.shape[:2]) else ()
    return [FrameMark(SCHEME, each) for each in decibels] + [FrameMark(MEANS_SCHEME, each) for each in steps]


def mark_frame(rgb: Pixels, payload: int, mark: FrameMark, marker: Watermarker) -> Pixels:
    """Returns a copy of sRGB (H, W, 3) in 0–1 with the mark."""
    if mark.scheme == MEANS_SCHEME:
        code = encode_payload(payload, marker.carriers.scramble)
        return embed_in_cells(rgb, code, marker.carriers, mark.strength, round_to_eight_bits)
    hidden = VisualMasking(to_canonical_view(rgb)).has_dark_flats
    return marker.embed(rgb, payload, mark.strength, replace(SHARED, hidden=hidden))


def read_frame(rgb: Pixels, payload: int, mark: FrameMark, marker: Watermarker) -> ReadBack:
    """Reads the mark from a frame as it is, and as it will be after it was shared."""
    read = marker.read_back_cells if mark.scheme == MEANS_SCHEME else marker.read_back
    return read(rgb, payload)
