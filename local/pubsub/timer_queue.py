"""A heap of callbacks by the time at which they are due, with one alarm for the earliest."""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Callable

Clock = Callable[[], float]
"""Monotonic seconds."""


class TimerQueue:
    """Callbacks by the time at which they are due.

    Args:
        clock: tells the time.
        wake: is called with the time of the earliest callback whenever that becomes earlier; its owner then
            calls :meth:`run` at that time.
    """

    def __init__(self, clock: Clock, wake: Callable[[float], None]) -> None:
        self._clock = clock
        self._wake = wake
        self._heap: list[tuple[float, int, Callable[[], None]]] = []
        self._tie = itertools.count()

    def at(self, when: float, action: Callable[[], None]) -> None:
        """Calls ``action`` once, at ``when`` or soon after."""
        heapq.heappush(self._heap, (when, next(self._tie), action))
        if self._heap[0][0] == when:
            self._wake(when)

    def run(self) -> None:
        """Calls everything that is due, and asks to be woken for the rest."""
        now = self._clock()
        while self._heap and self._heap[0][0] <= now:
            heapq.heappop(self._heap)[2]()
        if self._heap:
            self._wake(self._heap[0][0])
