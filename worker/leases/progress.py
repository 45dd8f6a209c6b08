"""Progress: how far a job has come, as a fraction that a bar can show, made of its stages' shares."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from functions.contract.job import BEGUN
from worker.stages.pipeline import Stage
from worker.stages.work import Work

_DRAWING = ("diffuse", "sequence")  # a correction's drawings do not move the bar


class Progress:
    """Reports a job's stage and step, with a progress that never decreases while the attempt lasts.

    ``tell`` takes what is new (``HeldLease.report``). The bar goes from ``BEGUN`` to 1 over the stages of
    ``line`` that apply to ``work``. Stages that are run again, as when memory ran out, do not move it back.
    """

    def __init__(self, tell: Callable[..., None], line: Sequence[Stage], work: Work) -> None:
        self._tell = tell
        self._spans = _spans(line, work)
        self._count = max(1, work.request.picture_count)
        self._pictures = 0  # drawn to their last step
        self._reached = BEGUN
        self.stage: str | None = None

    def report(
        self,
        stage: str | None = None,
        step: int | None = None,
        steps: int | None = None,
        preview: str | None = None,
    ) -> None:
        if stage:
            self.stage, self._pictures = stage, 0
            self._tell(stage=stage, step=None, steps=None, progress=self._at(stage, 0.0))
        if step is not None and steps:
            self._tell(step=step, steps=steps, progress=self._drawn(step, steps))
        if preview:
            self._tell(preview=preview)

    def _drawn(self, step: int, steps: int) -> float:
        if self.stage not in _DRAWING:
            return self._reached
        done = (self._pictures + step / steps) / self._count
        self._pictures += step == steps
        return self._at(self.stage, min(1.0, done))

    def _at(self, stage: str, done: float) -> float:
        """The progress when a fraction ``done`` of ``stage`` is through."""
        begins, ends = self._spans.get(stage, (0.0, 0.0))
        self._reached = max(self._reached, round(begins + done * (ends - begins), 4))
        return self._reached


def _spans(line: Sequence[Stage], work: Work) -> dict[str, tuple[float, float]]:
    """Where each stage that applies begins and ends, the last one at 1."""
    planned = [stage for stage in line if stage.applies(work)]
    scale = (1 - BEGUN) / (sum(stage.share for stage in planned) or 1.0)
    spans: dict[str, tuple[float, float]] = {}
    begins = BEGUN
    for stage in planned:
        spans[stage.name] = (begins, begins + stage.share * scale)
        begins += stage.share * scale
    return spans
