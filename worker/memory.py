"""Memory admission: pictures in flight never need more than there is."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from pathlib import Path

from functions.contract.errors import OutOfMemory

_BYTES_PER_PIXEL = 3 * 4  # float32 RGB
_LOOK_UP = 0.5  # seconds between two looks at whether a waiting job is still wanted
_COPIES = 5  # the picture itself, and what upscale, watermark and encoding hold beside it


def estimate(width: int, height: int, count: int, inputs: int = 0) -> int:
    """Bytes that a job's pictures take outside the model; ``inputs`` in pixels."""
    drawn = width * height * (count + _COPIES)
    return _BYTES_PER_PIXEL * (drawn + 2 * inputs)


def available_bytes() -> int:
    """What Linux says is available, or its cgroup allows, whichever is less; elsewhere half of the memory."""
    if not Path("/proc/meminfo").exists():
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // 2
    meminfo = dict(line.split(":", 1) for line in Path("/proc/meminfo").read_text().splitlines())
    free = int(meminfo["MemAvailable"].split()[0]) * 1024
    limit = Path("/sys/fs/cgroup/memory.max")
    text = limit.read_text().strip() if limit.exists() else "max"
    return free if text == "max" else min(free, int(text))


class MemoryBudget:
    """Bytes that jobs reserve before they are taken in, and give back when they have left."""

    def __init__(self, total: int) -> None:
        self.total = total
        self._free = total
        self._changed = threading.Condition()

    def reserve(self, size: int, check: Callable[[], None] = lambda: None) -> None:
        """Waits until there is room. Raises OutOfMemory for what never fits, and what ``check`` raises."""
        if size > self.total:
            raise OutOfMemory(
                f"The pictures need about {size >> 20} MiB; this worker has {self.total >> 20} MiB for them."
            )
        with self._changed:
            while not self._changed.wait_for(lambda: self._free >= size, timeout=_LOOK_UP):
                check()
            self._free -= size

    def release(self, size: int) -> None:
        with self._changed:
            self._free += size
            self._changed.notify_all()
