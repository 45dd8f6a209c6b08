"""The messages of one subscription that are not acknowledged, in the order in which they may be delivered."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from .consumer import Consumer
from .message import Message
from .timers import Clock, Timers


@dataclass(slots=True, eq=False)
class Entry:
    """A message's place in one subscription.

    Attributes:
        lane: the ordering key, or empty where the order does not matter.
        attempt: how often it was delivered.
        extra: the second delivery that the ``duplicate`` fault makes; it is not persisted.
        not_before: the time of the next delivery.
        ack_id: of the latest delivery.
        deadline: when the lease lapses.
        consumer: who holds it; None while it waits.
        lost: its lease lapses however often it is extended.
        settled: acknowledged, dead-lettered or dropped.
    """

    message: Message
    lane: str = ""
    attempt: int = 0
    extra: bool = False
    not_before: float = 0.0
    ack_id: str = ""
    deadline: float = 0.0
    consumer: Consumer | None = None
    lost: bool = False
    settled: bool = False


class Backlog:
    """Who is next.

    Entries with an ordering key stand in a lane of which only the head is ever offered, so that neither a
    nack nor a lapsed deadline lets a later message overtake it.

    Args:
        clock: tells the time.
        timers: offer what has to wait.
        on_offered: called when something that had to wait is offered.
    """

    def __init__(self, clock: Clock, timers: Timers, on_offered: Callable[[], None]) -> None:
        self.entries: set[Entry] = set()
        self._clock = clock
        self._timers = timers
        self._on_offered = on_offered
        self._ready: deque[Entry] = deque()
        self._lanes: dict[str, deque[Entry]] = {}

    def enter(self, entry: Entry) -> None:
        """Takes in a new entry."""
        self.entries.add(entry)
        if entry.lane:
            lane = self._lanes.setdefault(entry.lane, deque())
            lane.append(entry)
            if len(lane) > 1:
                return
        self.offer(entry)

    def offer(self, entry: Entry) -> None:
        """Makes the entry available: now, behind the others, or when its time has come."""
        if entry.not_before > self._clock():
            self._timers.at(entry.not_before, partial(self._offer_late, entry))
        else:
            self._ready.append(entry)

    def offer_first(self, entry: Entry) -> None:
        """Makes the entry available before all others."""
        self._ready.appendleft(entry)

    def ready(self) -> int:
        """How many may be delivered now, at most."""
        return len(self._ready)

    def next(self) -> Entry | None:
        """Takes out the next entry that may be delivered now."""
        while self._ready:
            entry = self._ready.popleft()
            if not entry.settled:
                return entry
        return None

    def settle(self, entry: Entry) -> None:
        """The entry is done with; the next of its lane is offered."""
        entry.settled = True
        self.entries.discard(entry)
        if entry.lane:
            self._leave(self._lanes[entry.lane], entry)

    def clear(self) -> None:
        """All of them are done with."""
        for entry in self.entries:
            entry.settled = True
        for store in (self.entries, self._ready, self._lanes):
            store.clear()

    def _leave(self, lane: deque[Entry], entry: Entry) -> None:
        if entry is not lane[0]:
            lane.remove(entry)
            return
        lane.popleft()
        if lane:
            self.offer(lane[0])
        else:
            del self._lanes[entry.lane]

    def _offer_late(self, entry: Entry) -> None:
        self.offer(entry)
        self._on_offered()
