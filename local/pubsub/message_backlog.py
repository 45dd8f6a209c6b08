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
        self._key_queues: dict[str, OrderingKeyQueue] = {}

    def add_entry(self, entry: BacklogEntry) -> None:
        """Takes in a new entry."""
        self.entries.add(entry)
        if not entry.key:
            self.offer(entry)
            return
        key_queue = self._key_queues.setdefault(entry.key, OrderingKeyQueue())
        key_queue.waiting.append(entry)
        self._offer_key_queue(key_queue)

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
        key_queue = self._key_queues.get(entry.key)
        if key_queue is None:
            self.offer(entry)
            return []
        called_back = key_queue.call_back(entry)
        self._offer_key_queue(key_queue)
        return called_back

    def take_back(self, entry: BacklogEntry) -> None:
        """Makes an entry that never left available before all others."""
        key_queue = self._key_queues.get(entry.key)
        if key_queue is None:
            self._ready[entry] = None
            self._ready.move_to_end(entry, last=False)
        else:
            key_queue.call_back(entry)
            self._offer_key_queue(key_queue)

    def count_ready(self) -> int:
        """Returns the number of places in the queues; not all of them are open to every consumer."""
        return len(self._ready) + sum(map(len, self._owned.values()))

    def take_next(self, consumer: Consumer) -> BacklogEntry | None:
        """Takes out the next entry that may be delivered to the consumer now."""
        for queue in (self._owned.get(consumer), self._ready):
            while queue:
                place, _ = queue.popitem(last=False)
                if isinstance(place, BacklogEntry):
                    if not place.settled:
                        return place
                elif place.waiting and place.is_open_to(consumer):
                    entry = place.take_next(consumer)
                    self._offer_key_queue(place)
                    return entry
        return None

    def is_first(self, entry: BacklogEntry) -> bool:
        """Tells whether no earlier message of its key is out."""
        key_queue = self._key_queues.get(entry.key)
        return key_queue is None or key_queue.is_first(entry)

    def first_of(self, key: str) -> BacklogEntry | None:
        """Returns the earliest delivered message of a key."""
        key_queue = self._key_queues.get(key)
        return next(iter(key_queue.out), None) if key_queue else None

    def settle(self, entry: BacklogEntry) -> None:
        """Removes an entry for good and offers the next message of its key."""
        entry.settled = True
        self.entries.discard(entry)
        key_queue = self._key_queues.get(entry.key)
        if key_queue is None:
            return
        key_queue.remove(entry)
        self._leave_queue(key_queue)
        if key_queue:
            self._offer_key_queue(key_queue)
        else:
            del self._key_queues[entry.key]

    def clear(self) -> None:
        """Removes every entry."""
        for entry in self.entries:
            entry.settled = True
        for store in (self.entries, self._ready, self._owned, self._key_queues):
            store.clear()

    def _offer_key_queue(self, key_queue: OrderingKeyQueue) -> None:
        """Puts the queue of a key into the right queue, if its next message may be delivered."""
        self._leave_queue(key_queue)
        if not key_queue.waiting:
            return
        if key_queue.waiting[0].not_before > self._clock():
            self._timers.at(key_queue.waiting[0].not_before, partial(self._offer_key_queue_late, key_queue))
        elif key_queue.owner is None:
            self._append_to(key_queue, self._ready)
        elif key_queue.is_open_to(key_queue.owner):
            self._append_to(key_queue, self._owned.setdefault(key_queue.owner, OrderedDict()))

    def _append_to(self, key_queue: OrderingKeyQueue, queue: OrderedDict[QueuePlace, None]) -> None:
        key_queue.queue = queue
        queue[key_queue] = None

    def _leave_queue(self, key_queue: OrderingKeyQueue) -> None:
        if key_queue.queue is not None:
            key_queue.queue.pop(key_queue, None)
            key_queue.queue = None

    def _offer_late(self, entry: BacklogEntry) -> None:
        self.offer(entry)
        self._on_offered()

    def _offer_key_queue_late(self, key_queue: OrderingKeyQueue) -> None:
        if key_queue.waiting:
            self._offer_key_queue(key_queue)
            self._on_offered()
