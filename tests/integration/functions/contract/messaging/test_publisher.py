"""What the functions reach out to: Pub/Sub while it is away, and after it has come back."""

from __future__ import annotations

import asyncio
import threading

import pytest
from google.cloud import pubsub_v1

from functions.contract.errors import Transient
from functions.contract.messaging import publisher
from functions.services import connect_services
from local.http_servers.ports import HOST, free_port
from local.pubsub.server import PubSubServer
from tests.integration.functions.deployment import settings_for
from tests.integration.functions.servers import Servers

TOPIC = "webhooks"


@pytest.mark.parametrize("key", ["", "a receiver"])
def test_a_message_that_pubsub_does_not_take_keeps_no_later_one_from_it(
    emulated: Servers, monkeypatch: pytest.MonkeyPatch, key: str
) -> None:
    """Neither for the time that it is away nor afterwards: no thread goes on trying, no key is shut."""
    del emulated
    port, settings = free_port(), settings_for("p")
    monkeypatch.setenv("PUBSUB_EMULATOR_HOST", f"{HOST}:{port}")
    monkeypatch.setattr(publisher, "_SECONDS", 0.5)
    publish = connect_services(settings).publish
    before = threading.active_count()
    for _ in range(3):
        with pytest.raises(Transient):
            publish(TOPIC, b"lost", ordering_key=key)
    assert threading.active_count() - before <= 1

    async def come_back() -> list[bytes]:
        server = PubSubServer(None, port=port)
        await server.start()
        try:
            return await asyncio.to_thread(published)
        finally:
            await server.stop()

    def published() -> list[bytes]:
        monkeypatch.setattr(publisher, "_SECONDS", 60.0)
        topic, subscription = settings.topic_path(TOPIC), settings.subscription_path(TOPIC)
        with pubsub_v1.PublisherClient() as made, pubsub_v1.SubscriberClient() as subscriber:
            made.create_topic(name=topic)
            subscriber.create_subscription(name=subscription, topic=topic)
            publish(TOPIC, b"first", ordering_key=key)
            publish(TOPIC, b"second", ordering_key=key)
            found = subscriber.pull(subscription=subscription, max_messages=10, timeout=60)
            return [each.message.data for each in found.received_messages]

    assert set(asyncio.run(come_back())) == {b"first", b"second"}
