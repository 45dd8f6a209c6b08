from __future__ import annotations

import threading

import pytest

from functions.contract.errors import OutOfMemory
from worker.memory import MemoryBudget, available_bytes, estimate


def test_what_never_fits_is_refused_at_once() -> None:
    with pytest.raises(OutOfMemory):
        MemoryBudget(total=100).reserve(101)


def test_a_job_waits_until_another_has_left() -> None:
    budget = MemoryBudget(total=100)
    budget.reserve(60)
    entered = threading.Event()

    def enter() -> None:
        budget.reserve(60)
        entered.set()

    thread = threading.Thread(target=enter)
    thread.start()
    assert not entered.is_set()
    budget.release(60)
    thread.join()
    assert entered.is_set()


def test_an_estimate_grows_with_pixels_and_pictures() -> None:
    assert estimate(512, 512, 1) < estimate(512, 512, 4) < estimate(4096, 4096, 4)
    assert available_bytes() > 0
