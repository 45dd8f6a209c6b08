"""The invisible watermark: 64 keyed bits in every delivered picture."""

from worker.watermark.detector import WatermarkDetection
from worker.watermark.read_back import ReadBack
from worker.watermark.watermarker import MarkedPicture, Watermarker

__all__ = ["MarkedPicture", "ReadBack", "WatermarkDetection", "Watermarker"]
