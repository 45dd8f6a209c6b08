"""Priority: what is low waits while what is normal waits, and is overtaken so often and no more.

Jobs of low priority come from a subscription of their own. Few of them at a time go on to the engine, so that
the others stay where another worker finds them; before the engine ``FairQueue`` has them wait for the normal
ones. docs/decisions/0019.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from typing import Generic, TypeVar

from worker.runtime.job_in_progress import AckableMessage

OVERTAKEN = 8  # jobs that may be drawn before one of low priority that waits
PLACES = 2  # jobs of low priority on their way to the engine: one to be drawn next, one behind it

Item = TypeVar("Item")


class FairQueue(Generic[Item]):
    """A queue in which low items wait for normal ones, and each ``overtaken`` normal ones for a low one.

    ``put`` waits while ``depth`` normal items are in it. Low ones are not counted: ``LowPrioritySlots``
    bounds them.
    """

    def __init__(self, depth: int, is_low: Callable[[Item], bool], overtaken: int = OVERTAKEN) -> None:
        self._depth = depth
        self._is_low = is_low
        self._most = overtaken
        self._overtaken = 0  # times, by what was taken while a low item waited
        self._normal: deque[Item] = deque()
        self._low: deque[Item] = deque()
        self._ends = 0
        self._changed = threading.Condition()

    def put(self, item: Item | None) -> None:
        """Adds ``item``; None tells one of those that get to end, after everything else was got."""
        with self._changed:
            if item is None:
                self._ends += 1
            elif self._is_low(item):
                self._low.append(item)
            else:
                self._changed.wait_for(lambda: len(self._normal) < self._depth)
                self._normal.append(item)
            self._changed.notify_all()

    def get(self) -> Item | None:
        """Waits for the next item, or for the end."""
        with self._changed:
            self._changed.wait_for(lambda: self._normal or self._low or self._ends)
            item = self._next()
            self._changed.notify_all()
            return item

    def _next(self) -> Item | None:
        if self._low and (not self._normal or self._overtaken >= self._most):
            self._overtaken = 0
            return self._low.popleft()
        if self._normal:
            self._overtaken += bool(self._low)
            return self._normal.popleft()
        self._ends -= 1
        return None


class LowPriorityMessage:
    """A message of low priority, with a place that it gives back once it is settled or its job is drawn."""

    def __init__(self, message: AckableMessage, give_back: Callable[[], None]) -> None:
        self._message = message
        self._give_back: Callable[[], None] | None = give_back

    @property
    def data(self) -> bytes:
        return self._message.data

    def ack(self) -> None:
        self.leave()
        self._message.ack()

    def nack(self) -> None:
        self.leave()
        self._message.nack()

    def leave(self) -> None:
        """Gives the place back, so that the next one may come."""
        give_back, self._give_back = self._give_back, None
        if give_back is not None:
            give_back()


class LowPrioritySlots:
    """So many messages of low priority are on their way to the engine at once."""

    def __init__(self, places: int = PLACES) -> None:
        self._free = places
        self._is_closed = False
        self._changed = threading.Condition()

    def take(self, message: AckableMessage) -> LowPriorityMessage | None:
        """Waits for a place; None when the worker stops, and the message is to go back."""
        with self._changed:
            self._changed.wait_for(lambda: self._free or self._is_closed)
            if self._is_closed:
                return None
            self._free -= 1
        return LowPriorityMessage(message, self._give_back)

    def close(self) -> None:
        """Lets nobody wait any more."""
        with self._changed:
            self._is_closed = True
            self._changed.notify_all()

    def _give_back(self) -> None:
        with self._changed:
            self._free += 1
            self._changed.notify_all()
