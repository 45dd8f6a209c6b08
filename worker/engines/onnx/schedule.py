"""The noise levels of a drawing, as FlowMatchEulerDiscreteScheduler sets them for Flux2KleinPipeline."""

from __future__ import annotations

from math import exp

import numpy as np
from numpy.typing import NDArray

from worker.engines.onnx.recipe import Schedule

Levels = NDArray[np.floating]

# The straight lines to which FLUX.2's authors fitted the shift (flux2/sampling.py, compute_empirical_mu).
_LONG = (0.00016927, 0.45666666)  # slope and height over the tokens, and for any steps above _MANY_TOKENS
_SHORT_AT_10, _SHORT_AT_200 = (8.73809524e-05, 1.89833333), _LONG
_MANY_TOKENS = 4_300


def compute_sigmas(schedule: Schedule, steps: int, tokens: int) -> NDArray[np.float32]:
    """Returns (steps + 1,) from 1 (noise) down to 0 (the picture); ``tokens`` are the picture's own."""
    even: Levels = np.linspace(1.0, 1 / steps, steps).astype(np.float32)
    shifted = (
        _shift_dynamically(even, schedule, _mu(tokens, steps))
        if schedule.dynamic
        else _shift_statically(even, schedule)
    )
    return np.append(shifted, 0).astype(np.float32)


def _shift_statically(even: Levels, schedule: Schedule) -> Levels:
    return schedule.shift * even / (1 + (schedule.shift - 1) * even)


def _shift_dynamically(even: Levels, schedule: Schedule, mu: float) -> Levels:
    shift = exp(mu) if schedule.shape == "exponential" else mu
    return shift / (shift + (1 / even - 1))


def _mu(tokens: int, steps: int) -> float:
    """Returns the shift for that many tokens, on the line between its values at 10 and at 200 steps."""
    at_200 = _SHORT_AT_200[0] * tokens + _SHORT_AT_200[1]
    if tokens > _MANY_TOKENS:
        return at_200
    at_10 = _SHORT_AT_10[0] * tokens + _SHORT_AT_10[1]
    slope = (at_200 - at_10) / 190
    return slope * steps + at_200 - 200 * slope
