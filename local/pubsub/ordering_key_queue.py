"""The messages of one ordering key in one subscription, in order."""

from __future__ import annotations

from collections import OrderedDict, deque
from typing import Any

from local.pubsub.backlog_entry import BacklogEntry
from local.pubsub.consumer import Consumer


class OrderingKeyQueue:
    """The messages of one ordering key: several may be delivered at once, to one consumer, in order.

    A message that returns also calls back every message that was delivered after it, even those that were
    acknowledged since: they are delivered again behind it, as the service documents it.

    Attributes:
        waiting: messages to deliver next, in order.
        out: delivered messages that are not settled, in order.
        owner: the consumer that has the delivered messages; None where there are none.
        queue: the queue in which this one has its place; None while it has none.
    """

    def __init__(self) -> None:
        self.waiting: deque[BacklogEntry] = deque()
        self.out: dict[BacklogEntry, None] = {}
        self.owner: Consumer | None = None
        self.queue: OrderedDict[Any, None] | None = None

    def is_open_to(self, consumer: Consumer) -> bool:
        """Tells whether the next message may go to the consumer now."""
        if self.owner is None:
            return True
        return self.owner is consumer and len(self.out) < consumer.most_of_a_key

    def take_next(self, consumer: Consumer) -> BacklogEntry:
        """Takes the next message for the consumer and counts it as delivered."""
        entry = self.waiting.popleft()
        self.out[entry] = None
        self.owner = consumer
        return entry

    def call_back(self, entry: BacklogEntry) -> list[BacklogEntry]:
        """Makes the message and all that were delivered after it wait again; returns those after it."""
        delivered = list(self.out)
        returned = delivered[delivered.index(entry) :]
        for each in reversed(returned):
            del self.out[each]
            self.waiting.appendleft(each)
        if not self.out:
            self.owner = None
        return returned[1:]

    def remove(self, entry: BacklogEntry) -> None:
        """Takes out a message that is settled."""
        if entry in self.out:
            del self.out[entry]
            if not self.out:
                self.owner = None
        else:
            self.waiting.remove(entry)

    def is_first(self, entry: BacklogEntry) -> bool:
        """Tells whether nothing that was delivered before the message is still out."""
        return next(iter(self.out), entry) is entry

    def __bool__(self) -> bool:
        return bool(self.waiting or self.out)
