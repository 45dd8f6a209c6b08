"""The parts of a start, measured by the clock so that they add up to the whole."""

from __future__ import annotations

import os
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

StartPart = Literal["process", "settings", "imports", "download", "load", "compile", "warm_up", "connect"]

_OWN_STATUS = Path("/proc/self/stat")
_STARTED = 21 - 2  # of the fields behind the name, which may itself hold spaces: man 5 proc, field 22


class StartParts:
    """Measures the parts of one process's start. A part within a part does not count for the outer one.

    Only the thread that starts the process may use it.
    """

    def __init__(self, first: StartPart) -> None:
        """Begins with ``first``, which has run since the process was started."""
        self._seconds: dict[StartPart, float] = {}
        self._part: StartPart = first
        self._since = time.monotonic() - process_age()

    @contextmanager
    def measure(self, part: StartPart) -> Generator[None]:
        """Measures the block as ``part``."""
        outer = self._part
        self._turn_to(part)
        try:
            yield
        finally:
            self._turn_to(outer)

    def milliseconds(self) -> dict[StartPart, int]:
        """Returns the parts that there were until now. They add up to the age of the process."""
        self._turn_to(self._part)
        return {part: round(seconds * 1_000) for part, seconds in self._seconds.items()}

    def _turn_to(self, part: StartPart) -> None:
        now = time.monotonic()
        self._seconds[self._part] = self._seconds.get(self._part, 0.0) + now - self._since
        self._part, self._since = part, now


def process_age() -> float:
    """Returns the seconds since the operating system started this process; 0.0 where it does not say."""
    try:
        fields = _OWN_STATUS.read_text("utf-8", "replace").rpartition(") ")[2].split(" ")
    except OSError:  # not Linux
        return 0.0
    started = int(fields[_STARTED]) / os.sysconf("SC_CLK_TCK")
    return max(0.0, time.clock_gettime(time.CLOCK_BOOTTIME) - started)
