"""Diffuse: draws one picture for each seed, at the model's own size."""

from __future__ import annotations

import numpy as np

from functions.contract.request import MAX_SEED
from worker.stages.tools import EngineTools
from worker.stages.work import PictureInProgress, Work

_STRIDE = 0x9E3779B1  # odd, so that no two drawings of a job share a seed


def diffuse(work: Work, tools: EngineTools) -> Work:
    """Draws the job's pictures. Raises OutOfMemory, EngineFailed, and whatever ``on_step`` raises."""
    for n in range(work.request.count):
        seed = drawing_seed(work.seed, n, drawing=0)
        work.pictures.append(PictureInProgress(n=n, seed=seed, rgb=draw_picture(work, tools, seed)))
    return work


def draw_picture(work: Work, tools: EngineTools, seed: int) -> np.ndarray:
    """Returns float32 (h, w, 3) in 0–1 at the engine's native size."""
    assert work.encoded is not None, "encode comes before diffuse"  # noqa: S101 - an order of stages, not input
    return tools.engine(work.model).diffuse(work.encoded, seed, tools.on_step)


def drawing_seed(seed: int, n: int, drawing: int) -> int:
    """Returns the seed of a drawing of picture ``n``; drawing 0 of picture 0 has the job's own seed."""
    return (seed + n + drawing * _STRIDE) & MAX_SEED
