"""Publishes what happened in a bucket to Pub/Sub, in the form that Cloud Storage uses.

https://cloud.google.com/storage/docs/pubsub-notifications#attributes
"""

from __future__ import annotations

import asyncio
import json
from collections import defaultdict
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

import grpc.aio
from google.api_core.exceptions import GoogleAPICallError, RetryError
from google.pubsub_v1 import PublisherAsyncClient
from google.pubsub_v1.services.publisher.transports import PublisherGrpcAsyncIOTransport

from local.pubsub.protobufs import Proto, PubsubMessage

if TYPE_CHECKING:
    from local.storage.events import StorageEvent
    from local.storage.notification_config import NotificationConfig

MAX_BATCH = 500  # messages; the service takes 1,000

PublishMessage = Callable[[str, Proto], Awaitable[None]]
"""Publishes a PubsubMessage to the topic of that path. Returns once it is published, or raises an error."""


def notification_messages(event: StorageEvent) -> list[tuple[str, Proto]]:
    """Returns the topic's path and the message for each notification configuration of the bucket that
    matches.
    """
    return [(config.topic, _notification_message(event, config)) for config in event.configs]


def _notification_message(event: StorageEvent, config: NotificationConfig) -> Proto:
    whole = config.payload_format == "JSON_API_V1"
    data = json.dumps(event.resource).encode() if whole else b""
    return PubsubMessage(data=data, attributes=event.attributes(config))


class BucketNotifications:
    """Publishes the events of buckets by ``publish``."""

    def __init__(self, publish: PublishMessage) -> None:
        self._publish = publish

    async def __call__(self, event: StorageEvent) -> None:
        """Returns once the event is published. Raises what ``publish`` does: the event comes again."""
        messages = notification_messages(event)
        if len(messages) == 1:
            await self._publish(*messages[0])
        elif messages:
            await asyncio.gather(*(self._publish(topic, message) for topic, message in messages))


class PubSubPublisher:
    """Publishes to a Pub/Sub outside this process, through the official client.

    Messages that arrive during a call are sent with the next one.
    """

    def __init__(self, pubsub: str) -> None:
        """Takes the host and port of the emulator."""
        channel = grpc.aio.insecure_channel(pubsub)
        self._client = PublisherAsyncClient(transport=PublisherGrpcAsyncIOTransport(channel=channel))
        self._waiting: dict[str, list[tuple[Proto, asyncio.Future[None]]]] = defaultdict(list)
        self._senders: dict[str, asyncio.Task[None]] = {}

    async def publish(self, topic: str, message: Proto) -> None:
        """Returns once the message is published. Raises GoogleAPICallError and RetryError."""
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting[topic].append((message, future))
        if topic not in self._senders:
            self._senders[topic] = asyncio.create_task(self._send_waiting(topic))
        await future

    async def close(self) -> None:
        """Publishes what waits, and closes the connection."""
        await asyncio.gather(*self._senders.values())
        await self._client.transport.close()

    async def _send_waiting(self, topic: str) -> None:
        while waiting := self._waiting[topic]:
            batch, self._waiting[topic] = waiting[:MAX_BATCH], waiting[MAX_BATCH:]
            failure = await self._publish_batch(topic, [message for message, _ in batch])
            for _, future in batch:
                if not future.done():  # the waiting request may have been canceled
                    future.set_exception(failure) if failure else future.set_result(None)
        del self._senders[topic]  # no await since the last look, so nothing came in between

    async def _publish_batch(self, topic: str, batch: list[Proto]) -> Exception | None:
        try:
            await self._client.publish(topic=topic, messages=batch)
        except (GoogleAPICallError, RetryError) as error:
            return error
        return None
