"""One budget of bytes for pictures: memory is reserved before it is used, and released after."""

from __future__ import annotations

import os
import threading
import time
from collections import deque
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from ..errors import ImageTooLarge, MemoryBusy, OutOfMemory

_LOOK_UP = 0.5  # seconds between two looks at whether what waits is still wanted
_CGROUP_2, _CGROUP_1 = "/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"
_UNLIMITED = 1 << 60
_PROCESS = 256 << 20  # what a function's process takes without any picture
_SHARE = 0.7  # of the rest; bodies and answers take what is left


def container_memory_bytes() -> int:
    """Returns the memory that this container may use: its cgroup's limit, or else the machine's memory."""
    machine = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    for file in (Path(_CGROUP_2), Path(_CGROUP_1)):
        text = file.read_text().strip() if file.exists() else "max"
        if text.isdigit() and int(text) < _UNLIMITED:
            machine = min(machine, int(text))
    return machine


def intake_memory_bytes(container: int | None = None) -> int:
    """Returns what a function's pictures may use at once: seven tenths of what the process leaves of its
    container.

    ``container``: the container's memory in bytes; None: this one's.
    """
    return max(_PROCESS // 4, int(((container or container_memory_bytes()) - _PROCESS) * _SHARE))


@dataclass(frozen=True)
class PictureMemory:
    """The memory that a process may use for pictures: for their files, and for their decoded pixels.

    The two are separate so that a thread that holds a file's bytes can never keep another from decoding: a
    thread that holds both has reserved the file's first, and a thread that decodes waits for nothing further.
    """

    files: MemoryBudget
    pixels: MemoryBudget

    @classmethod
    def of(cls, total: int) -> PictureMemory:
        """Returns budgets of ``total`` bytes: an eighth for files, the rest for pixels."""
        return cls(MemoryBudget(total // 8), MemoryBudget(total - total // 8))


class MemoryBudget:
    """Bytes that are reserved before they are used. Requests are served in their order, however
    large they are.
    """

    def __init__(self, total: int) -> None:
        self.total = total
        self._free = total
        self._changed = threading.Condition()
        self._waiting: deque[object] = deque()

    @property
    def waiting(self) -> int:
        """Returns how many callers wait for their turn."""
        return len(self._waiting)

    @contextmanager
    def hold(self, size: int, *, seconds: float) -> Generator[None]:
        """Reserves ``size`` bytes while the block runs.

        Raises ImageTooLarge for what never fits, and MemoryBusy when it is not free within ``seconds``.
        """
        if size > self.total:
            raise ImageTooLarge(
                f"Decoding takes {size >> 20} MiB and {self.total >> 20} MiB are there: scale the image down."
            )
        until = time.monotonic() + seconds

        def check() -> None:
            if time.monotonic() >= until:
                raise MemoryBusy("Other images take the memory at present: send the request again.")

        self._take(size, check, seconds)
        try:
            yield
        finally:
            self.release(size)

    def reserve(self, size: int, check: Callable[[], None] = lambda: None) -> None:
        """Waits until there is room. Raises OutOfMemory for what never fits, and what ``check`` raises."""
        if size > self.total:
            raise OutOfMemory(
                f"The pictures need about {size >> 20} MiB; this worker has {self.total >> 20} MiB for them."
            )
        self._take(size, check, _LOOK_UP)

    def release(self, size: int) -> None:
        with self._changed:
            self._free += size
            self._changed.notify_all()

    def _take(self, size: int, check: Callable[[], None], look_up: float) -> None:
        turn = object()
        with self._changed:
            self._waiting.append(turn)
            try:
                while not self._changed.wait_for(lambda: self._is_next(turn, size), timeout=look_up):
                    check()
                self._free -= size
            finally:
                self._waiting.remove(turn)
                self._changed.notify_all()

    def _is_next(self, turn: object, size: int) -> bool:
        return self._waiting[0] is turn and self._free >= size
