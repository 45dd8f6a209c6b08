"""Consumers take messages from a subscription: a stream, a pull request or a push endpoint."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod

from local.pubsub.errors import PubSubError
from local.pubsub.protobufs import Proto


class Consumer(ABC):
    """Takes deliveries as long as it has room for them.

    Attributes:
        most_of_a_key: how many messages of one ordering key it may have at a time.

    Args:
        lease_seconds: the ack deadline of what it takes.
        max_messages: how many it may hold unacknowledged; 0 is no limit.
        max_bytes: how much it may hold unacknowledged; 0 is no limit. As in the real service the last message
            may go beyond it, so that a large message can be delivered at all.
    """

    most_of_a_key: float = math.inf

    def __init__(self, lease_seconds: float, max_messages: int, max_bytes: int) -> None:
        self.lease_seconds = lease_seconds
        self.outstanding_messages = 0
        self.outstanding_bytes = 0
        self._max_messages = max_messages if max_messages > 0 else float("inf")
        self._max_bytes = max_bytes if max_bytes > 0 else float("inf")

    def has_room(self) -> bool:
        """Returns True if one more message may be delivered now."""
        return self.outstanding_messages < self._max_messages and self.outstanding_bytes < self._max_bytes

    @abstractmethod
    def take(self, received: Proto) -> None:
        """Accepts a ReceivedMessage; must not call back into the subscription."""

    @abstractmethod
    def end(self, refused: PubSubError) -> None:
        """Ends the consumer: the subscription is deleted or the server stops."""
