"""Encode: prepares the prompt and the reference pictures for the model."""

from __future__ import annotations

from functions.contract.clips import DEFAULT_FPS
from worker.engines.protocol import Brief
from worker.stages.lettering import has_quoted_words, is_written_by_model
from worker.stages.tools import EngineTools
from worker.stages.work import Work
from worker.typesetting.surface_words import without_quoted


def encode(work: Work, tools: EngineTools) -> Work:
    """Encodes the brief. Raises ModelUnavailable, UnsupportedTask or OutOfMemory."""
    engine = tools.engine(work.model)
    work.engine, work.model_revision = engine.name, engine.revision
    if work.intent is not None and has_quoted_words(work) and not is_written_by_model(work, tools):
        plain = without_quoted(work.intent.prompt)
        work.intent = work.intent.model_copy(update={"prompt": plain})
    work.encoded = engine.encode(build_brief(work))
    if work.intent is not None and work.encoded.unread_prompt:
        work.intent = work.intent.model_copy(update={"prompt_truncated": work.encoded.unread_prompt})
    return work


def build_brief(work: Work) -> Brief:
    """Returns what the engine is asked to draw."""
    request = work.request
    return Brief(
        prompt=work.intent.prompt if work.intent else request.prompt or "",
        negative_prompt=request.negative_prompt,
        width=work.width,
        height=work.height,
        images=work.images,
        mask=work.mask,
        steps=request.steps,
        guidance=request.guidance,
        strength=request.strength,
        frames=request.frame_count,
        fps=(request.fps or DEFAULT_FPS) if request.frame_count else 0,
        bit_depth=request.bit_depth,
        labels=work.labels,
    )
