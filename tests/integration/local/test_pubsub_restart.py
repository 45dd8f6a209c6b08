"""The embedded Pub/Sub keeps its word across restarts, however it was ended."""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from local.http_servers.errors import DirectoryUnusable, PortTaken
from local.pubsub.journal import FILE_NAME
from local.pubsub.server import PubSubServer
from tests.eventually import PATIENCE, eventually
from tests.integration.local.pubsub_servers import PubSub, embedded_server, server_process


def test_a_killed_server_forgets_no_promise(tmp_path: Path) -> None:
    with server_process(tmp_path) as server:
        pubsub = PubSub(server.address)
        topic = pubsub.topic()
        subscription = pubsub.subscription(topic, enable_message_ordering=True, labels={"kept": "yes"})
        message_ids = pubsub.publish(topic, *(b"%d" % number for number in range(500)), colour="red")
        received = pubsub.pull(subscription, 200)
        pubsub.acknowledge(subscription, *received[:100])
        server.kill()
        pubsub.close()

    acknowledged = {each.message.message_id for each in received[:100]}
    with server_process(tmp_path) as server:
        pubsub = PubSub(server.address)
        assert pubsub.publisher.get_topic(topic=topic).name == topic
        assert pubsub.subscriber.get_subscription(subscription=subscription).labels == {"kept": "yes"}
        again = pubsub.pull(subscription, 400)
        assert {each.message.message_id for each in again} == set(message_ids) - acknowledged
        assert all(each.message.attributes == {"colour": "red"} for each in again)
        (new_id,) = pubsub.publish(topic, b"new")
        assert new_id not in message_ids
        pubsub.close()


def test_a_kill_between_publish_and_ack_loses_nothing_and_repeats_no_ack(tmp_path: Path) -> None:
    published: list[str] = []
    acknowledged: set[str] = set()
    topic = subscription = ""
    for _ in range(3):
        with server_process(tmp_path) as server:
            pubsub = PubSub(server.address)
            if not topic:
                topic = pubsub.topic()
                subscription = pubsub.subscription(topic)
            published += pubsub.publish(topic, *(b"%d" % number for number in range(100)))
            for each in pubsub.pull(subscription, 60):
                assert each.message.message_id not in acknowledged
                pubsub.acknowledge(subscription, each)
                acknowledged.add(each.message.message_id)
            server.kill()
            pubsub.close()
    with server_process(tmp_path) as server:
        pubsub = PubSub(server.address)
        left = pubsub.pull(subscription, len(published) - len(acknowledged))
        assert {each.message.message_id for each in left} == set(published) - acknowledged
        pubsub.close()


def test_a_kill_in_the_middle_of_the_traffic_loses_no_published_message(tmp_path: Path) -> None:
    seen: set[str] = set()

    def collect(message: Any) -> None:
        seen.add(message.message_id)
        message.ack()

    with contextlib.ExitStack() as servers:
        first = servers.enter_context(server_process(tmp_path))
        pubsub = PubSub(first.address)
        topic = pubsub.topic()
        subscription = pubsub.subscription(topic)
        with pubsub.listening(subscription, collect):
            futures = [pubsub.publisher.publish(topic, b"%d" % number) for number in range(3000)]
            eventually(lambda: sum(future.done() for future in futures) > 1000)
            first.kill()
            servers.enter_context(server_process(tmp_path, port=first.port))
            # What was on its way at the kill the client publishes again.
            published = {future.result(PATIENCE) for future in futures}
            eventually(lambda: published <= seen)
        pubsub.close()


def test_clients_reconnect_to_a_restarted_server(tmp_path: Path) -> None:
    seen: list[bytes] = []

    def collect(message: Any) -> None:
        seen.append(message.data)
        message.ack()

    with contextlib.ExitStack() as servers:
        first = servers.enter_context(server_process(tmp_path))
        pubsub = PubSub(first.address)
        topic = pubsub.topic()
        subscription = pubsub.subscription(topic)
        with pubsub.listening(subscription, collect):
            pubsub.publish(topic, b"before")
            eventually(lambda: b"before" in seen)
            first.kill()
            servers.enter_context(server_process(tmp_path, port=first.port))
            pubsub.publish(topic, b"after")
            # Google's client opens a stream at most five times in ten seconds: this takes as long.
            eventually(lambda: b"after" in seen)
        pubsub.close()


def test_delivery_attempts_are_counted_across_restarts(tmp_path: Path) -> None:
    topic = subscription = dead_letters = ""
    for attempt in range(1, 6):
        with embedded_server(tmp_path) as server:
            pubsub = PubSub(server.address)
            if not topic:
                topic, dead_letter_topic = pubsub.topic(), pubsub.topic()
                dead_letters = pubsub.subscription(dead_letter_topic)
                policy = {"dead_letter_topic": dead_letter_topic}
                subscription = pubsub.subscription(topic, dead_letter_policy=policy)
                pubsub.publish(topic, b"poison")
            (received,) = pubsub.pull(subscription)
            assert received.delivery_attempt == attempt
            pubsub.close()
    with embedded_server(tmp_path) as server:
        pubsub = PubSub(server.address)
        assert not pubsub.pull_now(subscription)
        assert [each.message.data for each in pubsub.pull(dead_letters)] == [b"poison"]
        pubsub.close()


def test_what_is_deleted_stays_deleted(tmp_path: Path) -> None:
    with embedded_server(tmp_path) as server:
        pubsub = PubSub(server.address)
        topic, deleted_topic = pubsub.topic(), pubsub.topic()
        subscription, deleted = pubsub.subscription(topic), pubsub.subscription(topic)
        pubsub.publish(topic, b"x")
        pubsub.publisher.delete_topic(topic=deleted_topic)
        pubsub.subscriber.delete_subscription(subscription=deleted)
        project = pubsub.project
        pubsub.close()
    with embedded_server(tmp_path) as server:
        pubsub = PubSub(server.address)
        assert [each.name for each in pubsub.publisher.list_topics(project=project)] == [topic]
        assert [each.name for each in pubsub.subscriber.list_subscriptions(project=project)] == [subscription]
        pubsub.acknowledge(subscription, *pubsub.pull(subscription))
        pubsub.close()
    with sqlite3.connect(tmp_path / FILE_NAME) as database:
        assert database.execute("SELECT count(*) FROM messages").fetchone() == (0,)


def test_a_taken_port_is_named() -> None:
    async def start_two() -> None:
        first = PubSubServer(None)
        await first.start()
        try:
            with pytest.raises(PortTaken, match=str(first.port)):
                await PubSubServer(None, port=first.port).start()
        finally:
            await first.stop()

    asyncio.run(start_two())


def test_two_servers_cannot_share_a_directory(tmp_path: Path) -> None:
    with embedded_server(tmp_path) as server:
        second = PubSubServer(tmp_path)
        with pytest.raises(DirectoryUnusable, match=str(tmp_path)):
            asyncio.run(second.start())
        assert PubSub(server.address).topic()


def test_a_journal_of_a_newer_version_is_left_alone(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / FILE_NAME) as database:
        database.execute("PRAGMA user_version = 999")
    with pytest.raises(DirectoryUnusable, match="newer"):
        asyncio.run(PubSubServer(tmp_path).start())


def test_a_file_in_the_place_of_the_directory_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(DirectoryUnusable, match="file"):
        asyncio.run(PubSubServer(tmp_path / "file").start())
