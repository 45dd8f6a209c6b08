"""``python -m worker.offline``: a picture by the worker's own stages, with an engine that needs no torch.

The prompt is screened, and the picture marked, signed and read back, as everything that leaves Plantain is;
the keys are the laptop's, in its data directory, so that ``plantain verify`` knows the pictures made here.
There is no bucket, no queue and no network.
"""

from __future__ import annotations

import base64
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from functions.contract import paths
from functions.contract.document import digest, now
from functions.contract.errors import InvalidRequest
from functions.contract.request import JobRequest
from functions.contract.sizes import DEFAULT_ASPECT_RATIO, DEFAULT_SIZE, nearest_ratio, pixel_size
from functions.contract.validation.messages import explain_fault
from functions.policy.build_screener import build_prompt_screener
from worker.credentials.build_sealer import configured_sealer, ingredient_policy
from worker.credentials.ingredients import IngredientPolicy, pack_ingredients
from worker.credentials.sealer import Sealer
from worker.engines.onnx.engine import OnnxEngine
from worker.engines.protocol import Engine, OnStep
from worker.pictures.decode import decode
from worker.settings import WorkerSettings
from worker.stages.pipeline import STAGES, OnStage, StageError, run_stages
from worker.stages.work import EngineTools, Enlarger, IntakeTools, Work
from worker.verification import Examiner
from worker.watermark import Watermarker
from worker.watermark.watermark_keys import watermark_key

# Correction is not among them: the critic is a network of torch's.
_STAGES = tuple(stage for stage in STAGES if stage.name != "correct")
_HERE = {
    "PLANTAIN_PROFILE": "local",
    "PLANTAIN_PROJECT": "device",
    "PLANTAIN_UPLOADS_BUCKET": "device-uploads",
    "PLANTAIN_RESULTS_BUCKET": "device-results",
    "PLANTAIN_JOBS_BUCKET": "device-jobs",
}
ToEnlarge = Callable[[str | None], Enlarger | None]  # as in EngineTools: by the model, or for any picture
_NOBODY = "device"  # the owner that the marks' payloads are made of


@dataclass(frozen=True)
class Drawn:
    """The finished file, and the work that it came from: its seed, stages and facts."""

    data: bytes
    work: Work


@dataclass(frozen=True)
class Wish:
    """What is asked for; ``images`` are files, the first of them the picture to change."""

    prompt: str
    images: Sequence[Path] = ()
    options: dict[str, Any] = field(default_factory=dict[str, Any])
    """Fields of a request: size, aspect_ratio, seed, steps, guidance, format, bit_depth …"""


def draw(folder: Path, wish: Wish, on_step: OnStep, threads: int | None = None) -> Drawn:
    """Raises what the stages raise: PromptBlocked, ModelUnavailable, UnsupportedTask, WatermarkFailed …"""
    settings = device_settings()
    engine = OnnxEngine(folder, threads=threads)
    engine.load()
    work = _work(wish, engine, ingredient_policy(settings))
    tools = tools_of(settings, engine, engine.network, on_step)
    return finished(work, tools, configured_sealer(settings))


def device_settings() -> WorkerSettings:
    """The environment's, on a machine that has no cloud."""
    return WorkerSettings.from_environment({**_HERE, **os.environ})


def tools_of(settings: WorkerSettings, engine: Engine, enlarger: ToEnlarge, on_step: OnStep) -> EngineTools:
    """What the stages take, with one model; the laptop's keys are made where there are none."""
    marker = Watermarker(watermark_key(settings), settings.watermark_key_version)
    return EngineTools(
        engine=lambda _model: engine,
        enlarger=enlarger,
        marker=marker,
        on_step=on_step,
        keep=lambda _work: None,
        examiner=Examiner([marker], None),
        screener=build_prompt_screener(settings),
        watermark_proof=settings.watermark_proof,
    )


def _quietly(_stage: str) -> None:
    """Nobody asks which stage it is."""


def finished(work: Work, tools: EngineTools, sealer: Sealer | None, on_stage: OnStage = _quietly) -> Drawn:
    """Takes the work through all lanes, in this thread. Raises what the stages raise."""
    try:
        work = run_stages("intake", work, on_stage, _STAGES, IntakeTools(screener=tools.screener))
        work = run_stages("engine", work, on_stage, _STAGES, tools)
        work = run_stages("finish", work, on_stage, _STAGES, sealer)
    except StageError as error:
        raise error.error from error
    return Drawn(work.pictures[0].data, work)


def _work(wish: Wish, engine: OnnxEngine, credentials: IngredientPolicy) -> Work:
    files = [file.read_bytes() for file in wish.images]
    request = _request(wish, files)
    images = tuple(decode(file).rgb for file in files)
    ratio = DEFAULT_ASPECT_RATIO
    if images:
        height, width = images[0].shape[:2]
        ratio = nearest_ratio(width, height)
    width, height = pixel_size(request.size or DEFAULT_SIZE, request.aspect_ratio or ratio)
    # The same wish is the same job, so that its picture has the same mark.
    known = digest([engine.revision, request.model_dump(mode="json")])
    return Work(
        job_id=paths.job_id_for_key(_NOBODY, known),
        request=request,
        model=engine.model,
        width=width,
        height=height,
        seed=request.seed or 0,
        attempt=1,
        deadline=now() + timedelta(seconds=request.deadline_seconds),
        images=images,
        ingredients=pack_ingredients(files, request.task, credentials),
    )


def _request(wish: Wish, files: Sequence[bytes]) -> JobRequest:
    asked = {
        "task": "edit" if files else "generate",
        "prompt": wish.prompt,
        "images": [{"data": base64.b64encode(file).decode()} for file in files],
        **{name: value for name, value in wish.options.items() if value is not None},
    }
    try:
        return JobRequest.model_validate(asked)
    except ValidationError as error:
        raise InvalidRequest(explain_fault(error)) from None
