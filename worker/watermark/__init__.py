"""The invisible mark: 64 keyed bits in every picture that leaves."""

from .detector import Detection
from .marker import Marked, Watermarker
from .proof import ReadBack

__all__ = ["Detection", "Marked", "ReadBack", "Watermarker"]
