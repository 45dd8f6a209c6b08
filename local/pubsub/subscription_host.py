"""The interface of the broker that subscriptions use."""

from __future__ import annotations

from collections import Counter
from typing import Protocol

from local.pubsub.faults import PubSubFaults
from local.pubsub.journal import Journal
from local.pubsub.published_message import PublishedMessage
from local.pubsub.subscription_settings import DeadLetterPolicy
from local.pubsub.timer_queue import Clock, TimerQueue


class SubscriptionHost(Protocol):
    """The part of the broker that subscriptions use."""

    clock: Clock
    wall: Clock
    timers: TimerQueue
    faults: PubSubFaults
    journal: Journal
    operations: Counter[str]

    def next_number(self) -> int:
        """Returns a number that no message or delivery has had, also before a restart."""
        ...

    def publish_dead_letter(
        self, policy: DeadLetterPolicy, subscription: str, message: PublishedMessage, attempt: int
    ) -> bool:
        """Publishes the message to the dead-letter topic; returns False where that topic does not exist."""
        ...
