"""Waiting without being deaf: for an answer, or for the time to ask again."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from typing import TypeVar

LISTEN_EVERY = 0.2  # seconds

Answer = TypeVar("Answer")


def answered(ask: Callable[[], Answer], listen: Callable[[], None], seconds: float) -> Answer:
    """What ``ask`` returns or raises, within the time; ``listen`` is called all the while, and may raise.

    A call that is left alone goes on in its thread until its own limit, and what it brings is dropped.
    Raises TimeoutError when the time is up: a limit of the HTTP client's begins anew with each byte.
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


def pause(seconds: float, listen: Callable[[], None]) -> None:
    """Sleeps, and is heard by ``listen``, which may raise."""
    over = time.monotonic() + seconds
    while (left := over - time.monotonic()) > 0:
        time.sleep(min(left, LISTEN_EVERY))
        listen()
