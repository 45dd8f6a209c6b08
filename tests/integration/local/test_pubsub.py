"""What Pub/Sub promises, on the embedded server and on Google's emulator."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from google.api_core import exceptions
from google.cloud.pubsub_v1.subscriber.exceptions import AcknowledgeError, AcknowledgeStatus

from tests.eventually import PATIENCE, eventually
from tests.integration.local.pubsub_servers import PubSub


def test_a_message_arrives_as_it_was_published(pubsub: PubSub) -> None:
    topic = pubsub.topic()
    subscription = pubsub.subscription(topic)
    (message_id,) = pubsub.publish(topic, b"\x00hello", colour="red")
    (received,) = pubsub.pull(subscription)
    assert received.message.data == b"\x00hello"
    assert received.message.attributes == {"colour": "red"}
    assert received.message.message_id == message_id
    assert received.message.publish_time


def test_every_subscription_gets_every_message(pubsub: PubSub) -> None:
    topic = pubsub.topic()
    subscriptions = [pubsub.subscription(topic) for _ in range(2)]
    pubsub.publish(topic, b"one", b"two")
    for subscription in subscriptions:
        assert sorted(each.message.data for each in pubsub.pull(subscription, 2)) == [b"one", b"two"]


def test_a_subscription_gets_nothing_from_before_it_was_made(pubsub: PubSub) -> None:
    topic = pubsub.topic()
    pubsub.publish(topic, b"before")
    subscription = pubsub.subscription(topic)
    pubsub.publish(topic, b"after")
    assert [each.message.data for each in pubsub.pull(subscription)] == [b"after"]


def test_an_acknowledged_message_is_not_delivered_again(pubsub: PubSub) -> None:
    topic = pubsub.topic()
    subscription = pubsub.subscription(topic)
    pubsub.publish(topic, b"kept", b"done")
    received = {each.message.data: each for each in pubsub.pull(subscription, 2)}
    pubsub.acknowledge(subscription, received[b"done"])
    pubsub.nack(subscription, received[b"kept"])
    assert [each.message.data for each in pubsub.pull(subscription)] == [b"kept"]
    assert not pubsub.pull_now(subscription)


def test_a_leased_message_is_delivered_to_no_other_consumer(pubsub: PubSub) -> None:
    topic = pubsub.topic()
    subscription = pubsub.subscription(topic)
    pubsub.publish(topic, b"mine")
    (received,) = pubsub.pull(subscription)
    assert not pubsub.pull_now(subscription)
    pubsub.nack(subscription, received)
    assert pubsub.pull(subscription)


def test_a_message_returns_when_its_deadline_has_passed(pubsub: PubSub) -> None:
    topic = pubsub.topic()
    subscription = pubsub.subscription(topic)
    pubsub.publish(topic, b"late")
    (first,) = pubsub.pull(subscription)
    pubsub.set_deadline(subscription, 1, first)
    (second,) = pubsub.pull(subscription)
    assert second.message.message_id == first.message.message_id
    assert second.ack_id != first.ack_id


def test_a_callback_gets_messages_as_they_are_published(pubsub: PubSub) -> None:
    topic = pubsub.topic()
    subscription = pubsub.subscription(topic)
    seen: list[bytes] = []

    def collect(message: Any) -> None:
        seen.append(message.data)
        message.ack()

    with pubsub.listening(subscription, collect):
        pubsub.publish(topic, *(b"%d" % number for number in range(50)))
        eventually(lambda: len(seen) >= 50)
    assert sorted(seen, key=int) == [b"%d" % number for number in range(50)]


def test_a_callback_that_fails_gets_the_message_again(pubsub: PubSub) -> None:
    topic = pubsub.topic()
    subscription = pubsub.subscription(topic)
    attempts: list[str] = []

    def fail_once(message: Any) -> None:
        attempts.append(message.message_id)
        message.nack() if len(attempts) == 1 else message.ack()

    with pubsub.listening(subscription, fail_once):
        message_ids = pubsub.publish(topic, b"stubborn")
        eventually(lambda: len(attempts) == 2)
    assert attempts == message_ids * 2


def test_two_consumers_never_hold_the_same_message(pubsub: PubSub) -> None:
    topic = pubsub.topic()
    subscription = pubsub.subscription(topic)
    seen: dict[str, list[str]] = {"one": [], "two": []}

    def consumer(name: str) -> Callable[[Any], None]:
        def collect(message: Any) -> None:
            seen[name].append(message.message_id)
            message.ack()

        return collect

    with (
        pubsub.listening(subscription, consumer("one"), max_messages=5),
        pubsub.listening(subscription, consumer("two"), max_messages=5),
    ):
        message_ids = pubsub.publish(topic, *(b"%d" % number for number in range(300)))
        eventually(lambda: len(seen["one"]) + len(seen["two"]) >= 300)
    assert sorted(seen["one"] + seen["two"]) == sorted(message_ids)


def test_a_message_without_content_is_refused(pubsub: PubSub) -> None:
    topic = pubsub.topic()
    with pytest.raises(exceptions.InvalidArgument):
        pubsub.publisher.publish(topic, b"").result()


@pytest.mark.parametrize("name", ["1", "ab", "goog-topic", "sp ace"])
def test_a_bad_name_is_refused(pubsub: PubSub, name: str) -> None:
    with pytest.raises(exceptions.InvalidArgument):
        pubsub.publisher.create_topic(name=f"{pubsub.project}/topics/{name}")


def test_what_exists_cannot_be_created_again(pubsub: PubSub) -> None:
    topic = pubsub.topic()
    subscription = pubsub.subscription(topic)
    with pytest.raises(exceptions.AlreadyExists):
        pubsub.publisher.create_topic(name=topic)
    with pytest.raises(exceptions.AlreadyExists):
        pubsub.subscriber.create_subscription(name=subscription, topic=topic)


def test_what_does_not_exist_is_not_found(pubsub: PubSub) -> None:
    topic, subscription = f"{pubsub.project}/topics/none", f"{pubsub.project}/subscriptions/none"
    calls: list[Callable[[], Any]] = [
        lambda: pubsub.publisher.publish(topic, b"x").result(),
        lambda: pubsub.publisher.get_topic(topic=topic),
        lambda: pubsub.publisher.delete_topic(topic=topic),
        lambda: pubsub.subscriber.create_subscription(name=subscription, topic=topic),
        lambda: pubsub.subscriber.get_subscription(subscription=subscription),
        lambda: pubsub.subscriber.pull(subscription=subscription, max_messages=1),
        lambda: pubsub.subscriber.acknowledge(subscription=subscription, ack_ids=["1-1-1"]),
        lambda: pubsub.subscriber.delete_subscription(subscription=subscription),
        lambda: pubsub.subscriber.subscribe(subscription, print).result(),
    ]
    for call in calls:
        with pytest.raises(exceptions.NotFound):
            call()


@pytest.mark.parametrize(
    "config",
    [
        {"ack_deadline_seconds": 601},
        {"dead_letter_policy": {"dead_letter_topic": "{topic}", "max_delivery_attempts": 4}},
        {"dead_letter_policy": {"dead_letter_topic": "{topic}", "max_delivery_attempts": 101}},
        {"retry_policy": {"minimum_backoff": {"seconds": 20}, "maximum_backoff": {"seconds": 10}}},
        {"retry_policy": {"maximum_backoff": {"seconds": 601}}},
    ],
)
def test_a_subscription_out_of_bounds_is_refused(pubsub: PubSub, config: dict[str, Any]) -> None:
    topic = pubsub.topic()
    if "dead_letter_policy" in config:
        config = {"dead_letter_policy": config["dead_letter_policy"] | {"dead_letter_topic": topic}}
    with pytest.raises(exceptions.BadRequest):
        pubsub.subscription(topic, **config)


def test_a_dead_letter_topic_has_to_exist(pubsub: PubSub) -> None:
    with pytest.raises(exceptions.NotFound):
        missing = f"{pubsub.project}/topics/missing"
        pubsub.subscription(pubsub.topic(), dead_letter_policy={"dead_letter_topic": missing})


def test_a_subscription_has_the_services_defaults(pubsub: PubSub) -> None:
    topic = pubsub.topic()
    found = pubsub.subscriber.get_subscription(subscription=pubsub.subscription(topic))
    assert (found.topic, found.ack_deadline_seconds) == (topic, 10)
    assert found.message_retention_duration.days == 7


def test_a_subscription_can_be_changed_where_the_mask_says_so(pubsub: PubSub) -> None:
    topic = pubsub.topic()
    name = pubsub.subscription(topic)
    change = {
        "name": name,
        "ack_deadline_seconds": 42,
        "labels": {"a": "b"},
        "topic": "projects/p/topics/ttt",
    }
    paths = {"paths": ["ack_deadline_seconds"]}
    pubsub.subscriber.update_subscription(request={"subscription": change, "update_mask": paths})
    found = pubsub.subscriber.get_subscription(subscription=name)
    assert (found.topic, found.ack_deadline_seconds, found.labels) == (topic, 42, {})


@pytest.mark.parametrize("paths", [[], ["topic"], ["no_such_field"]])
def test_a_mask_that_names_nothing_changeable_is_refused(pubsub: PubSub, paths: list[str]) -> None:
    change = {"name": pubsub.subscription(pubsub.topic()), "ack_deadline_seconds": 42}
    with pytest.raises(exceptions.InvalidArgument):
        pubsub.subscriber.update_subscription(
            request={"subscription": change, "update_mask": {"paths": paths}}
        )


def test_lists_come_in_pages(pubsub: PubSub) -> None:
    topics = [pubsub.topic() for _ in range(5)]
    subscriptions = [pubsub.subscription(topics[0]) for _ in range(5)]
    listed_topics = pubsub.publisher.list_topics(request={"project": pubsub.project, "page_size": 2})
    listed = pubsub.subscriber.list_subscriptions(request={"project": pubsub.project, "page_size": 2})
    of_topic = pubsub.publisher.list_topic_subscriptions(request={"topic": topics[0], "page_size": 2})
    assert sorted(each.name for each in listed_topics) == sorted(topics)
    assert sorted(each.name for each in listed) == sorted(subscriptions)
    assert sorted(of_topic) == sorted(subscriptions)


def test_a_subscription_outlives_its_topic(pubsub: PubSub) -> None:
    topic = pubsub.topic()
    subscription = pubsub.subscription(topic)
    pubsub.publish(topic, b"legacy")
    pubsub.publisher.delete_topic(topic=topic)
    assert pubsub.subscriber.get_subscription(subscription=subscription).topic == "_deleted-topic_"
    assert [each.message.data for each in pubsub.pull(subscription)] == [b"legacy"]


def test_a_message_that_fails_too_often_goes_to_the_dead_letters(pubsub: PubSub) -> None:
    topic, dead_letter_topic = pubsub.topic(), pubsub.topic()
    dead_letters = pubsub.subscription(dead_letter_topic)
    policy = {"dead_letter_topic": dead_letter_topic, "max_delivery_attempts": 5}
    subscription = pubsub.subscription(topic, dead_letter_policy=policy)
    pubsub.publish(topic, b"poison", kind="test")
    attempts: list[int] = []
    for _ in range(5):
        (received,) = pubsub.pull(subscription)
        attempts.append(received.delivery_attempt)
        pubsub.nack(subscription, received)
    # Google's emulator moves the message when it is asked for it once more, the service and ours at the nack.
    assert not pubsub.pull_now(subscription)
    (letter,) = pubsub.pull(dead_letters)
    assert attempts == [1, 2, 3, 4, 5]
    assert letter.message.data == b"poison"
    assert letter.message.attributes["kind"] == "test"
    assert letter.message.attributes["CloudPubSubDeadLetterSourceDeliveryCount"] == "5"
    assert letter.message.attributes["CloudPubSubDeadLetterSourceSubscription"] == subscription.split("/")[-1]


def test_messages_with_a_key_arrive_in_order(pubsub: PubSub) -> None:
    topic = pubsub.topic()
    subscription = pubsub.subscription(topic, enable_message_ordering=True)
    seen: list[bytes] = []

    def collect(message: Any) -> None:
        seen.append(message.data)
        message.ack()

    expected = [b"%d" % number for number in range(20)]
    with pubsub.listening(subscription, collect):
        pubsub.publish(topic, *expected, ordering_key="key")
        eventually(lambda: len(seen) >= 20)
    assert seen == expected


def test_several_messages_of_a_key_may_be_out_at_once(pubsub: PubSub) -> None:
    topic = pubsub.topic()
    subscription = pubsub.subscription(topic, enable_message_ordering=True)
    expected = [b"%d" % number for number in range(50)]
    pubsub.publish(topic, *expected, ordering_key="key")
    held: list[Any] = []
    while len(held) < 50:  # none of them is acknowledged before all are here
        held += pubsub.subscriber.pull(
            subscription=subscription, max_messages=100, timeout=PATIENCE
        ).received_messages
        if len(held) < 50:
            assert not held, "the rest would wait for these"
    assert [each.message.data for each in held] == expected


def test_a_stream_ends_with_its_subscription(pubsub: PubSub) -> None:
    subscription = pubsub.subscription(pubsub.topic())
    stream = pubsub.subscriber.subscribe(subscription, print)
    pubsub.subscriber.delete_subscription(subscription=subscription)
    with pytest.raises(exceptions.NotFound):
        stream.result(PATIENCE)


def test_a_key_stays_in_order_after_a_lapsed_deadline(pubsub: PubSub) -> None:
    topic = pubsub.topic()
    subscription = pubsub.subscription(topic, enable_message_ordering=True)
    pubsub.publish(topic, b"1", b"2", ordering_key="key")
    (held,) = pubsub.pull(subscription)
    pubsub.set_deadline(subscription, 1, held)
    seen: list[bytes] = []
    while len(seen) < 2:
        (received,) = pubsub.pull(subscription)
        seen.append(received.message.data)
        pubsub.acknowledge(subscription, received)
    assert seen == [b"1", b"2"]


def test_keys_do_not_wait_for_each_other(pubsub: PubSub) -> None:
    topic = pubsub.topic()
    subscription = pubsub.subscription(topic, enable_message_ordering=True)
    for key in ("one", "two", ""):
        pubsub.publish(topic, f"{key}-first".encode(), ordering_key=key)
    assert len(pubsub.pull(subscription, 3)) == 3


def test_an_exactly_once_ack_is_confirmed(pubsub: PubSub) -> None:
    topic = pubsub.topic()
    subscription = pubsub.subscription(topic, enable_exactly_once_delivery=True)
    confirmed: list[AcknowledgeStatus] = []

    def acknowledge(message: Any) -> None:
        confirmed.append(message.ack_with_response().result(PATIENCE))

    with pubsub.listening(subscription, acknowledge):
        pubsub.publish(topic, b"once")
        eventually(lambda: confirmed)
    assert confirmed == [AcknowledgeStatus.SUCCESS]


def test_an_exactly_once_ack_that_comes_too_late_is_refused(pubsub: PubSub) -> None:
    topic = pubsub.topic()
    subscription = pubsub.subscription(topic, enable_exactly_once_delivery=True)
    outcomes: list[AcknowledgeStatus] = []
    lost: list[Any] = []  # noted first: the message comes again before its first outcome is known

    def lose_the_first_lease(message: Any) -> None:
        if not lost:
            lost.append(message)
            pubsub.set_deadline(subscription, 0, message)
        try:
            outcomes.append(message.ack_with_response().result(PATIENCE))
        except AcknowledgeError as error:
            outcomes.append(error.error_code)

    with pubsub.listening(subscription, lose_the_first_lease, max_messages=1):
        pubsub.publish(topic, b"late")
        eventually(lambda: len(outcomes) == 2)
    assert outcomes == [AcknowledgeStatus.INVALID_ACK_ID, AcknowledgeStatus.SUCCESS]


def test_a_late_ack_counts_until_the_message_is_delivered_again(pubsub: PubSub) -> None:
    topic = pubsub.topic()
    retry_policy = {"minimum_backoff": {"seconds": 600}, "maximum_backoff": {"seconds": 600}}
    subscription = pubsub.subscription(topic, retry_policy=retry_policy)
    pubsub.publish(topic, b"late")
    (received,) = pubsub.pull(subscription)
    pubsub.set_deadline(subscription, 1, received)
    time.sleep(1.2)  # nothing shows from outside that the lease has lapsed
    pubsub.acknowledge(subscription, received)
    no_backoff = {"name": subscription, "retry_policy": {"minimum_backoff": {}, "maximum_backoff": {}}}
    pubsub.subscriber.update_subscription(
        request={"subscription": no_backoff, "update_mask": {"paths": ["retry_policy"]}}
    )
    assert not pubsub.pull_now(subscription)


@contextmanager
def endpoint(statuses: list[int]) -> Generator[tuple[str, list[dict[str, Any]]]]:
    """An HTTP server that answers with these statuses, then with 204; its URL and what was posted to it."""
    posts: list[dict[str, Any]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            posts.append({"headers": dict(self.headers), "body": body})
            self.send_response(statuses.pop(0) if statuses else 204)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/hook?token=1", posts
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_a_push_subscription_posts_until_it_is_accepted(pubsub: PubSub) -> None:
    topic = pubsub.topic()
    with endpoint([500, 404]) as (url, posts):
        subscription = pubsub.subscription(topic, push_config={"push_endpoint": url})
        (message_id,) = pubsub.publish(topic, b"\xff\x00", colour="red")
        eventually(lambda: len(posts) >= 3)
        pubsub.subscriber.delete_subscription(subscription=subscription)
    envelope = json.loads(posts[-1]["body"])
    assert envelope["subscription"] == subscription
    assert envelope["message"]["data"] == "/wA="
    assert envelope["message"]["attributes"] == {"colour": "red"}
    assert envelope["message"]["messageId"] == envelope["message"]["message_id"] == message_id
    assert envelope["message"]["publishTime"].endswith("Z")
    assert len(posts) == 3


def test_push_can_be_switched_to_pull_and_back(pubsub: PubSub) -> None:
    topic = pubsub.topic()
    with endpoint([]) as (url, posts):
        subscription = pubsub.subscription(topic, push_config={"push_endpoint": url})
        pubsub.subscriber.modify_push_config(subscription=subscription, push_config={})
        pubsub.publish(topic, b"pulled")
        pubsub.acknowledge(subscription, *pubsub.pull(subscription))
        pubsub.subscriber.modify_push_config(subscription=subscription, push_config={"push_endpoint": url})
        pubsub.publish(topic, b"pushed")
        eventually(lambda: posts)
        pubsub.subscriber.delete_subscription(subscription=subscription)
    assert json.loads(posts[0]["body"])["message"]["data"] == "cHVzaGVk"
    assert len(posts) == 1


def test_push_without_wrapper_posts_the_data_alone(pubsub: PubSub) -> None:
    topic = pubsub.topic()
    with endpoint([]) as (url, posts):
        push_config = {"push_endpoint": url, "no_wrapper": {"write_metadata": True}}
        subscription = pubsub.subscription(topic, push_config=push_config)
        (message_id,) = pubsub.publish(topic, b"bare", colour="red")
        eventually(lambda: posts)
        pubsub.subscriber.delete_subscription(subscription=subscription)
    headers = {name.lower(): value for name, value in posts[0]["headers"].items()}
    assert posts[0]["body"] == b"bare"
    assert headers["colour"] == "red"
    assert headers["x-goog-pubsub-message-id"] == message_id
