"""What the stack makes in its emulators, and that a bucket's events arrive as messages."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import pytest
from google.cloud import pubsub_v1
from google.pubsub_v1 import PubsubMessage, Subscription

from functions.contract.settings import Settings
from functions.contract.storage import storage_client
from local import topology
from local.eventarc.bucket_notifications import BucketNotifications, PubSubPublisher
from local.pubsub.server import PubSubServer
from local.stack.environment import DEFAULTS
from local.storage.server import StorageServer

PATIENCE = 60


@pytest.fixture
def settings() -> Settings:
    return Settings.from_environment(DEFAULTS)


@asynccontextmanager
async def emulators(monkeypatch: pytest.MonkeyPatch, *, by_client: bool = False) -> AsyncGenerator[None]:
    """``by_client``: the storage tells Pub/Sub through Google's client, as where it is another process."""
    pubsub = PubSubServer(None)
    await pubsub.start()
    publisher = PubSubPublisher(pubsub.address)
    notifications = BucketNotifications(publisher.publish if by_client else pubsub.publish)
    storage = StorageServer(None, notifications)
    await storage.start()
    monkeypatch.setenv("PUBSUB_EMULATOR_HOST", pubsub.address)
    monkeypatch.setenv("STORAGE_EMULATOR_HOST", storage.url)
    try:
        yield
    finally:
        await storage.stop()
        await publisher.close()
        await pubsub.stop()


def pulled(settings: Settings, subscription: str, count: int) -> list[PubsubMessage]:
    with pubsub_v1.SubscriberClient() as subscriber:
        path = settings.subscription_path(subscription)
        found: list[PubsubMessage] = []
        while len(found) < count:
            answer = subscriber.pull(subscription=path, max_messages=count, timeout=PATIENCE)
            found += [each.message for each in answer.received_messages]
    return found


def notifications_of(settings: Settings, bucket: str) -> int:
    return len(list(storage_client.storage_client(settings).bucket(bucket).list_notifications()))


def test_it_can_be_made_again(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    def subscriptions() -> dict[str, Subscription]:
        with pubsub_v1.SubscriberClient() as subscriber:
            found = subscriber.list_subscriptions(project=f"projects/{settings.project}")
            return {each.name.rpartition("/")[2]: each for each in found}

    async def scenario() -> None:
        async with emulators(monkeypatch):
            assert await asyncio.to_thread(topology.make_topology, settings) == ()
            first = await asyncio.to_thread(subscriptions)
            await asyncio.to_thread(topology.make_topology, settings)
            assert await asyncio.to_thread(subscriptions) == first
            assert await asyncio.to_thread(notifications_of, settings, settings.results_bucket) == 1
            worker = first[settings.worker_subscription]
            assert worker.enable_exactly_once_delivery
            assert worker.ack_deadline_seconds == 20
            assert worker.dead_letter_policy.max_delivery_attempts == 20
            assert worker.dead_letter_policy.dead_letter_topic == settings.topic_path("jobs-dead-letter")
            dispatch = first["jobs-remote-dispatch"]
            assert dispatch.topic == settings.topic_path("jobs-remote")
            assert dispatch.dead_letter_policy.dead_letter_topic == settings.topic_path("jobs-dead-letter")
            assert dispatch.dead_letter_policy.max_delivery_attempts == 100

    asyncio.run(scenario())


@pytest.mark.parametrize("by_client", [False, True])
def test_what_is_written_to_a_bucket_is_told_of(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, by_client: bool
) -> None:
    names = {f"folder/{n} ü.png" for n in range(20)}

    def write() -> None:
        bucket = storage_client.storage_client(settings).bucket(settings.uploads_bucket)
        for name in names:
            bucket.blob(name).upload_from_string(b"pixels", content_type="image/png")

    async def scenario() -> list[PubsubMessage]:
        async with emulators(monkeypatch, by_client=by_client):
            await asyncio.to_thread(topology.make_topology, settings)
            await asyncio.gather(*(asyncio.to_thread(write) for _ in range(2)))
            uploads = topology.list_triggers(settings)[0]
            return await asyncio.to_thread(pulled, settings, uploads.subscription, 2 * len(names))

    messages = asyncio.run(scenario())
    assert {message.attributes["objectId"] for message in messages} == names
    for message in messages:
        resource = json.loads(message.data)
        assert message.attributes["eventType"] == "OBJECT_FINALIZE"
        assert message.attributes["payloadFormat"] == "JSON_API_V1"
        assert message.attributes["bucketId"] == resource["bucket"] == settings.uploads_bucket
        assert message.attributes["objectGeneration"] == resource["generation"]
        assert resource["contentType"] == "image/png"
    assert len({message.attributes["objectGeneration"] for message in messages}) == len(messages)
