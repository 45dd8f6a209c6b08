"""What a subscription needs of its broker."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from local.pubsub.faults import PubSubFaults
from local.pubsub.journal import Journal
from local.pubsub.published_message import PublishedMessage
from local.pubsub.timer_queue import Clock, TimerQueue

if TYPE_CHECKING:
    from local.pubsub.subscription import Subscription


class SubscriptionHost(Protocol):
    clock: Clock
    wall: Clock
    timers: TimerQueue
    faults: PubSubFaults
    journal: Journal

    def next_number(self) -> int:
        """A number that no message or delivery has had, also before a restart."""
        ...

    def dead_letter(self, subscription: Subscription, message: PublishedMessage, attempt: int) -> bool:
        """Publishes the message to the dead-letter topic; False where that does not exist."""
        ...
