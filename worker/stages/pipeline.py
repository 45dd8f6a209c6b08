"""The stages of every job, in their order. This is their only list.

Each stage says what it needs, and the lanes follow from that: while one job is marked, the next is drawn.

| lane    | what its stages need               | where it runs                   | its stages' tools |
|---------|------------------------------------|---------------------------------|-------------------|
| intake  | ``wait``: others answer            | parent process, several jobs    | IntakeTools       |
| engine  | ``device``: the models' own device | engine process, one job         | EngineTools       |
| marking | ``cpu``: a processor               | marking processes, one job each | MarkingTools      |
| finish  | ``wait``                           | parent process, several jobs    | the Sealer, if on |
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, Literal, TypeVar

from functions.contract.errors import PlantainError
from functions.contract.manifest import StageFacts
from worker.stages.animate import animate
from worker.stages.composite import composite
from worker.stages.correct import correct
from worker.stages.diffuse import diffuse, diffuse_together
from worker.stages.domain import domain
from worker.stages.encode import encode
from worker.stages.frames import frames
from worker.stages.intent import intent
from worker.stages.lettering import has_quoted_words, lettering
from worker.stages.locate import locate
from worker.stages.screen import screen_inputs, screen_pictures, screen_request
from worker.stages.seal import seal
from worker.stages.sequence import sequence
from worker.stages.suggest import suggest
from worker.stages.surroundings import leaves_light_open, surroundings
from worker.stages.tools import EngineTools, IntakeTools, MarkingTools
from worker.stages.upscale import upscale
from worker.stages.verify import verify
from worker.stages.visible_mark import visible_mark
from worker.stages.watermark import watermark
from worker.stages.work import Work

if TYPE_CHECKING:  # cryptography takes long to import, and only the parent process seals
    from worker.credentials.sealer import Sealer

LaneName = Literal["intake", "engine", "marking", "finish"]
Need = Literal["device", "cpu", "wait", "classifier"]
"""What a stage keeps busy. ``classifier``: what the image classifier needs, which is a setting."""
OnStage = Callable[[str], None]
"""Called with each stage's name before it runs; raises an error to stop the job."""
Tools = TypeVar("Tools")


def _always(_work: Work) -> bool:
    return True


@dataclass(frozen=True)
class Stage(Generic[Tools]):
    """A function that takes a job's work one step further, with its lane's tools.

    ``share`` is its usual time beside that of other stages; a job's progress is made of the shares.
    ``run_together`` runs it for several jobs at once, and returns for each the error that ended it, or None.
    """

    name: str
    share: float
    needs: Need
    run: Callable[[Work, Tools], Work]
    applies: Callable[[Work], bool] = _always
    run_together: Callable[[Sequence[tuple[Work, Tools]]], list[Exception | None]] | None = None


AnyStage = Stage[Any]


def _without_tools(run: Callable[[Work], Work]) -> Callable[[Work, object], Work]:
    return lambda work, _tools: run(work)


def _is_verify(work: Work) -> bool:
    return work.request.task == "verify"


def _is_screened(work: Work) -> bool:
    """Returns False for verify: a picture of any content may be verified, since nothing of it leaves."""
    return not _is_verify(work)


def _has_prompt(work: Work) -> bool:
    return work.request.prompt is not None or bool(work.request.prompts)


def _has_region_prompt(work: Work) -> bool:
    return work.request.region_prompt is not None


def _is_edit_of_the_whole(work: Work) -> bool:
    request = work.request
    return request.task == "edit" and not (request.mask or request.region or request.region_prompt)


def _is_suggest(work: Work) -> bool:
    return work.request.task == "suggest"


def _is_drawn_in_turn(work: Work) -> bool:
    """Returns True for a sequence: each picture is drawn after the one before, from its own prompt."""
    return bool(work.request.prompts) and work.resumed_from is None


def is_drawn_at_once(work: Work) -> bool:
    """Returns True for still pictures that are drawn from one prompt, and are not kept from before."""
    is_still = work.request.is_drawn and not _is_clip(work)
    return is_still and not work.request.prompts and work.resumed_from is None


def _is_clip(work: Work) -> bool:
    """Returns True for a clip, whose frames go through all that pictures do one by one."""
    return work.request.task == "animate"


def _has_pictures(work: Work) -> bool:
    return work.request.picture_count > 0


def _has_stills(work: Work) -> bool:
    return _has_pictures(work) and not _is_clip(work)


def _is_composited(work: Work) -> bool:
    return work.mask is not None and _has_pictures(work)


def _is_marked_visibly(work: Work) -> bool:
    return work.request.visible_mark and not _is_clip(work)


STAGES: tuple[AnyStage, ...] = (
    Stage("screen", 0.05, "wait", screen_request, _is_screened),
    Stage("intent", 0.05, "wait", intent, _has_prompt),
    Stage("screen_input", 0.2, "classifier", screen_inputs, _is_screened),
    Stage("locate", 0.5, "device", locate, _has_region_prompt),
    Stage("domain", 0.1, "cpu", domain, _is_edit_of_the_whole),
    Stage("surroundings", 0.1, "cpu", surroundings, leaves_light_open),
    Stage("suggest", 1, "device", suggest, _is_suggest),
    Stage("sequence", 6, "device", sequence, _is_drawn_in_turn),
    Stage("encode", 0.3, "device", encode, is_drawn_at_once),
    Stage("diffuse", 6, "device", diffuse, is_drawn_at_once, diffuse_together),
    Stage("correct", 1, "device", correct, is_drawn_at_once),
    Stage("animate", 6, "device", animate, _is_clip),
    Stage("frames", 4, "device", frames, _is_clip),
    Stage("upscale", 1, "device", upscale, _has_stills),
    Stage("composite", 0.1, "cpu", _without_tools(composite), _is_composited),
    Stage("lettering", 0.5, "device", lettering, has_quoted_words),
    Stage("screen_output", 0.2, "classifier", screen_pictures, _has_stills),
    Stage("verify", 3, "cpu", verify, _is_verify),
    Stage("visible_mark", 0.1, "cpu", _without_tools(visible_mark), _is_marked_visibly),
    Stage("watermark", 1, "cpu", watermark, _has_pictures),
    Stage("seal", 0.5, "wait", seal, _has_pictures),
)


@dataclass(frozen=True)
class Lanes:
    """The stages of each lane, in their order."""

    intake: tuple[Stage[IntakeTools], ...]
    engine: tuple[Stage[EngineTools], ...]
    marking: tuple[Stage[MarkingTools], ...]
    finish: tuple[Stage[Sealer | None], ...]


def plan_lanes(image_classifier: str | None = None, stages: Sequence[AnyStage] = STAGES) -> Lanes:
    """Returns the lanes that follow from the needs of ``stages``.

    A job visits each lane once: what is between two stages that need the device runs beside them.
    ``image_classifier``: the setting; "shieldgemma" computes on the device, others are asked.
    """
    classifier: Need = "device" if image_classifier == "shieldgemma" else "wait"
    needs = [classifier if stage.needs == "classifier" else stage.needs for stage in stages]
    first = needs.index("device")
    after_device = len(needs) - needs[::-1].index("device")
    after_cpu = len(needs) - needs[::-1].index("cpu")
    return Lanes(
        intake=tuple(stages[:first]),
        engine=tuple(stages[first:after_device]),
        marking=tuple(stages[after_device:after_cpu]),
        finish=tuple(stages[after_cpu:]),
    )


def has_stage_for(work: Work, stages: Sequence[AnyStage]) -> bool:
    """Returns True if any of a lane's stages applies."""
    return any(stage.applies(work) for stage in stages)


class StageError(Exception):
    """A typed error, with the stage that raised it."""

    def __init__(self, stage: str, error: PlantainError) -> None:
        super().__init__(stage, error)
        self.stage = stage
        self.error = error


def run_stages(stages: Sequence[Stage[Tools]], work: Work, tools: Tools, on_stage: OnStage) -> Work:
    """Runs those of one lane's stages that apply, timing each. Raises StageError around a PlantainError."""
    for stage in stages:
        if not stage.applies(work):
            continue
        on_stage(stage.name)
        began = time.perf_counter()
        try:
            work = stage.run(work, tools)
        except PlantainError as error:
            raise StageError(stage.name, error) from error
        work.stages.append(time_stage(stage.name, began, work))
    return work


def time_stage(name: str, began: float, work: Work) -> StageFacts:
    """Returns the facts of a stage that ``began`` at that time of the performance counter, and ends now."""
    pictures = work.pass_pictures if name == "diffuse" and work.pass_pictures > 1 else None
    return StageFacts(name=name, seconds=round(time.perf_counter() - began, 4), pass_pictures=pictures)
