"""Works to try stages on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from functions.contract import ids
from functions.contract.document import now
from functions.contract.request import JobRequest
from worker.engines.mock import MockEngine
from worker.engines.protocol import Encoded, Engine, Enlarger
from worker.stages.pipeline import plan_lanes, run_stages
from worker.stages.tools import EngineTools, MarkingTools
from worker.stages.work import Work
from worker.verification import Examiner
from worker.watermark import Watermarker

KEY = bytes(range(32))
LANES = plan_lanes()


def work(width: int = 256, height: int = 256, seed: int = 7, **request: Any) -> Work:
    asked = {"task": "generate", "prompt": "a red boat on the sea at night", **request}
    return Work(
        job_id=ids.job_id_for_key("a caller", "a key"),
        request=JobRequest.model_validate(asked),
        model="mock",
        width=width,
        height=height,
        seed=seed,
        attempt=1,
        deadline=now(),
    )


def tools(
    engine: Engine | None = None,
    save_checkpoint: Callable[[Work], None] | None = None,
    own: Sequence[Enlarger] = (),
    others: Sequence[Enlarger] = (),
) -> EngineTools:
    drawing = engine or MockEngine()
    return EngineTools(
        engine=lambda _: drawing,
        enlargers=lambda model: tuple(own if model else others),
        marker=Watermarker(KEY, 1),
        on_step=lambda _step, _steps, _preview: None,
        save_checkpoint=save_checkpoint or (lambda _: None),
    )


def marking_tools(**different: Any) -> MarkingTools:
    return MarkingTools(Watermarker(KEY, 1), Examiner([Watermarker(KEY, 1)], trust=None), **different)


def draw_and_mark(job: Work, kit: EngineTools | None = None) -> Work:
    """Runs the stages of the engine and of the marking, as the two processes do."""
    kit = kit or tools()
    marking = marking_tools(screener=kit.screener, watermark_proof=kit.watermark_proof)
    job = run_stages(LANES.engine, job, kit, lambda _: None)
    return run_stages(LANES.marking, job, marking, lambda _: None)


class Painter(MockEngine):
    """Draws flat pictures of the given colours, one after the other, and remembers the seeds."""

    def __init__(self, *colours: tuple[float, float, float]) -> None:
        super().__init__()
        self._colours = list(colours)
        self.seeds: list[int] = []

    def diffuse(self, encoded: Encoded, seed: int, on_step: object) -> np.ndarray:
        del on_step
        self.seeds.append(seed)
        picture = np.zeros((encoded.height, encoded.width, 3), np.float32)
        picture[: encoded.height // 2] = self._colours[min(len(self.seeds), len(self._colours)) - 1]
        return picture


def noise(width: int, height: int, seed: int = 0) -> np.ndarray:
    """float32 (height, width, 3), every value a multiple of 1/255."""
    levels = np.random.default_rng(seed).integers(0, 256, (height, width, 3))
    return (levels / 255).astype(np.float32)
