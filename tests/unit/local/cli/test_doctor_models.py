"""What ``plantain doctor`` says of the known models."""

from __future__ import annotations

import pytest

from local.cli.doctor_models import Machine, check_known_models, format_seconds, judge_models
from worker.known_models.known_model import known_models


def speed_of(dtype: str) -> float:
    return {"float32": 1e12, "bfloat16": 2e12}[dtype]


def test_what_fits_is_told_with_its_time_and_what_is_calculated() -> None:
    klein = known_models()["klein"]
    machine = Machine(40 * 10**9, ("float32", "bfloat16"), speed_of)
    (told,) = judge_models([klein], machine)
    assert told.name == "runs: klein"
    for said in ("at least 3 min", "1024 px", "154 TFLOP (calculated)", "1 TFLOP/s (measured", "float32"):
        assert said in told.says
    assert "PLANTAIN_DTYPE" not in told.says


def test_less_memory_means_another_precision() -> None:
    machine = Machine(20 * 10**9, ("float32", "bfloat16"), speed_of)
    (told,) = judge_models([known_models()["klein"]], machine)
    assert "at least 77 s" in told.says
    assert "with PLANTAIN_DTYPE=bfloat16" in told.says


def test_what_does_not_fit_is_named_with_its_memory() -> None:
    machine = Machine(8 * 10**9, ("bfloat16",), speed_of)
    starter, large = judge_models(list(known_models().values())[:2], machine)
    assert starter.name == "runs: starter"
    assert (large.name, large.says) == ("too large here", "klein (19 GB); 8 GB are here")


@pytest.mark.parametrize(
    ("seconds", "text"), [(0.04, "0.04 s"), (12.3, "12 s"), (150, "2 min"), (9_000, "2.5 h")]
)
def test_seconds_are_read_at_a_glance(seconds: float, text: str) -> None:
    assert format_seconds(seconds) == text


@pytest.mark.slow
def test_this_machine_runs_the_starter() -> None:
    assert next(check_known_models()).name == "runs: starter"
