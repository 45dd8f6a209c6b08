"""The invisible mark: 64 keyed bits in every picture that leaves."""

from worker.watermark.detector import Detection
from worker.watermark.read_back import ReadBack
from worker.watermark.watermarker import Marked, Watermarker

__all__ = ["Detection", "Marked", "ReadBack", "Watermarker"]
