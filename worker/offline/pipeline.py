"""The offline pipeline: the worker's own stages, in this thread, with any engine.

``python -m worker.offline`` marks and signs what it draws. Benchmarks and contact sheets look at the pictures
before they are marked. Both run the stages of ``worker.stages.pipeline``.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import numpy as np

from functions.contract.document import now
from functions.contract.request import JobRequest
from worker.credentials.sealer import Sealer
from worker.engines.protocol import Mask, Picture
from worker.stages.pipeline import (
    STAGES,
    OnStage,
    Stage,
    StageError,
    Tools,
    plan_lanes,
    run_stages,
)
from worker.stages.tools import EngineTools, IntakeTools, MarkingTools
from worker.stages.work import Work
from worker.verification import Examiner

STARTER = "starter"
STARTER_SIDE = 64
"""The size in pixels at which the starter draws: benchmarks measure its drawings, not their enlargements."""
SCREENING = ("screen", "screen_input", "screen_output")
MARKING = ("visible_mark", "watermark", "seal")
_NAMES = [stage.name for stage in STAGES]


@dataclass(frozen=True)
class OfflineDrawing:
    """A job's pictures as they were first drawn, and the job's work with the finished ones."""

    first: Sequence[Picture]
    work: Work

    @property
    def last(self) -> list[Picture]:
        return [picture.rgb for picture in self.work.pictures]


class OfflinePipeline:
    """Runs jobs through the worker's stages, except those that ``without`` names.

    Without a ``sealer`` the finished files have no content credentials.
    """

    def __init__(
        self, tools: EngineTools, *, sealer: Sealer | None = None, without: Collection[str] = ()
    ) -> None:
        self.tools = tools
        self._intake_tools = IntakeTools(screener=tools.screener, scene_models=(STARTER,))
        examiner = Examiner([tools.marker], trust=None)
        self._marking_tools = MarkingTools(tools.marker, examiner, tools.screener, tools.watermark_proof)
        self._sealer = sealer
        self._without = frozenset(without)

    def run(
        self,
        work: Work,
        on_stage: OnStage = lambda _: None,
        *,
        since: str | None = None,
        before: str | None = None,
    ) -> Work:
        """Runs the stages from ``since`` on, up to but not including ``before``; None: all that there are.

        Raises what stages raise: PromptBlocked, ModelUnavailable, UnsupportedTask, WatermarkFailed …
        """
        first = _NAMES.index(since) if since else 0
        end = _NAMES.index(before) if before else len(_NAMES)
        names = set(_NAMES[first:end]) - self._without
        lanes = plan_lanes()
        try:
            work = run_stages(_named(lanes.intake, names), work, self._intake_tools, on_stage)
            work = run_stages(_named(lanes.engine, names), work, self.tools, on_stage)
            work = run_stages(_named(lanes.marking, names), work, self._marking_tools, on_stage)
            return run_stages(_named(lanes.finish, names), work, self._sealer, on_stage)
        except StageError as error:
            raise error.error from error

    def draw(
        self,
        seed: int,
        *,
        width: int = STARTER_SIDE,
        height: int = STARTER_SIDE,
        images: Sequence[Picture] = (),
        mask: Mask | None = None,
        **request: Any,
    ) -> OfflineDrawing:
        """Draws with the starter.

        ``request`` has the fields of the API's requests, except that ``images`` are given as pictures.
        """
        named = [{"uri": f"gs://offline/{n}"} for n in range(len(images))]
        asked = JobRequest.model_validate({"images": named, **request} if named else request)
        work = build_work(
            asked, model=STARTER, width=width, height=height, seed=seed, images=tuple(images), mask=mask
        )
        drawn = self.run(work, before="correct")
        first = [np.array(picture.rgb) for picture in drawn.pictures]
        return OfflineDrawing(first, self.run(drawn, since="correct"))

    def describe_starter(self) -> str:
        engine = self.tools.engine(STARTER)
        return f"{engine.model}, revision {engine.revision}"


def _named(stages: Sequence[Stage[Tools]], names: Collection[str]) -> list[Stage[Tools]]:
    return [stage for stage in stages if stage.name in names]


def build_work(
    request: JobRequest,
    *,
    model: str,
    width: int,
    height: int,
    seed: int,
    job_id: str = "0" * 32,
    **inputs: Any,
) -> Work:
    """Returns a first attempt at ``request``; ``inputs`` are further fields of ``Work``."""
    return Work(
        job_id=job_id,
        request=request,
        model=model,
        width=width,
        height=height,
        seed=seed,
        attempt=1,
        deadline=now() + timedelta(seconds=request.deadline_seconds),
        **inputs,
    )
