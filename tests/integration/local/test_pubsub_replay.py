"""Seeking to times and snapshots in the embedded Pub/Sub."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from google.api_core import exceptions

from local.pubsub import protobufs
from tests.integration.local.pubsub_servers import PubSub, embedded_server
from tests.integration.local.test_pubsub_broker import SUBSCRIPTION, World, ack

SNAPSHOT = "projects/test/snapshots/snapshot"


def _data(received: list[Any]) -> list[bytes]:
    return [each.message.data for each in received]


def _seek(pubsub: PubSub, subscription: str, **target: Any) -> None:
    pubsub.subscriber.seek(request={"subscription": subscription, **target})


def test_a_seek_into_the_past_brings_back_what_was_acknowledged(embedded: PubSub) -> None:
    topic = embedded.topic()
    subscription = embedded.subscription(topic, retain_acked_messages=True)
    begin = datetime.now(UTC) - timedelta(seconds=5)
    embedded.publish(topic, b"1", b"2")
    embedded.acknowledge(subscription, *embedded.pull(subscription, 2))
    assert embedded.pull_now(subscription) == []
    _seek(embedded, subscription, time=begin)
    assert sorted(_data(embedded.pull(subscription, 2))) == [b"1", b"2"]


def test_a_seek_into_the_future_acknowledges_everything(embedded: PubSub) -> None:
    topic = embedded.topic()
    subscription = embedded.subscription(topic)
    embedded.publish(topic, b"1", b"2")
    _seek(embedded, subscription, time=datetime.now(UTC) + timedelta(hours=1))
    assert embedded.pull_now(subscription) == []
    embedded.publish(topic, b"3")
    assert _data(embedded.pull(subscription)) == [b"3"]


def test_a_snapshot_holds_what_was_not_acknowledged_and_what_came_later(embedded: PubSub) -> None:
    topic = embedded.topic()
    subscription, other = embedded.subscription(topic), embedded.subscription(topic)
    embedded.publish(topic, b"before")
    embedded.acknowledge(subscription, *embedded.pull(subscription))
    embedded.publish(topic, b"open")
    name = f"{embedded.project}/snapshots/s-one"
    embedded.subscriber.create_snapshot(name=name, subscription=subscription)
    embedded.publish(topic, b"later")
    for each, count in ((subscription, 2), (other, 3)):
        embedded.acknowledge(each, *embedded.pull(each, count))
        _seek(embedded, each, snapshot=name)
        assert sorted(_data(embedded.pull(each, 2))) == [b"later", b"open"]


def test_snapshots_are_listed_changed_and_deleted(embedded: PubSub) -> None:
    topic = embedded.topic()
    subscription = embedded.subscription(topic)
    name = f"{embedded.project}/snapshots/s-one"
    made = embedded.subscriber.create_snapshot(name=name, subscription=subscription)
    assert (made.topic, made.name) == (topic, name)
    with pytest.raises(exceptions.AlreadyExists):
        embedded.subscriber.create_snapshot(name=name, subscription=subscription)
    changed = {"snapshot": {"name": name, "labels": {"a": "b"}}, "update_mask": {"paths": ["labels"]}}
    embedded.subscriber.update_snapshot(request=changed)
    assert dict(embedded.subscriber.get_snapshot(snapshot=name).labels) == {"a": "b"}
    assert [each.name for each in embedded.subscriber.list_snapshots(project=embedded.project)] == [name]
    assert list(embedded.publisher.list_topic_snapshots(topic=topic)) == [name]
    embedded.subscriber.delete_snapshot(snapshot=name)
    for request in ({"snapshot": name}, {"time": None}):
        with pytest.raises((exceptions.NotFound, exceptions.InvalidArgument)):
            _seek(embedded, subscription, **request)


def test_a_snapshot_of_another_topic_is_refused(embedded: PubSub) -> None:
    first, second = (embedded.subscription(embedded.topic()) for _ in range(2))
    name = f"{embedded.project}/snapshots/s-one"
    embedded.subscriber.create_snapshot(name=name, subscription=first)
    with pytest.raises(exceptions.InvalidArgument):
        _seek(embedded, second, snapshot=name)


def test_a_seek_keeps_the_order_of_a_key(embedded: PubSub) -> None:
    topic = embedded.topic()
    subscription = embedded.subscription(topic, retain_acked_messages=True, enable_message_ordering=True)
    expected = [b"%d" % number for number in range(20)]
    embedded.publish(topic, *expected, ordering_key="key")
    embedded.acknowledge(subscription, *embedded.pull(subscription, 20))
    _seek(embedded, subscription, time=datetime.now(UTC) - timedelta(hours=1))
    assert _data(embedded.pull(subscription, 20)) == expected


def test_a_topic_s_own_retention_serves_a_new_subscription() -> None:
    world = World()
    retained = protobufs.Topic(
        name="projects/test/topics/retained", message_retention_duration={"seconds": 600}
    )
    world.broker.topics.create(retained)
    world.publish(b"old", topic=retained.name)
    world.after(300)
    world.publish(b"new", topic=retained.name)
    name = "projects/test/subscriptions/late"
    world.broker.create_subscription(protobufs.Subscription(name=name, topic=retained.name))
    _seek_to_time(world, name, world.clock.now - 400)
    assert world.broker.read_subscription(name).unacknowledged == 2
    world.after(301)
    _seek_to_time(world, name, 0)
    held = world.broker.read_subscription(name).messages()
    assert {each.body.data for each in held} == {b"old", b"new"}  # what it holds already it keeps
    world.broker.read_subscription(name).clear()
    _seek_to_time(world, name, 0)
    assert [each.body.data for each in world.broker.read_subscription(name).messages()] == [b"new"]


def test_messages_that_no_seek_can_need_are_deleted() -> None:
    world = World()
    taker = world.taker()
    for _ in range(2):
        world.broker.replay.create_snapshot(SNAPSHOT, world.subscription, {})
        world.publish(b"1", b"2")
        ack(world, *taker.received)
        world.broker.delete_snapshot(SNAPSHOT)
    world.journal.write_batch(world.journal.take_changes())
    assert world.journal.load_content().messages == {}


def test_a_snapshot_expires() -> None:
    world = World()
    world.publish(b"x")
    world.after(6 * 86_400)
    made = world.broker.replay.create_snapshot(SNAPSHOT, world.subscription, {})
    assert made.expire_time.seconds == int(world.clock.now) + 86_400
    world.after(86_400)
    assert world.broker.replay.list_snapshots("projects/test") == []


def _seek_to_time(world: World, name: str, when: float) -> None:
    request = protobufs.SeekRequest()
    request.time.FromSeconds(int(when))
    subscription = world.broker.read_subscription(name)
    world.broker.replay.seek_to_time(subscription, world.broker.topic_of(subscription), request.time)


def test_snapshots_and_logs_survive_a_restart(tmp_path: Path) -> None:
    with embedded_server(tmp_path) as server:
        pubsub = PubSub(server.address, server)
        topic = pubsub.topic()
        subscription = pubsub.subscription(topic, retain_acked_messages=True)
        pubsub.publish(topic, b"1")
        name = f"{pubsub.project}/snapshots/s-one"
        pubsub.subscriber.create_snapshot(name=name, subscription=subscription)
        pubsub.publish(topic, b"2")
        pubsub.acknowledge(subscription, *pubsub.pull(subscription, 2))
        pubsub.close()
    with embedded_server(tmp_path) as server:
        pubsub = PubSub(server.address, server)
        assert pubsub.pull_now(subscription) == []
        for target in ({"snapshot": name}, {"time": datetime.now(UTC) - timedelta(hours=1)}):
            _seek(pubsub, subscription, **target)
            received = pubsub.pull(subscription, 2)
            assert sorted(_data(received)) == [b"1", b"2"]
            pubsub.acknowledge(subscription, *received)
        pubsub.close()


def test_a_world_without_seeking_keeps_no_log() -> None:
    world = World()
    taker = world.taker()
    world.publish(b"x")
    ack(world, *taker.received)
    world.journal.write_batch(world.journal.take_changes())
    content = world.journal.load_content()
    assert (content.messages, content.logs, content.snapshots) == ({}, {}, {})
    assert world.broker.read_subscription(SUBSCRIPTION).messages() == []
