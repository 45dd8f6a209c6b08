"""The model function that every server of the comparison serves: the mock engine, and a plain PNG.

It needs numpy, OpenCV, isal and pydantic alone, so that it runs in an environment with another server.
"""

from __future__ import annotations

import cv2
import numpy as np

from worker.engines.mock import MockEngine
from worker.engines.protocol import Brief
from worker.pictures.png_writer import write_png


def draw_png(prompt: str, seed: int, side: int, seconds: float) -> bytes:
    """Returns a PNG of ``side`` x ``side`` pixels, which the mock engine took ``seconds`` to draw."""
    engine = MockEngine()
    brief = Brief(prompt=prompt, width=side, height=side, labels={"mock.seconds": str(seconds)})
    small = engine.diffuse(engine.encode(brief), seed, lambda _step, _steps, _preview: None)
    large = cv2.resize(small, (side, side), interpolation=cv2.INTER_LANCZOS4)
    return write_png((np.clip(large, 0, 1) * 255 + 0.5).astype(np.uint8))
