"""A job's progress: a fraction for a progress bar, made of the shares of its stages."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from functions.contract.job import BEGUN
from worker.stages.pipeline import AnyStage
from worker.stages.work import Work

_DRAWING = ("diffuse", "sequence", "animate", "frames")  # a correction's drawings do not move the bar


class JobProgress:
    """Reports a job's stage and step, with a progress that never decreases during an attempt.

    ``write`` takes what has changed (``HeldLease.report``). The progress goes from ``BEGUN`` to 1 over those
    of ``stages`` that apply to ``work``. A stage that is run again, as when memory ran out, does not move it
    back.
    """

    def __init__(self, write: Callable[..., None], stages: Sequence[AnyStage], work: Work) -> None:
        self._write = write
        self._spans = _stage_spans(stages, work)
        self._picture_count = max(1, work.request.picture_count)
        self._pictures_drawn = 0
        self._reached = BEGUN
        self.stage: str | None = None

    def report(
        self,
        stage: str | None = None,
        step: int | None = None,
        steps: int | None = None,
        preview: str | None = None,
    ) -> None:
        """Writes what is not None. ``preview`` is a data: URL."""
        if stage:
            self.stage, self._pictures_drawn = stage, 0
            self._write(stage=stage, step=None, steps=None, progress=self._advance(stage, 0.0))
        if step is not None and steps:
            self._write(step=step, steps=steps, progress=self._count_step(step, steps))
        if preview:
            self._write(preview=preview)

    def _count_step(self, step: int, steps: int) -> float:
        if self.stage not in _DRAWING:
            return self._reached
        done = (self._pictures_drawn + step / steps) / self._picture_count
        self._pictures_drawn += step == steps
        return self._advance(self.stage, min(1.0, done))

    def _advance(self, stage: str, done: float) -> float:
        """Returns the progress when a fraction ``done`` (0–1) of ``stage`` is complete."""
        begins, ends = self._spans.get(stage, (0.0, 0.0))
        self._reached = max(self._reached, round(begins + done * (ends - begins), 4))
        return self._reached


def _stage_spans(stages: Sequence[AnyStage], work: Work) -> dict[str, tuple[float, float]]:
    """Returns the progress at which each stage that applies begins and ends; the last one ends at 1."""
    planned = [stage for stage in stages if stage.applies(work)]
    scale = (1 - BEGUN) / (sum(stage.share for stage in planned) or 1.0)
    spans: dict[str, tuple[float, float]] = {}
    begins = BEGUN
    for stage in planned:
        spans[stage.name] = (begins, begins + stage.share * scale)
        begins += stage.share * scale
    return spans
