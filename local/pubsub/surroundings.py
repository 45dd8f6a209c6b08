"""What a subscription needs of its broker."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from local.pubsub.faults import Faults
from local.pubsub.journal import Journal
from local.pubsub.message import Message
from local.pubsub.timers import Clock, Timers

if TYPE_CHECKING:
    from local.pubsub.subscription import Subscription


class Surroundings(Protocol):
    clock: Clock
    wall: Clock
    timers: Timers
    faults: Faults
    journal: Journal

    def next_number(self) -> int:
        """A number that no message or delivery has had, also before a restart."""
        ...

    def dead_letter(self, subscription: Subscription, message: Message, attempt: int) -> bool:
        """Publishes the message to the dead-letter topic; False where that does not exist."""
        ...
