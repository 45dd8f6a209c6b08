"""Between two denoising steps: reports the step, offers a preview, and lets the caller stop."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from worker.engines.protocol import Picture
from worker.engines.shared_pass import PreviewOf

# Samplers whose steps follow a straight line from the noise to the picture, sigma by sigma.
_STRAIGHT = ("FlowMatchEulerDiscreteScheduler", "EulerDiscreteScheduler")


class StepCallback:
    """A pipeline's ``callback_on_step_end``.

    ``on_step`` takes the steps done, the steps in all, and a function for the preview of one of the pass's
    pictures. ``preview`` makes it from one picture's latents. Neither this class nor diffusers catches what
    ``on_step`` raises. The next call of the pipeline resets its schedule, so that stopping leaves nothing
    behind.
    """

    def __init__(
        self, on_step: Callable[[int, int, PreviewOf | None], None], preview: Callable[[Any], Picture]
    ) -> None:
        self._on_step = on_step
        self._preview = preview
        self._latents: Any = None

    def __call__(self, pipeline: Any, step: int, _timestep: Any, tensors: dict[str, Any]) -> dict[str, Any]:
        before, self._latents = self._latents, tensors["latents"]
        clean = predict_clean(pipeline.scheduler, before, self._latents)
        preview = None if clean is None else partial(self._preview_of, clean)
        self._on_step(step + 1, pipeline.num_timesteps, preview)
        return tensors

    def _preview_of(self, clean: Callable[[], Any], n: int) -> Picture:
        """Returns the preview of picture ``n`` of the pass; ``clean`` gives the latents of all."""
        return self._preview(clean()[n : n + 1])


def predict_clean(scheduler: Any, before: Any, after: Any) -> Callable[[], Any] | None:
    """Returns a function for where the last step leads, if that is known.

    For an Euler step it is x0 = x - sigma dx/dsigma. DPM-Solver++ and UniPC predict x0 itself, and keep it.
    """
    if type(scheduler).__name__ == "UniPCMultistepScheduler":
        predicted = scheduler.model_outputs[-1] if scheduler.config.predict_x0 else None
        return None if predicted is None else lambda: predicted
    if type(scheduler).__name__ == "DPMSolverMultistepScheduler":
        predicted = scheduler.model_outputs[-1] if "++" in scheduler.config.algorithm_type else None
        return None if predicted is None else lambda: predicted
    if before is None or type(scheduler).__name__ not in _STRAIGHT or scheduler.step_index is None:
        return None
    sigma_before, sigma = scheduler.sigmas[scheduler.step_index - 1], scheduler.sigmas[scheduler.step_index]
    slope = 1 / (float(sigma) - float(sigma_before))
    return lambda: after - float(sigma) * slope * (after - before)
