"""Animate: draws a clip, which stays as the model's latents until its frames are wanted."""

from __future__ import annotations

from functions.contract.errors import UnsupportedTask
from worker.engines.protocol import Animator
from worker.stages.encode import encode
from worker.stages.tools import EngineTools
from worker.stages.work import Work


def animate(work: Work, tools: EngineTools) -> Work:
    """Draws the job's clip.

    Raises UnsupportedTask, OutOfMemory, EngineFailed, and what ``on_step`` raises.
    """
    engine = tools.engine(work.model)
    if not isinstance(engine, Animator):
        raise UnsupportedTask(f"{work.model} draws no clips: name a model that does.")
    work = encode(work, tools)
    assert work.encoded is not None  # noqa: S101 - encode sets it
    work.drawn = engine.animate(work.encoded, work.seed, tools.on_step)
    return work
