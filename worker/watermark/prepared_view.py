"""The prepared view: what an embedding at any strength needs of a picture, computed once."""

from __future__ import annotations

from functools import cached_property

from worker.watermark.canonical_view import Luma, Pixels, local_deviations
from worker.watermark.visual_masking import VisualMasking


class PreparedView:
    """The canonical view of a picture, and what follows from it alone.

    Args:
        luma: (h, w) in 0–255, the canonical view.
        short_side: of the picture itself, in pixels, because compression sees the picture and not the view.
    """

    def __init__(self, luma: Luma, short_side: int) -> None:
        self.luma = luma
        self.masking = VisualMasking(luma)
        self.scale = short_side / min(luma.shape)
        """The picture's size as a share of the view's."""

    @cached_property
    def deviations(self) -> Pixels:
        """The local deviation (h, w), in levels, of the band that carries the mark."""
        return local_deviations(self.luma)
