"""The invisible mark: 64 keyed bits in every picture that leaves."""

from worker.watermark.detector import Detection
from worker.watermark.marker import Marked, Watermarker
from worker.watermark.proof import ReadBack

__all__ = ["Detection", "Marked", "ReadBack", "Watermarker"]
