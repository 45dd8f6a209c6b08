"""The sizes that are too small for what a watermark has to prove."""

from __future__ import annotations

from .errors import UnsupportedSize
from .manifest import ProofLevel

TOO_FEW_PIXELS: dict[ProofLevel, int] = {"exact": 0, "compressed": 0, "robust": 320 * 320}
"""Pixels up to which no picture was found to reach the proof (docs/watermark.md). With more, the picture
decides.
"""


def check_provable_size(width: int, height: int, proof: ProofLevel) -> None:
    """Raises UnsupportedSize for a picture that is too small for the mark that is demanded."""
    if width * height <= TOO_FEW_PIXELS[proof]:
        raise UnsupportedSize(
            f"This service demands a watermark that survives sharing, and {width}×{height} is too small for "
            "it: ask for 512 pixels a side or more.",
            field="size",
        )
