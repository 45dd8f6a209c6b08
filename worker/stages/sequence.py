"""Sequence: several pictures of one subject, which the first or the caller's references show to the rest."""

from __future__ import annotations

from dataclasses import replace

from worker.stages.correct import keep_best
from worker.stages.diffuse import draw, drawing_seed
from worker.stages.encode import encode
from worker.stages.work import EngineTools, PictureInProgress, Work


def sequence(work: Work, tools: EngineTools) -> Work:
    """Each picture is drawn and corrected before the next: the best of the first is what the others follow.

    Raises ModelUnavailable, UnsupportedTask, OutOfMemory, EngineFailed, or whatever ``on_step`` raises.
    """
    for n in range(work.request.picture_count):
        work.pictures.append(_picture(n, work, tools))
    tools.keep(work)
    return work


def _picture(n: int, work: Work, tools: EngineTools) -> PictureInProgress:
    """Picture ``n`` from its own prompt; the shared seed is moved on for each, as for any job's pictures."""
    references = work.images or tuple(picture.rgb for picture in work.pictures[:1])
    alone = encode(replace(work, intent=work.intents[n], images=references), tools)
    work.engine, work.model_revision = alone.engine, alone.model_revision
    seed = drawing_seed(work.seed, n, drawing=0)
    picture = PictureInProgress(n=n, seed=seed, rgb=draw(alone, tools, seed), intent=work.intents[n])
    keep_best(picture, alone, tools)
    return picture
