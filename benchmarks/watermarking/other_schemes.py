"""The two other schemes that pip can install, with their default settings: 64 bits each, read blind.

They are not among Plantain's requirements: ``pip install --no-deps -r benchmarks/requirements.txt``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from multiprocessing import set_start_method
from typing import Any

import numpy as np

from worker.pictures.pixel_levels import Levels


@dataclass(frozen=True)
class Rival:
    """A watermark for 8-bit sRGB levels (H, W, 3)."""

    name: str
    embed: Callable[[Levels, int], Levels]
    detect: Callable[[Levels], int | None]


def rivals() -> list[Rival]:
    """Returns the other schemes that are installed."""
    found = {"imwatermark": _invisible_watermark, "blind_watermark": _blind_watermark}
    return [make() for module, make in found.items() if find_spec(module)]


def _invisible_watermark() -> Rival:
    module: Any = import_module("imwatermark")

    def embed(levels: Levels, payload: int) -> Levels:
        encoder = module.WatermarkEncoder()
        encoder.set_watermark("bytes", payload.to_bytes(8))
        return _swapped(encoder.encode(_swapped(levels), "dwtDctSvd"))

    def detect(levels: Levels) -> int | None:
        if levels.shape[0] * levels.shape[1] < 256 * 256:  # it refuses smaller ones
            return None
        return int.from_bytes(module.WatermarkDecoder("bytes", 64).decode(_swapped(levels), "dwtDctSvd"))

    return Rival("invisible-watermark (dwtDctSvd)", embed, detect)


def _blind_watermark() -> Rival:
    # It sets the start method of processes, which is possible only once; a spawned process has it already.
    set_start_method(None, force=True)
    module: Any = import_module("blind_watermark")
    module.bw_notes.close()

    def embed(levels: Levels, payload: int) -> Levels:
        mark = module.WaterMark(password_img=1, password_wm=1)
        mark.read_img(img=_swapped(levels))
        mark.read_wm([bool(payload >> bit & 1) for bit in range(64)], mode="bit")
        return _swapped(np.clip(np.rint(mark.embed()), 0, 255).astype(np.uint8))

    def detect(levels: Levels) -> int | None:
        mark = module.WaterMark(password_img=1, password_wm=1)
        bits = mark.extract(embed_img=_swapped(levels), wm_shape=64, mode="bit")
        return sum(int(bit > 0.5) << place for place, bit in enumerate(bits))

    return Rival("blind-watermark", embed, detect)


def _swapped(levels: Levels) -> Levels:
    """Converts between RGB and OpenCV's BGR."""
    return np.ascontiguousarray(levels[..., ::-1])
