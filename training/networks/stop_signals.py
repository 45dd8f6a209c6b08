"""A training that is asked to stop ends after its current step, and can be resumed."""

from __future__ import annotations

import signal
from collections.abc import Callable
from threading import Event


def stop_on_signals() -> Callable[[], bool]:
    """Returns a callable that returns True once the process received SIGINT or SIGTERM."""
    stopped = Event()

    def stop_after_this_step(*_: object) -> None:
        stopped.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop_after_this_step)
    return stopped.is_set
