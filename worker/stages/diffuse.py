"""Diffuse: draws one picture for each seed, at the model's own size. Pictures that agree share a pass."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from functions.contract.errors import PlantainError
from functions.contract.request import MAX_SEED
from functions.contract.telemetry.log import log
from worker.engines.protocol import Engine, Picture
from worker.engines.shared_pass import PassDrawing, PassEngine
from worker.stages.tools import EngineTools
from worker.stages.work import PictureInProgress, Work

_STRIDE = 0x9E3779B1  # odd, so that no two drawings of a job share a seed


def diffuse(work: Work, tools: EngineTools) -> Work:
    """Draws the job's pictures. Raises OutOfMemory, EngineFailed, and whatever ``on_step`` raises."""
    (error,) = diffuse_together([(work, tools)])
    if error is not None:
        raise error
    return work


def diffuse_together(jobs: Sequence[tuple[Work, EngineTools]]) -> list[Exception | None]:
    """Draws the pictures of several jobs, in as few passes as they agree to.

    Returns for each job the error that ended it, or None. What fails for one job leaves the others.
    """
    errors: list[Exception | None] = [None] * len(jobs)
    waiting = [picture for n, (work, tools) in enumerate(jobs) for picture in _list_pictures(n, work, tools)]
    while waiting:
        chosen = _choose_pass(waiting)
        waiting = [picture for picture in waiting if picture not in chosen]
        alive = [picture for picture in chosen if errors[picture.job] is None]
        for picture, drawn in zip(alive, _draw_pass(alive), strict=True):
            if isinstance(drawn, Exception):
                errors[picture.job] = errors[picture.job] or drawn
            else:
                picture.keep(drawn, len(alive))
    return errors


@dataclass(frozen=True, eq=False)
class _PictureToDraw:
    """One picture of the job with the number ``job``. Those with one ``key`` may share a pass."""

    job: int
    n: int
    work: Work
    engine: Engine
    drawing: PassDrawing
    key: Hashable

    def keep(self, rgb: Picture, pass_pictures: int) -> None:
        self.work.pass_pictures = max(self.work.pass_pictures, pass_pictures)
        self.work.pictures.append(PictureInProgress(n=self.n, seed=self.drawing.seed, rgb=rgb))


def _list_pictures(job: int, work: Work, tools: EngineTools) -> Iterator[_PictureToDraw]:
    assert work.encoded is not None, "encode comes before diffuse"  # noqa: S101 - an order of stages, not input
    engine = tools.engine(work.model)
    key = engine.pass_key(work.encoded) if isinstance(engine, PassEngine) else job
    for n in range(work.request.count):
        drawing = PassDrawing(work.encoded, drawing_seed(work.seed, n, drawing=0), tools.on_step)
        yield _PictureToDraw(job, n, work, engine, drawing, (work.model, key))


def _choose_pass(waiting: Sequence[_PictureToDraw]) -> list[_PictureToDraw]:
    """Returns the first picture and those that may share its pass."""
    first = waiting[0]
    limit = first.engine.pass_limit(first.drawing.encoded) if isinstance(first.engine, PassEngine) else 1
    return [picture for picture in waiting if picture.key == first.key][:limit]


def _draw_pass(pictures: Sequence[_PictureToDraw]) -> Sequence[Picture | Exception]:
    """Returns the outcome of each picture. A pass that fails is drawn again in halves.

    So too little memory for many pictures may be enough for fewer, and a picture that cannot be drawn fails
    alone.
    """
    drawings = [picture.drawing for picture in pictures]
    engine = pictures[0].engine if pictures else None
    if len(pictures) < 2 or not isinstance(engine, PassEngine):
        return [_draw_alone(picture) for picture in pictures]
    try:
        return engine.diffuse_together(drawings)
    except Exception as error:  # noqa: BLE001 - the one that is at fault raises it again, alone
        code = error.code if isinstance(error, PlantainError) else type(error).__name__
        log("engine.smaller_passes", "WARNING", pictures=len(pictures), code=code)
    half = len(pictures) // 2
    return [*_draw_pass(pictures[:half]), *_draw_pass(pictures[half:])]


def _draw_alone(picture: _PictureToDraw) -> Picture | Exception:
    drawing = picture.drawing
    try:
        return picture.engine.diffuse(drawing.encoded, drawing.seed, drawing.on_step)
    except Exception as error:  # noqa: BLE001 - it ends this picture's job, and no other
        return error


def draw_picture(work: Work, tools: EngineTools, seed: int) -> np.ndarray:
    """Returns float32 (h, w, 3) in 0–1 at the engine's native size."""
    assert work.encoded is not None, "encode comes before diffuse"  # noqa: S101 - an order of stages, not input
    return tools.engine(work.model).diffuse(work.encoded, seed, tools.on_step)


def drawing_seed(seed: int, n: int, drawing: int) -> int:
    """Returns the seed of a drawing of picture ``n``; drawing 0 of picture 0 has the job's own seed."""
    return (seed + n + drawing * _STRIDE) & MAX_SEED
