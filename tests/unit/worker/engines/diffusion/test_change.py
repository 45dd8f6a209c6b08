"""The steps that a strength leaves."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from worker.engines.diffusion.families.change import steps_for_strength


@pytest.mark.parametrize(
    ("strength", "steps", "taken"),
    [
        (1.0, 4, 4),
        (0.6, 30, 30),
        (0.5, 4, 4),
        (0.8, 4, 6),  # of 4, none would be skipped
        (0.1, 4, 11),  # of 4, none would be left
        (0.99, 4, 4),  # a hundred steps to skip one is not what was asked
    ],
)
def test_a_strength_gets_the_steps_it_needs(strength: float, steps: int, taken: int) -> None:
    assert steps_for_strength(strength, steps) == taken


@settings(deadline=None)
@given(strength=st.floats(0.001, 1), steps=st.integers(1, 100))
def test_every_strength_leaves_a_step_however_a_pipeline_counts(strength: float, steps: int) -> None:
    count = steps_for_strength(strength, steps)
    assert count >= steps
    assert int(count * strength) >= 1  # as SDXL's count
    assert count - int(max(count - count * strength, 0)) >= 1  # as FLUX's
