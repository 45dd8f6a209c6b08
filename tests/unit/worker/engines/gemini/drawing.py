"""The engine in front of the service, and briefs to try it with."""

from __future__ import annotations

from typing import Any

from functions.contract.validation.gemini_models import GeminiOptions
from tests.unit.worker.engines.gemini.service import Service
from worker.engines.gemini.engine import GeminiEngine
from worker.engines.protocol import Brief, OnStep, Picture

KEY = "AIza-not-a-real-key"
PROMPT = "a red boat on the sea"


def engine(google: Service, seconds: float = 30.0, **options: Any) -> GeminiEngine:
    made = GeminiEngine(
        project="demo",
        key=KEY,
        url=google.url,
        seconds=seconds,
        first_pause=0.01,
        options=GeminiOptions.model_validate(options),
    )
    made.load()
    return made


def build_brief(width: int = 64, height: int = 64, **more: Any) -> Brief:
    fields: dict[str, Any] = {"prompt": PROMPT, "width": width, "height": height}
    return Brief(**(fields | more))


def go_on(_step: int, _of: int, _preview: object) -> None:
    """An OnStep that lets the engine go on."""


def draw(made: GeminiEngine, asked: Brief | None = None, seed: int = 1, on_step: OnStep = go_on) -> Picture:
    return made.diffuse(made.encode(asked or build_brief()), seed, on_step)
