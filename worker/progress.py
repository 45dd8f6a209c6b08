"""Progress: where in the line a job is, as a fraction that a bar can show."""

from __future__ import annotations

from worker.tenure import Tenure

# Where each stage begins on the way from 0 to 1; drawing takes most of it.
_BEGINS = {
    "screen": 0.0,
    "intent": 0.02,
    "locate": 0.03,
    "suggest": 0.04,
    "sequence": 0.04,
    "encode": 0.04,
    "diffuse": 0.06,
    "correct": 0.70,
    "upscale": 0.78,
    "composite": 0.84,
    "screen_output": 0.86,
    "watermark": 0.88,
    "seal": 0.94,
}
_DRAWING = ("diffuse", "sequence")
_DRAWN = _BEGINS["correct"] - _BEGINS["diffuse"]


class Progress:
    """Reports a job's stage and step to its tenure, which writes them at most once a second."""

    def __init__(self, tenure: Tenure) -> None:
        self._tenure = tenure
        self._count = tenure.record.request.picture_count
        self._pictures = 0  # drawn to their last step
        self.stage: str | None = None

    def report(
        self,
        stage: str | None = None,
        step: int | None = None,
        steps: int | None = None,
        preview: str | None = None,
    ) -> None:
        if stage:
            self.stage = stage
            self._pictures = 0 if stage in _DRAWING else self._pictures
            self._tenure.report(stage=stage, step=None, steps=None, progress=_BEGINS.get(stage, 0.0))
        if step is not None and steps:
            self._tenure.report(step=step, steps=steps, progress=self._drawn(step, steps))
        if preview:
            self._tenure.report(preview=preview)

    def _drawn(self, step: int, steps: int) -> float:
        if self.stage not in _DRAWING:  # a correction's drawings do not move the bar
            return _BEGINS.get(self.stage or "", 0.0)
        done = (self._pictures + step / steps) / self._count
        self._pictures += step == steps
        return round(_BEGINS["diffuse"] + _DRAWN * min(1.0, done), 4)
