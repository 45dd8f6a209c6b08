"""Measures how many pictures a device gains from drawing in one pass, and the memory that each takes."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Protocol

import numpy as np
import torch

from worker.engines.diffusion.device_memory import free_bytes
from worker.engines.diffusion.families.family import Family
from worker.engines.pass_limits import PassLimits, Trial, profile_sizes
from worker.engines.protocol import Brief, Encoded, Picture
from worker.engines.shared_pass import PassDrawing

_STEPS = 3  # the first one prepares kernels for the new shape; the last one is timed
_LEAST_SIDE = 256  # px: smaller pictures are not what a large model is asked for
_KEPT = 0.1  # of the device's memory, for what is not measured: the decoder's peak, fragments


class ProfiledEngine(Protocol):
    """The part of an engine that its profile uses."""

    def encode(self, brief: Brief) -> Encoded: ...
    def diffuse_together(self, drawings: Sequence[PassDrawing]) -> object: ...


def profile_family(engine: ProfiledEngine, family: Family, most: int) -> PassLimits:
    """Returns the limits at the largest square and at half its side; no limits for a family on a CPU."""
    if family.device.type != "cuda":
        return PassLimits()
    side = int(family.settings.native_area**0.5)
    sides = [each for each in (side, side // 2) if each >= min(side, _LEAST_SIDE)]
    points = profile_sizes(
        lambda side, pictures: _try_pass(engine, family, side, pictures),
        sides,
        most,
        lambda: free_device_bytes(family),
    )
    return PassLimits(points, takes_images=family.images_share_passes)


def free_device_bytes(family: Family) -> int | None:
    """Returns the bytes that torch may still take of the model's device; None on a CPU."""
    if family.device.type != "cuda":
        return None
    total = torch.cuda.mem_get_info(family.device)[1]
    return max(0, free_bytes(family.device) - int(_KEPT * total))


def _try_pass(engine: ProfiledEngine, family: Family, side: int, pictures: int) -> Trial:
    """Draws a pass of squares. Returns the seconds of its last step. Raises OutOfMemory."""
    device = family.device
    image = (np.full((side, side, 3), 0.5, np.float32),) if family.needs_image else ()
    encoded = engine.encode(Brief(prompt="profile", width=side, height=side, images=image, steps=_STEPS))
    ends: list[float] = []

    def on_step(_step: int, _steps: int, _preview: Callable[[], Picture] | None) -> None:
        torch.cuda.synchronize(device)
        ends.append(time.perf_counter())

    torch.cuda.reset_peak_memory_stats(device)
    before = torch.cuda.memory_allocated(device)
    drawings = [PassDrawing(encoded, n, _ignore_step) for n in range(pictures - 1)]
    engine.diffuse_together([PassDrawing(encoded, 0, on_step), *drawings])
    return Trial(ends[-1] - ends[-2], torch.cuda.max_memory_allocated(device) - before)


def _ignore_step(_step: int, _steps: int, _preview: Callable[[], Picture] | None) -> None:
    return
