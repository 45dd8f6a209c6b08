"""The worker's own stages with a real model, without buckets: a job's pictures, before the watermark.

For contact sheets and benchmarks: what they show goes the very way that a job goes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from functions.contract.document import now
from functions.contract.request import JobRequest
from worker.engines.catalogue import Catalogue
from worker.engines.protocol import Mask, Picture
from worker.settings import WorkerSettings
from worker.stages.pipeline import STAGES, Stage, run_stages
from worker.stages.work import EngineTools, IntakeTools, Work
from worker.verification import Examiner
from worker.vision.vision_tools import TrainedVisionTools
from worker.watermark import Watermarker

MODEL = "starter"
SIDE = 64
"""The starter's own size, in pixels: what is measured is what it draws, not what is enlarged of it."""
_DRAWN = ("intent", "locate", "surroundings", "suggest", "sequence", "encode", "diffuse")
_FINISHED = ("correct", "upscale", "composite")
_KEY = bytes(32)  # nothing is marked here


@dataclass(frozen=True)
class Drawn:
    """``first`` are the pictures as they were drawn first, ``work`` the job with what became of them."""

    first: Sequence[Picture]
    work: Work

    @property
    def last(self) -> list[Picture]:
        return [picture.rgb for picture in self.work.pictures]


class Easel:
    """Draws with the model in ``weights``; None is the one that Plantain comes with."""

    def __init__(self, weights: Path | None = None) -> None:
        catalogue = Catalogue(_settings(weights))
        marker = Watermarker(_KEY, 1)
        self._tools = EngineTools(
            engine=catalogue.engine,
            enlarger=catalogue.enlarger,
            marker=marker,
            on_step=lambda _step, _steps, _preview: None,
            keep=lambda _: None,
            examiner=Examiner([marker], trust=None),
            vision=TrainedVisionTools((MODEL,)),
        )

    def model(self) -> str:
        engine = self._tools.engine(MODEL)
        return f"{engine.model}, revision {engine.revision}"

    def draw(
        self,
        seed: int,
        *,
        width: int = SIDE,
        height: int = SIDE,
        images: Sequence[Picture] = (),
        mask: Mask | None = None,
        **request: Any,
    ) -> Drawn:
        """``request`` is as in the API; images are given as pictures and stand in for its own."""
        named = [{"uri": f"gs://easel/{n}"} for n in range(len(images))]
        asked = JobRequest.model_validate({"images": named, **request} if named else request)
        work = Work(
            job_id="0" * 32,
            request=asked,
            model=MODEL,
            width=width,
            height=height,
            seed=seed,
            attempt=1,
            deadline=now(),
            images=tuple(images),
            mask=mask,
        )
        work = run_stages("intake", work, _ignored, _stages(_DRAWN), IntakeTools())
        work = run_stages("engine", work, _ignored, _stages(_DRAWN), self._tools)
        first = [np.array(picture.rgb) for picture in work.pictures]
        return Drawn(first, run_stages("engine", work, _ignored, _stages(_FINISHED), self._tools))


def as_picture(levels: np.ndarray) -> Picture:
    """float32 in 0–1 from 8 bits."""
    return (levels / 255).astype(np.float32)


def _settings(weights: Path | None) -> WorkerSettings:
    """With names for buckets that nothing asks for."""
    named = {"project": "easel"} | {f"{each}_bucket": each for each in ("uploads", "results", "jobs")}
    models = {} if weights is None else {"models": {MODEL: str(weights)}, "default_model": MODEL}
    return WorkerSettings.model_validate({**named, **models})


def _stages(names: Sequence[str]) -> list[Stage]:
    return [stage for stage in STAGES if stage.name in names]


def _ignored(stage: str) -> None:
    del stage
