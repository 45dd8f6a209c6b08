"""The noise levels are the scheduler's own, however it is configured."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from diffusers.pipelines.flux2.pipeline_flux2_klein import compute_empirical_mu
from diffusers.schedulers.scheduling_flow_match_euler_discrete import FlowMatchEulerDiscreteScheduler

from worker.engines.onnx.recipe import Schedule
from worker.engines.onnx.schedule import compute_sigmas


@pytest.mark.parametrize("steps", [1, 4, 20, 50])
@pytest.mark.parametrize("tokens", [64, 1024, 4096, 8000])
@pytest.mark.parametrize(
    "schedule",
    [
        Schedule(shift=1.0),
        Schedule(shift=2.0),
        Schedule(shift=1.0, dynamic=True),
        Schedule(shift=1.0, dynamic=True, shape="linear"),
    ],
)
def test_the_levels_are_those_of_the_pipeline(schedule: Schedule, tokens: int, steps: int) -> None:
    scheduler: Any = FlowMatchEulerDiscreteScheduler(
        shift=schedule.shift, use_dynamic_shifting=schedule.dynamic, time_shift_type=schedule.shape
    )
    even = np.linspace(1.0, 1 / steps, steps)
    scheduler.set_timesteps(steps, sigmas=even, mu=compute_empirical_mu(tokens, steps))
    assert np.abs(compute_sigmas(schedule, steps, tokens) - scheduler.sigmas.numpy()).max() < 1e-6
