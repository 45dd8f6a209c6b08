"""The line: every stage in its order, the lane it runs in, and the work that it applies to."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from functions.contract.errors import PlantainError
from functions.contract.manifest import StageFacts
from worker.stages.composite import composite
from worker.stages.correct import correct
from worker.stages.diffuse import diffuse
from worker.stages.encode import encode
from worker.stages.intent import intent
from worker.stages.screen import screen_pictures, screen_request
from worker.stages.seal import seal
from worker.stages.upscale import upscale
from worker.stages.watermark import watermark
from worker.stages.work import Tools, Work

Lane = Literal["intake", "engine", "finish"]
OnStage = Callable[[str], None]


def _always(work: Work) -> bool:
    del work
    return True


def _is_drawn(work: Work) -> bool:
    return work.request.task != "upscale" and work.resumed_from is None


@dataclass(frozen=True)
class Stage:
    """A function from a picture in progress to a picture in progress."""

    name: str
    lane: Lane
    run: Callable[..., Work]
    applies: Callable[[Work], bool] = _always
    with_tools: bool = False  # whether it takes the engine process's tools beside the work


LINE: tuple[Stage, ...] = (
    Stage("screen", "intake", screen_request),
    Stage("intent", "intake", intent, lambda work: work.request.prompt is not None),
    Stage("encode", "engine", encode, _is_drawn, with_tools=True),
    Stage("diffuse", "engine", diffuse, _is_drawn, with_tools=True),
    Stage("correct", "engine", correct, _is_drawn, with_tools=True),
    Stage("upscale", "engine", upscale, with_tools=True),
    Stage("composite", "engine", composite, lambda work: work.mask is not None),
    Stage("screen_output", "engine", screen_pictures),
    Stage("watermark", "engine", watermark, with_tools=True),
    Stage("seal", "finish", seal),
)


class StageError(Exception):
    """A typed error, and the stage that it came from."""

    def __init__(self, stage: str, error: PlantainError) -> None:
        super().__init__(stage, error)
        self.stage = stage
        self.error = error


def run_lane(
    lane: Lane, work: Work, on_stage: OnStage, line: Sequence[Stage], tools: Tools | None = None
) -> Work:
    """Runs the lane's stages that apply, timing each. Raises StageError around any PlantainError."""
    for stage in line:
        if stage.lane != lane or not stage.applies(work):
            continue
        on_stage(stage.name)
        began = time.perf_counter()
        try:
            work = stage.run(work, tools) if stage.with_tools else stage.run(work)
        except PlantainError as error:
            raise StageError(stage.name, error) from error
        work.stages.append(StageFacts(name=stage.name, seconds=round(time.perf_counter() - began, 4)))
    return work
