"""Draws a picture with a model that was exported to ONNX files, without torch, bucket, queue or network."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from functions.contract import ids
from functions.contract.document import sha256_of_json
from functions.contract.errors import InvalidRequest
from functions.contract.request import JobRequest
from functions.contract.sizes import (
    DEFAULT_ASPECT_RATIO,
    DEFAULT_SIZE,
    check_exact_size,
    nearest_ratio,
    pixel_size,
)
from functions.contract.validation.messages import explain_fault
from worker.credentials.build_sealer import build_ingredient_policy
from worker.credentials.ingredients import IngredientPolicy, pack_ingredients
from worker.engines.onnx.engine import OnnxEngine
from worker.offline.build_pipelines import build_marking_pipeline, offline_settings
from worker.offline.pipeline import build_work
from worker.pictures.decode import decode_picture
from worker.pictures.pixel_levels import Floats
from worker.stages.work import Work

_OWNER = "device"  # the owner from which the marks' payloads are derived


@dataclass(frozen=True)
class OfflineRequest:
    """A request for a drawing. The first of ``images`` is the file to change, the rest are references."""

    prompt: str
    images: Sequence[Path] = ()
    options: dict[str, Any] = field(default_factory=dict[str, Any])
    """Fields of a request: size, aspect_ratio, seed, steps, guidance, format, bit_depth …"""


def draw_with_exported_model(folder: Path, request: OfflineRequest, threads: int | None = None) -> Work:
    """Returns the job's work, with one finished picture.

    Raises PromptBlocked, ModelUnavailable, UnsupportedTask, InvalidRequest, WatermarkFailed …
    """
    settings = offline_settings()
    engine = OnnxEngine(folder, threads=threads)
    engine.load()
    pipeline = build_marking_pipeline(settings, engine, engine.exported_enlargers)
    return pipeline.run(_work_of(request, engine, build_ingredient_policy(settings)))


def _work_of(asked: OfflineRequest, engine: OnnxEngine, credentials: IngredientPolicy) -> Work:
    files = [file.read_bytes() for file in asked.images]
    request = _validate_request(asked, files)
    images = tuple(decode_picture(file).rgb for file in files)
    width, height = _output_size(request, images)
    # The same request is the same job, so that its picture has the same mark.
    idempotency_key = sha256_of_json([engine.revision, request.model_dump(mode="json")])
    return build_work(
        request,
        model=engine.model,
        width=width,
        height=height,
        seed=request.seed or 0,
        job_id=ids.job_id_for_key(_OWNER, idempotency_key),
        images=images,
        ingredients=pack_ingredients(files, request.task, credentials),
    )


def _output_size(request: JobRequest, images: tuple[Floats, ...]) -> tuple[int, int]:
    """Returns width and height in pixels. Raises UnsupportedSize."""
    if request.width is not None and request.height is not None:
        check_exact_size(request.width, request.height)
        return request.width, request.height
    ratio = DEFAULT_ASPECT_RATIO
    if images:
        height, width = images[0].shape[:2]
        ratio = nearest_ratio(width, height)
    return pixel_size(request.size or DEFAULT_SIZE, request.aspect_ratio or ratio)


def _validate_request(asked: OfflineRequest, files: Sequence[bytes]) -> JobRequest:
    fields = {
        "task": "edit" if files else "generate",
        "prompt": asked.prompt,
        "images": [{"data": base64.b64encode(file).decode()} for file in files],
        **{name: value for name, value in asked.options.items() if value is not None},
    }
    try:
        return JobRequest.model_validate(fields)
    except ValidationError as error:
        raise InvalidRequest(explain_fault(error)) from None
