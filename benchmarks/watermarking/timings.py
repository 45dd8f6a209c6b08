"""The time that marking and reading take on one core."""

from __future__ import annotations

import time
from collections.abc import Callable
from statistics import median

import cv2
import numpy as np

from benchmarks.watermarking.pictures import photograph
from benchmarks.watermarking.recovery import KEY
from worker.pictures.pixel_levels import levels_to_floats
from worker.watermark import Watermarker
from worker.watermark.canonical_view import Pixels

RUNS = 5

# What was done, the processor's milliseconds (median of a few runs), and the most it may take.
OperationTiming = tuple[str, float, float | None]


def timings() -> list[OperationTiming]:
    """Measures in a process with one thread, so that the figures are those of one core."""
    marker = Watermarker(KEY, 1)
    large, usual = _astronaut(4096), _astronaut(1024)
    marked = marker.embed(usual, 1)
    return [
        ("embed, 4096²", _milliseconds(lambda: marker.embed(large, 1)), 500),
        ("embed, 1024²", _milliseconds(lambda: marker.embed(usual, 1)), None),
        ("mark with its proof, 1024²", _milliseconds(lambda: marker.mark(usual, 1)), None),
        ("detect a marked picture, 1024²", _milliseconds(lambda: marker.detect(marked)), 50),
        ("search an unmarked picture, 1024²", _milliseconds(lambda: marker.detect(usual)), 3_000),
        ("search an unmarked picture, 4096²", _milliseconds(lambda: marker.detect(large)), 3_000),
    ]


def _astronaut(side: int) -> Pixels:
    levels = cv2.resize(photograph("astronaut.png"), (side, side), interpolation=cv2.INTER_CUBIC)
    return levels_to_floats(np.asarray(levels, np.uint8))


def _milliseconds(act: Callable[[], object]) -> float:
    """Returns milliseconds of the processor, so that other work on the machine is not counted."""
    act()
    return median(_once(act) for _ in range(RUNS)) * 1_000


def _once(act: Callable[[], object]) -> float:
    began = time.process_time()
    act()
    return time.process_time() - began
