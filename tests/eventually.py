"""Waiting for the thing that a test needs, and never for a time: none is asserted."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

PATIENCE = 400  # seconds until a test gives up waiting for what must come
Result = TypeVar("Result")


def eventually(look: Callable[[], Result | None], what: str = "what was waited for") -> Result:
    """What ``look`` finds, as soon as it finds something true. It looks less and less often."""
    give_up, pause = time.monotonic() + PATIENCE, 0.02
    while time.monotonic() < give_up:
        found = look()
        if found:
            return found
        time.sleep(pause)
        pause = min(1.2 * pause, 0.2)
    raise AssertionError(f"{what} did not come")
