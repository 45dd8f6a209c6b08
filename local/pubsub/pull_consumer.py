"""One Pull request: waits for the first messages there are."""

from __future__ import annotations

import asyncio

from local.pubsub.consumer import Consumer
from local.pubsub.errors import PubSubError
from local.pubsub.protobufs import Proto
from local.pubsub.subscription import Subscription

MAX_MESSAGES = 1000
MAX_BYTES = 2_000_000
"""The most bytes of one answer; gRPC clients refuse more than 4 MiB by default."""
MAX_WAIT_SECONDS = 30


class PullConsumer(Consumer):
    """Takes up to ``max_messages`` from a subscription, once."""

    def __init__(self, subscription: Subscription, max_messages: int) -> None:
        deadline = subscription.settings.ack_deadline
        super().__init__(deadline, min(max_messages, MAX_MESSAGES), MAX_BYTES)
        self._subscription = subscription
        self._received: list[Proto] = []
        self._refused: PubSubError | None = None
        self._changed = asyncio.Event()

    def take(self, received: Proto) -> None:
        self._received.append(received)
        self._changed.set()

    def end(self, refused: PubSubError) -> None:
        self._refused = refused
        self._changed.set()

    async def receive(self, remaining: float | None) -> list[Proto]:
        """Returns the first messages; none where none arrive before the deadline.

        Args:
            remaining: seconds until the caller's deadline; None waits as long as the service would.
        """
        # The answer has to arrive before the deadline does.
        patience = MAX_WAIT_SECONDS if remaining is None else min(MAX_WAIT_SECONDS, remaining * 0.9)
        self._subscription.attach(self)
        try:
            async with asyncio.timeout(patience):
                await self._changed.wait()
        except TimeoutError:
            pass
        except asyncio.CancelledError:
            self._subscription.hand_back([received.ack_id for received in self._received])
            raise
        finally:
            self._subscription.detach(self)
        if self._refused:
            raise self._refused
        return self._received
