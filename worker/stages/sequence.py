"""Sequence: draws several pictures of one subject. The first, or the caller's references, are its example."""

from __future__ import annotations

from dataclasses import replace

from worker.stages.correct import keep_best
from worker.stages.diffuse import draw_picture, drawing_seed
from worker.stages.encode import encode
from worker.stages.tools import EngineTools
from worker.stages.work import PictureInProgress, Work


def sequence(work: Work, tools: EngineTools) -> Work:
    """Draws and corrects each picture before the next. The others follow the best drawing of the first.

    Raises ModelUnavailable, UnsupportedTask, OutOfMemory, EngineFailed, or whatever ``on_step`` raises.
    """
    for n in range(work.request.picture_count):
        work.pictures.append(_draw_picture(n, work, tools))
    tools.save_checkpoint(work)
    return work


def _draw_picture(n: int, work: Work, tools: EngineTools) -> PictureInProgress:
    """Draws picture ``n`` from a prompt and a seed of its own."""
    references = work.images or tuple(picture.rgb for picture in work.pictures[:1])
    alone = encode(replace(work, intent=work.intents[n], images=references), tools)
    work.engine, work.model_revision = alone.engine, alone.model_revision
    seed = drawing_seed(work.seed, n, drawing=0)
    picture = PictureInProgress(n=n, seed=seed, rgb=draw_picture(alone, tools, seed), intent=alone.intent)
    keep_best(picture, alone, tools)
    return picture
