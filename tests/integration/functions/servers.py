"""The embedded servers of a test process, and what deployments keep in them."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from functions.contract.settings import Settings
from local.pubsub import protobufs
from local.pubsub.server import PubSubServer
from local.storage import StorageServer

STARTS_WITHIN = 60  # seconds; generous, since it decides nothing but when to give up


@dataclass(frozen=True)
class Servers:
    """Both servers, which run in ``loop`` in a thread of their own."""

    storage: StorageServer
    pubsub: PubSubServer
    loop: asyncio.AbstractEventLoop

    @property
    def environment(self) -> dict[str, str]:
        return {"STORAGE_EMULATOR_HOST": self.storage.url, "PUBSUB_EMULATOR_HOST": self.pubsub.address}

    def create_resources(self, settings: Settings) -> None:
        """Creates a deployment's buckets, and its topics with a subscription each.

        The servers do it themselves: thirteen calls of Google's clients would be most of what a test costs.
        ``tests/integration/local`` tests those calls.
        """
        self.wait(self._create(settings))

    async def _create(self, settings: Settings) -> None:
        for bucket in (settings.uploads_bucket, settings.results_bucket, settings.jobs_bucket):
            self.storage.buckets.create({"name": bucket})
        broker = self.pubsub.broker
        for topic in (
            *(settings.jobs_topic, settings.remote_topic, settings.events_topic),
            *(settings.webhooks_topic, settings.reminders_topic),
        ):
            path = settings.topic_path(topic)
            broker.topics.create(protobufs.Topic(name=path))
            name = settings.subscription_path(topic)
            broker.create_subscription(protobufs.Subscription(name=name, topic=path))

    def count_published(self) -> int:
        return self.pubsub.broker.operations["messages.published"]

    def wait(self, work: Coroutine[Any, Any, None]) -> None:
        asyncio.run_coroutine_threadsafe(work, self.loop).result(STARTS_WITHIN)


@contextmanager
def started_servers() -> Generator[Servers]:
    """Runs both servers until the block is left."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="servers", daemon=True)
    thread.start()
    running = Servers(StorageServer(None), PubSubServer(None), loop)
    running.wait(running.storage.start())
    running.wait(running.pubsub.start())
    yield running
    running.wait(running.pubsub.stop())
    running.wait(running.storage.stop())
    loop.call_soon_threadsafe(loop.stop)
    thread.join(STARTS_WITHIN)
    loop.close()
