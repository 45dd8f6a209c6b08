"""The invisible mark: 64 keyed bits in every picture that leaves."""

from .detector import Detection
from .marker import ReadBack, Watermarker

__all__ = ["Detection", "ReadBack", "Watermarker"]
