"""The messages of one subscription that are not acknowledged, in the order in which they may be delivered."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from functools import partial
from weakref import WeakKeyDictionary

from local.pubsub.backlog_entry import BacklogEntry
from local.pubsub.consumer import Consumer
from local.pubsub.ordering_key_queue import OrderingKeyQueue
from local.pubsub.timer_queue import Clock, TimerQueue

QueuePlace = BacklogEntry | OrderingKeyQueue
"""An item of a queue: one message, or the queue of an ordering key, which stands for its next message."""


class MessageBacklog:
    """The messages of one subscription that wait for delivery, in the order in which they may be delivered.

    Messages with an ordering key wait in a queue of their own. That queue has a place here while its next
    message may be delivered: in the queue for every consumer, or in the queue of the consumer that has the
    messages before it.

    Args:
        clock: tells the time.
        timers: offer messages that must wait.
        on_offered: is called when a message that had to wait is offered.
    """

    def __init__(self, clock: Clock, timers: TimerQueue, on_offered: Callable[[], None]) -> None:
        self.entries: set[BacklogEntry] = set()
        self._clock = clock
        self._timers = timers
        self._on_offered = on_offered
        self._ready: OrderedDict[QueuePlace, None] = OrderedDict()
        self._owned: WeakKeyDictionary[Consumer, OrderedDict[QueuePlace, None]] = WeakKeyDictionary()
        self._lanes: dict[str, OrderingKeyQueue] = {}

    def enter(self, entry: BacklogEntry) -> None:
        """Takes in a new entry."""
        self.entries.add(entry)
        if not entry.key:
            self.offer(entry)
            return
        lane = self._lanes.setdefault(entry.key, OrderingKeyQueue())
        lane.waiting.append(entry)
        self._offer_lane(lane)

    def offer(self, entry: BacklogEntry) -> None:
        """Makes an entry without a key available: now, behind the others, or when its time has come."""
        if entry.not_before > self._clock():
            self._timers.at(entry.not_before, partial(self._offer_late, entry))
        else:
            self._ready[entry] = None

    def give_back(self, entry: BacklogEntry) -> list[BacklogEntry]:
        """Makes a message whose delivery failed wait again; returns later messages of its key that were
        delivered.
        """
        lane = self._lanes.get(entry.key)
        if lane is None:
            self.offer(entry)
            return []
        called_back = lane.call_back(entry)
        self._offer_lane(lane)
        return called_back

    def take_back(self, entry: BacklogEntry) -> None:
        """Makes an entry that never left available before all others."""
        lane = self._lanes.get(entry.key)
        if lane is None:
            self._ready[entry] = None
            self._ready.move_to_end(entry, last=False)
        else:
            lane.call_back(entry)
            self._offer_lane(lane)

    def ready(self) -> int:
        """Returns the number of places in the queues; not all of them are open to every consumer."""
        return len(self._ready) + sum(map(len, self._owned.values()))

    def next(self, consumer: Consumer) -> BacklogEntry | None:
        """Takes out the next entry that may be delivered to the consumer now."""
        for queue in (self._owned.get(consumer), self._ready):
            while queue:
                place, _ = queue.popitem(last=False)
                if isinstance(place, BacklogEntry):
                    if not place.settled:
                        return place
                elif place.waiting and place.is_open_to(consumer):
                    entry = place.take(consumer)
                    self._offer_lane(place)
                    return entry
        return None

    def is_first(self, entry: BacklogEntry) -> bool:
        """Tells whether no earlier message of its key is out."""
        lane = self._lanes.get(entry.key)
        return lane is None or lane.is_first(entry)

    def first_of(self, key: str) -> BacklogEntry | None:
        """Returns the earliest delivered message of a key."""
        lane = self._lanes.get(key)
        return next(iter(lane.out), None) if lane else None

    def settle(self, entry: BacklogEntry) -> None:
        """Removes an entry for good and offers the next message of its key."""
        entry.settled = True
        self.entries.discard(entry)
        lane = self._lanes.get(entry.key)
        if lane is None:
            return
        lane.remove(entry)
        self._leave_queue(lane)
        if lane:
            self._offer_lane(lane)
        else:
            del self._lanes[entry.key]

    def clear(self) -> None:
        """Removes every entry."""
        for entry in self.entries:
            entry.settled = True
        for store in (self.entries, self._ready, self._owned, self._lanes):
            store.clear()

    def _offer_lane(self, lane: OrderingKeyQueue) -> None:
        """Gives the lane its place in the right queue, if its next message may be delivered."""
        self._leave_queue(lane)
        if not lane.waiting:
            return
        if lane.waiting[0].not_before > self._clock():
            self._timers.at(lane.waiting[0].not_before, partial(self._offer_lane_late, lane))
        elif lane.owner is None:
            self._queue(lane, self._ready)
        elif lane.is_open_to(lane.owner):
            self._queue(lane, self._owned.setdefault(lane.owner, OrderedDict()))

    def _queue(self, lane: OrderingKeyQueue, queue: OrderedDict[QueuePlace, None]) -> None:
        lane.queue = queue
        queue[lane] = None

    def _leave_queue(self, lane: OrderingKeyQueue) -> None:
        if lane.queue is not None:
            lane.queue.pop(lane, None)
            lane.queue = None

    def _offer_late(self, entry: BacklogEntry) -> None:
        self.offer(entry)
        self._on_offered()

    def _offer_lane_late(self, lane: OrderingKeyQueue) -> None:
        if lane.waiting:
            self._offer_lane(lane)
            self._on_offered()
