"""The quality of a delivered file: the one that was asked for, or the least above it that keeps the mark.

| the quality that was asked for  | what is done where its file loses the mark                       |
|---------------------------------|------------------------------------------------------------------|
| none, or the usual one or more  | as for a lossless file: any mark that is read, a visible one too |
| less than the usual one         | a stronger mark that stays invisible, or else a better file      |
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from functions.contract.manifest import ProofLevel, QualityFacts
from functions.contract.request import JobRequest
from worker.pictures.decode import decode_picture
from worker.pictures.encode import QUALITY, encode_picture
from worker.pictures.pixel_levels import Levels, quantize
from worker.watermark import MarkedPicture, Watermarker


def mark_for_file(
    rgb: np.ndarray, payload: int, request: JobRequest, marker: Watermarker, least: ProofLevel
) -> tuple[MarkedPicture, QualityFacts | None]:
    """Marks a picture (H, W, 3) in 0–1, and chooses the quality of its file.

    The proof of the mark is of that file. It may be below ``least``: then no file of the format reaches it.
    """
    usual = QUALITY.get(request.picture_format)
    if usual is None:
        return marker.mark(rgb, payload, as_delivered(request)), None
    wanted = request.quality or usual
    marked = marker.mark(rgb, payload, as_delivered(request, wanted), may_be_seen=wanted >= usual)
    used = wanted
    if wanted < usual and not marked.proof.reaches(least):
        marked, used = _raise_quality(rgb, payload, request, marker, least, wanted, usual)
    return marked, QualityFacts(requested=request.quality, used=used)


def _raise_quality(
    rgb: np.ndarray,
    payload: int,
    request: JobRequest,
    marker: Watermarker,
    least: ProofLevel,
    too_low: int,
    usual: int,
) -> tuple[MarkedPicture, int]:
    """Returns the mark for the usual quality, and the least above ``too_low`` that keeps it well enough."""
    kept, used = marker.mark(rgb, payload, as_delivered(request, usual)), usual
    while used - too_low > 1:
        middle = (too_low + used) // 2
        proved = marker.prove(kept, payload, as_delivered(request, middle))
        if proved.proof.reaches(least):
            kept, used = proved, middle
        else:
            too_low = middle
    return kept, used


def as_delivered(request: JobRequest, quality: int | None = None) -> Callable[[np.ndarray], Levels]:
    """Returns a function that gives the levels, (H, W, 3), of the request's file of pixels in 0–1."""

    def delivered(rgb: np.ndarray) -> Levels:
        if request.picture_format == "png":
            return quantize(rgb, request.bit_depth)
        file = decode_picture(encode_picture(rgb, request.picture_format, request.bit_depth, quality))
        return quantize(file.rgb, file.source_bit_depth)

    return delivered
