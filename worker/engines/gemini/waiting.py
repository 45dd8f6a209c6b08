"""Waits for an answer, or before a retry, and listens for an order to stop."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from typing import TypeVar

LISTEN_EVERY = 0.2  # seconds

Answer = TypeVar("Answer")


def wait_for_answer(ask: Callable[[], Answer], listen: Callable[[], None], seconds: float) -> Answer:
    """Returns or raises what ``ask`` does; meanwhile calls ``listen`` again and again, which may raise.

    An abandoned call goes on in its thread until its own limit, and its answer is dropped. Raises
    TimeoutError after ``seconds``: the HTTP client's own limit starts again with each byte.
    """
    over = time.monotonic() + seconds
    pool = ThreadPoolExecutor(1, "gemini")
    try:
        asked = pool.submit(ask)
        while not wait([asked], LISTEN_EVERY).done:
            listen()
            if time.monotonic() > over:
                raise TimeoutError
        return asked.result()
    finally:
        pool.shutdown(wait=False)


def pause_and_listen(seconds: float, listen: Callable[[], None]) -> None:
    """Sleeps, and calls ``listen`` again and again, which may raise."""
    over = time.monotonic() + seconds
    while (left := over - time.monotonic()) > 0:
        time.sleep(min(left, LISTEN_EVERY))
        listen()
