"""Diffuse: one picture for each seed, at the model's own size."""

from __future__ import annotations

import numpy as np

from functions.contract.request import MAX_SEED
from worker.stages.work import EngineTools, PictureInProgress, Work

_STRIDE = 0x9E3779B1  # odd, so that no two of a job's drawings share a seed


def diffuse(work: Work, tools: EngineTools) -> Work:
    """Raises OutOfMemory, EngineFailed, or whatever ``on_step`` raises to stop."""
    for n in range(work.request.count):
        seed = drawing_seed(work.seed, n, drawing=0)
        work.pictures.append(PictureInProgress(n=n, seed=seed, rgb=draw(work, tools, seed)))
    return work


def draw(work: Work, tools: EngineTools, seed: int) -> np.ndarray:
    """float32 (h, w, 3) in 0–1 at the engine's native size."""
    assert work.encoded is not None, "encode comes before diffuse"  # noqa: S101 - an order of stages, not input
    return tools.engine(work.model).diffuse(work.encoded, seed, tools.on_step)


def drawing_seed(seed: int, n: int, drawing: int) -> int:
    """The seed of picture ``n``'s given drawing; picture 0's first drawing has the job's own seed."""
    return (seed + n + drawing * _STRIDE) & MAX_SEED
