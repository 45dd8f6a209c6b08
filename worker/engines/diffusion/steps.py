"""What happens between two denoising steps: the caller is told, may look, and may stop."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from worker.engines.protocol import OnStep, Picture

# Samplers whose step goes along a straight line from the noise to the picture, sigma by sigma.
_STRAIGHT = ("FlowMatchEulerDiscreteScheduler", "EulerDiscreteScheduler")


class Steps:
    """A pipeline's ``callback_on_step_end``.

    Nothing here or in diffusers catches what ``on_step`` raises; the next call of the pipeline sets its
    schedule anew, so that stopping leaves nothing behind.
    """

    def __init__(self, on_step: OnStep, look: Callable[[Any], Picture]) -> None:
        self._on_step = on_step
        self._look = look
        self._latents: Any = None

    def __call__(self, pipeline: Any, step: int, _timestep: Any, tensors: dict[str, Any]) -> dict[str, Any]:
        before, self._latents = self._latents, tensors["latents"]
        clean = predicted(pipeline.scheduler, before, self._latents)
        look = None if clean is None else lambda: self._look(clean())
        self._on_step(step + 1, pipeline.num_timesteps, look)
        return tensors


def predicted(scheduler: Any, before: Any, after: Any) -> Callable[[], Any] | None:
    """Where the last Euler step was heading: x0 = x - sigma dx/dsigma. None when that cannot be said."""
    if before is None or type(scheduler).__name__ not in _STRAIGHT or scheduler.step_index is None:
        return None
    sigma_before, sigma = scheduler.sigmas[scheduler.step_index - 1], scheduler.sigmas[scheduler.step_index]
    slope = 1 / (float(sigma) - float(sigma_before))
    return lambda: after - float(sigma) * slope * (after - before)
