"""The parts of a start add up to it."""

from __future__ import annotations

import time

import psutil
import pytest

from worker.cold_start import start_parts
from worker.cold_start.start_parts import StartParts, process_age


def test_a_part_within_a_part_counts_once(monkeypatch: pytest.MonkeyPatch) -> None:
    seconds = [100.0]
    monkeypatch.setattr(time, "monotonic", lambda: seconds[0])
    monkeypatch.setattr(start_parts, "process_age", lambda: 2.0)
    start = StartParts("imports")
    with start.measure("load"):
        seconds[0] += 1
        with start.measure("download"):
            seconds[0] += 5
        seconds[0] += 1
    seconds[0] += 0.5
    with start.measure("load"):
        seconds[0] += 3
    assert start.milliseconds() == {"imports": 2_500, "load": 5_000, "download": 5_000}


def test_a_part_that_fails_is_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    seconds = [0.0]
    monkeypatch.setattr(time, "monotonic", lambda: seconds[0])
    monkeypatch.setattr(start_parts, "process_age", lambda: 0.0)
    start = StartParts("imports")
    with pytest.raises(OSError), start.measure("download"):
        seconds[0] += 1
        raise OSError
    seconds[0] += 1
    assert start.milliseconds() == {"imports": 1_000, "download": 1_000}


def test_a_process_began_when_the_system_says() -> None:
    """psutil's clock is the wall's: a machine that sets its clock meanwhile moves one of the two."""
    expected = time.time() - psutil.Process().create_time()
    assert process_age() == pytest.approx(expected, abs=5)
