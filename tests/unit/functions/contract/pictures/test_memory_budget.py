"""The budget of bytes: held before they are used, first come first served, never waited for without end."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest

from functions.contract.errors import ImageTooLarge, MemoryBusy, OutOfMemory
from functions.contract.pictures.memory_budget import (
    MemoryBudget,
    PictureMemory,
    container_memory_bytes,
    intake_memory_bytes,
)
from tests.eventually import eventually


def in_thread(run: Callable[[], None]) -> threading.Thread:
    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    return thread


def test_what_never_fits_is_refused_at_once() -> None:
    with pytest.raises(OutOfMemory):
        MemoryBudget(total=100).reserve(101)
    with pytest.raises(ImageTooLarge), MemoryBudget(total=100).hold(101, seconds=60):
        pass


def test_what_does_not_become_free_is_refused_and_may_be_tried_again() -> None:
    budget = MemoryBudget(total=100)
    with budget.hold(60, seconds=0), pytest.raises(MemoryBusy) as busy, budget.hold(60, seconds=0.01):
        pass
    assert busy.value.retryable
    assert busy.value.status == 503
    with budget.hold(100, seconds=0):  # who gave up left nothing behind
        pass


def test_a_job_waits_until_another_has_left() -> None:
    budget = MemoryBudget(total=100)
    budget.reserve(60)
    entered = threading.Event()

    def enter() -> None:
        budget.reserve(60)
        entered.set()

    thread = in_thread(enter)
    assert not entered.is_set()
    budget.release(60)
    thread.join()
    assert entered.is_set()


def test_who_wants_much_is_not_overtaken_for_ever() -> None:
    budget = MemoryBudget(total=100)
    budget.reserve(50)
    order: list[str] = []

    def take(size: int, name: str) -> Callable[[], None]:
        def run() -> None:
            with budget.hold(size, seconds=60):
                order.append(name)

        return run

    large = in_thread(take(100, "large"))
    eventually(lambda: budget.waiting == 1)
    small = in_thread(take(10, "small"))
    eventually(lambda: budget.waiting == 2)
    assert order == []
    budget.release(50)
    large.join()
    small.join()
    assert order == ["large", "small"]


def test_many_threads_never_have_more_than_there_is() -> None:
    budget, lock = MemoryBudget(total=100), threading.Lock()
    used, most = 0, 0

    def run() -> None:
        nonlocal used, most
        for size in (10, 35, 50, 90):
            with budget.hold(size, seconds=60):
                with lock:
                    used += size
                    most = max(most, used)
                with lock:
                    used -= size

    threads = [in_thread(run) for _ in range(16)]
    for thread in threads:
        thread.join()
    assert 0 < most <= 100


def test_files_and_pixels_share_what_there_is() -> None:
    memory = PictureMemory.of(1000)
    assert memory.files.total + memory.pixels.total == 1000
    assert 0 < intake_memory_bytes() < container_memory_bytes()
