"""Offline pipelines: one that marks and signs its pictures, and one that leaves them as they were drawn."""

from __future__ import annotations

import os
from pathlib import Path

from functions.policy.build_screener import build_prompt_screener
from worker.credentials.build_sealer import build_sealer
from worker.engines.catalogue import Catalogue
from worker.engines.protocol import Engine, EnlargersOf, OnStep
from worker.lettering.ocr_reader import build_reader
from worker.offline.pipeline import MARKING, SCREENING, STARTER, OfflinePipeline
from worker.settings import WorkerSettings
from worker.stages.tools import EngineTools
from worker.vision.vision_tools import TrainedVisionTools
from worker.watermark import Watermarker
from worker.watermark.watermark_keys import watermark_key

_WITHOUT_CLOUD = {
    "PLANTAIN_PROFILE": "local",
    "PLANTAIN_PROJECT": "device",
    "PLANTAIN_UPLOADS_BUCKET": "device-uploads",
    "PLANTAIN_RESULTS_BUCKET": "device-results",
    "PLANTAIN_JOBS_BUCKET": "device-jobs",
}
_UNUSED_KEY = bytes(32)


def offline_settings() -> WorkerSettings:
    """Returns the environment's settings, with names for buckets that are never used."""
    return WorkerSettings.from_environment({**_WITHOUT_CLOUD, **os.environ})


def build_marking_pipeline(
    settings: WorkerSettings,
    engine: Engine,
    enlargers: EnlargersOf,
    on_step: OnStep = lambda _step, _steps, _preview: None,
) -> OfflinePipeline:
    """Returns a pipeline that screens prompts, and marks, reads back and signs its pictures.

    It draws with one model, and does not correct: the critic is a network of torch's. The laptop's keys are
    made if there are none, so that ``plantain verify`` knows the pictures.
    """
    marker = Watermarker(watermark_key(settings), settings.watermark_key_version)
    tools = EngineTools(
        engine=lambda _model: engine,
        enlargers=enlargers,
        marker=marker,
        on_step=on_step,
        save_checkpoint=lambda _work: None,
        screener=build_prompt_screener(settings),
        reader=build_reader(),
        watermark_proof=settings.watermark_proof,
    )
    return OfflinePipeline(tools, sealer=build_sealer(settings), without=("correct",))


def build_unmarked_pipeline(weights: Path | None = None) -> OfflinePipeline:
    """Returns a pipeline of the starter in ``weights``, or the embedded one, without screening or marks."""
    names = {"project": "offline"} | {f"{each}_bucket": each for each in ("uploads", "results", "jobs")}
    models = {} if weights is None else {"models": {STARTER: str(weights)}, "default_model": STARTER}
    catalogue = Catalogue(WorkerSettings.model_validate({**names, **models}))
    marker = Watermarker(_UNUSED_KEY, 1)
    tools = EngineTools(
        engine=catalogue.engine,
        enlargers=catalogue.enlargers,
        marker=marker,
        on_step=lambda _step, _steps, _preview: None,
        save_checkpoint=lambda _work: None,
        vision=TrainedVisionTools((STARTER,)),
        reader=build_reader(),
    )
    return OfflinePipeline(tools, without=(*SCREENING, *MARKING))
