"""The line: every stage in its order, its lane, its share of a job's time, and the work it applies to."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from functions.contract.errors import PlantainError
from functions.contract.manifest import StageFacts
from worker.credentials.sealer import Sealer
from worker.stages.composite import composite
from worker.stages.correct import correct
from worker.stages.diffuse import diffuse
from worker.stages.encode import encode
from worker.stages.intent import intent
from worker.stages.locate import locate
from worker.stages.screen import screen_inputs, screen_pictures, screen_request
from worker.stages.seal import seal
from worker.stages.sequence import sequence
from worker.stages.suggest import suggest
from worker.stages.surroundings import names_no_light, surroundings
from worker.stages.upscale import upscale
from worker.stages.verify import verify
from worker.stages.visible_mark import visible_mark
from worker.stages.watermark import watermark
from worker.stages.work import EngineTools, IntakeTools, Work

LaneName = Literal["intake", "engine", "finish"]
OnStage = Callable[[str], None]


def _always(work: Work) -> bool:
    del work
    return True


def _is_drawn_at_once(work: Work) -> bool:
    return work.request.is_drawn and not work.request.prompts and work.resumed_from is None


def _is_drawn_in_turn(work: Work) -> bool:
    """One picture after the other, each from its own prompt."""
    return bool(work.request.prompts) and work.resumed_from is None


def _has_pictures(work: Work) -> bool:
    return work.request.picture_count > 0


def _says_something(work: Work) -> bool:
    return work.request.prompt is not None or bool(work.request.prompts)


def _is_verified(work: Work) -> bool:
    """Whatever the picture shows, it may be asked whether it is ours: nothing of it leaves."""
    return work.request.task == "verify"


@dataclass(frozen=True)
class Stage:
    """A function from a picture in progress to a picture in progress.

    ``share`` is how long it takes beside the others: what the progress of a job is made of.
    """

    name: str
    lane: LaneName
    share: float
    run: Callable[..., Work]
    applies: Callable[[Work], bool] = _always
    with_tools: bool = False  # whether it takes its lane's tools too: IntakeTools, EngineTools, or the Sealer


STAGES: tuple[Stage, ...] = (
    Stage("screen", "intake", 0.05, screen_request, lambda work: not _is_verified(work), with_tools=True),
    Stage("intent", "intake", 0.05, intent, _says_something, with_tools=True),
    Stage("verify", "engine", 3, verify, _is_verified, with_tools=True),
    Stage("screen_input", "engine", 0.2, screen_inputs, lambda work: not _is_verified(work), with_tools=True),
    Stage(
        "locate", "engine", 0.5, locate, lambda work: work.request.region_prompt is not None, with_tools=True
    ),
    Stage("surroundings", "engine", 0.1, surroundings, names_no_light, with_tools=True),
    Stage("suggest", "engine", 1, suggest, lambda work: work.request.task == "suggest", with_tools=True),
    Stage("sequence", "engine", 6, sequence, _is_drawn_in_turn, with_tools=True),
    Stage("encode", "engine", 0.3, encode, _is_drawn_at_once, with_tools=True),
    Stage("diffuse", "engine", 6, diffuse, _is_drawn_at_once, with_tools=True),
    Stage("correct", "engine", 1, correct, _is_drawn_at_once, with_tools=True),
    Stage("upscale", "engine", 1, upscale, _has_pictures, with_tools=True),
    Stage("composite", "engine", 0.1, composite, lambda work: work.mask is not None and _has_pictures(work)),
    Stage("screen_output", "engine", 0.2, screen_pictures, _has_pictures, with_tools=True),
    Stage("visible_mark", "engine", 0.1, visible_mark, lambda work: work.request.visible_mark),
    Stage("watermark", "engine", 1, watermark, _has_pictures, with_tools=True),
    Stage("seal", "finish", 0.5, seal, _has_pictures, with_tools=True),
)


class StageError(Exception):
    """A typed error, and the stage that it came from."""

    def __init__(self, stage: str, error: PlantainError) -> None:
        super().__init__(stage, error)
        self.stage = stage
        self.error = error


def run_stages(
    lane: LaneName,
    work: Work,
    on_stage: OnStage,
    line: Sequence[Stage],
    tools: IntakeTools | EngineTools | Sealer | None = None,
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
