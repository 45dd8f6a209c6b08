"""A reader of words with PP-OCRv6, whose networks come in the wheel of rapidocr and run under onnxruntime.

It reads Latin letters, Chinese and Japanese. The engine process loads it for the first picture with words.
"""

from __future__ import annotations

import os
from functools import cached_property
from importlib.util import find_spec
from typing import Any

import cv2
import numpy as np

from worker.engines.protocol import Picture
from worker.lettering.reading import SIDES, Corners, ReadLine, TextReader, in_reading_order

_THREADS = 4  # more do not help networks this small
_CONFIDENT = 0.5
_PACKAGES = ("rapidocr", "onnxruntime")


class OcrReader:
    """Finds lines with one network, and reads each with another."""

    name = "pp-ocrv6"

    def can_read(self, text: str) -> bool:
        return bool(text.strip()) and set("".join(text.split())) <= self._characters

    def read(self, picture: Picture, side: int) -> tuple[ReadLine, ...]:
        height, width = picture.shape[:2]
        scale = side / max(height, width)
        size = (max(1, round(width * scale)), max(1, round(height * scale)))
        method = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
        levels = np.clip(cv2.resize(picture, size, interpolation=method) * 255 + 0.5, 0, 255)
        bgr = np.ascontiguousarray(levels.astype(np.uint8)[..., ::-1])
        found = self._networks(bgr, use_det=True, use_cls=False, use_rec=True)  # it remembers the last call's
        if found.boxes is None or not found.txts:
            return ()
        lines = [
            ReadLine(text, _corners_of(box, size), float(confidence))
            for text, box, confidence in zip(found.txts, found.boxes, found.scores, strict=True)
        ]
        return in_reading_order(lines)

    @cached_property
    def _networks(self) -> Any:
        from rapidocr import RapidOCR

        threads = min(_THREADS, len(os.sched_getaffinity(0)))
        return RapidOCR(
            params={
                "Global.use_cls": False,  # asks whether a line is upside down
                "Global.text_score": _CONFIDENT,
                "Global.log_level": "critical",
                "Det.limit_type": "max",
                "Det.limit_side_len": max(SIDES),
                "EngineConfig.onnxruntime.intra_op_num_threads": threads,
                "EngineConfig.onnxruntime.inter_op_num_threads": 1,
            }
        )

    @cached_property
    def _characters(self) -> frozenset[str]:
        networks = self._networks
        blank = np.full((48, 96, 3), 255, np.uint8)
        networks(blank, use_det=False, use_cls=False)  # the network that reads is loaded with its first line
        return frozenset(networks.text_rec.postprocess_op.character)


def build_reader() -> TextReader | None:
    """Returns the reader; None where its packages are not installed, and words stay unchecked."""
    return OcrReader() if all(find_spec(name) for name in _PACKAGES) else None


def _corners_of(box: Any, size: tuple[int, int]) -> Corners:
    """Returns the corners in fractions of the sides."""
    points = np.asarray(box, np.float64) / size
    return tuple((float(x), float(y)) for x, y in points)
