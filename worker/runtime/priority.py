"""Jobs of low priority wait while normal jobs wait, but not for ever.

They come from a subscription of their own. Only a few of them at a time go on to the engine; the others stay
in the subscription, where another worker can take them. Before the engine ``FairQueue`` lets normal jobs
overtake them a limited number of times. docs/decisions/0019.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

from worker.runtime.job_in_progress import AckableMessage

MAX_OVERTAKES = 8  # normal jobs that may be drawn while one of low priority waits
LOW_PRIORITY_SLOTS = 2  # low jobs on their way to the engine: one to be drawn next, one behind it

Item = TypeVar("Item")


class FairQueue(Generic[Item]):
    """A queue in which normal items overtake low ones, at most ``max_overtakes`` times for each low item.

    ``put`` blocks while ``depth`` normal items wait. Low items do not count: ``LowPrioritySlots`` limits
    them. ``find_partners`` chooses, of the items that wait, those that are served together with the next one;
    normal ones of them overtake as well.
    """

    def __init__(
        self,
        depth: int,
        is_low: Callable[[Item], bool],
        max_overtakes: int = MAX_OVERTAKES,
        find_partners: Callable[[Item, Sequence[Item]], Sequence[Item]] | None = None,
    ) -> None:
        self._depth = depth
        self._is_low = is_low
        self._max_overtakes = max_overtakes
        self._find_partners = find_partners
        self._overtakes = 0  # normal items taken while the first low one waited
        self._normal: deque[Item] = deque()
        self._low: deque[Item] = deque()
        self._ends = 0
        self._changed = threading.Condition()

    def put(self, item: Item | None) -> None:
        """Adds ``item``. None makes one ``get`` return None, after all items have been taken."""
        with self._changed:
            if item is None:
                self._ends += 1
            elif self._is_low(item):
                self._low.append(item)
            else:
                self._changed.wait_for(lambda: len(self._normal) < self._depth)
                self._normal.append(item)
            self._changed.notify_all()

    def get(self) -> list[Item] | None:
        """Waits for the next item, or for an end, and never for a partner. Returns it with its partners."""
        with self._changed:
            self._changed.wait_for(lambda: self._normal or self._low or self._ends)
            first = self._take_next()
            taken = None if first is None else [first, *self._take_partners(first)]
            self._changed.notify_all()
            return taken

    def _take_next(self) -> Item | None:
        if self._low and (not self._normal or self._overtakes >= self._max_overtakes):
            self._overtakes = 0
            return self._low.popleft()
        if self._normal:
            self._overtakes += bool(self._low)
            return self._normal.popleft()
        self._ends -= 1
        return None

    def _take_partners(self, first: Item) -> Sequence[Item]:
        if self._find_partners is None:
            return ()
        partners = self._find_partners(first, [*self._normal, *self._low])
        for item in partners:
            (self._low if self._is_low(item) else self._normal).remove(item)
        if self._low:
            self._overtakes += sum(not self._is_low(item) for item in partners)
        return partners


class LowPriorityMessage:
    """A message with a slot, which is freed when the message is settled or its job begins to be drawn."""

    def __init__(self, message: AckableMessage, free_slot: Callable[[], None]) -> None:
        self._message = message
        self._free_slot: Callable[[], None] | None = free_slot

    @property
    def data(self) -> bytes:
        return self._message.data

    def ack(self) -> None:
        self.free_slot()
        self._message.ack()

    def nack(self) -> None:
        self.free_slot()
        self._message.nack()

    def free_slot(self) -> None:
        """Frees the slot for another message. Further calls do nothing."""
        free_slot, self._free_slot = self._free_slot, None
        if free_slot is not None:
            free_slot()


class LowPrioritySlots:
    """Limits how many messages of low priority are on their way to the engine at once."""

    def __init__(self, slots: int = LOW_PRIORITY_SLOTS) -> None:
        self._free = slots
        self._is_closed = False
        self._changed = threading.Condition()

    def acquire(self, message: AckableMessage) -> LowPriorityMessage | None:
        """Waits for a free slot. Returns None when the worker stops and the message must go back."""
        with self._changed:
            self._changed.wait_for(lambda: self._free or self._is_closed)
            if self._is_closed:
                return None
            self._free -= 1
        return LowPriorityMessage(message, self._release)

    def close(self) -> None:
        """Ends every wait for a slot."""
        with self._changed:
            self._is_closed = True
            self._changed.notify_all()

    def _release(self) -> None:
        with self._changed:
            self._free += 1
            self._changed.notify_all()
