"""What the real service promises and Google's emulator does not keep: here on the embedded server alone.

Google's emulator (0.8.20) ignores filters and retry policies, delivers the rest of an ordering key before a
message that was nacked, leaves flow control to the client, confirms nothing on exactly-once streams (unary
acks it does), cannot detach a subscription, lets a push subscription be pulled from, never gives up a push
message to the dead letters and sends responses that are larger than clients take.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Generator, Iterator
from typing import Any

import pytest
from google.api_core import exceptions
from google.pubsub_v1.types import StreamingPullRequest

from tests.eventually import eventually
from tests.integration.local.pubsub_servers import PubSub
from tests.integration.local.test_pubsub import endpoint


def test_a_filter_chooses_messages(embedded: PubSub) -> None:
    topic = embedded.topic()
    gpu = embedded.subscription(topic, filter='attributes.lane = "gpu" AND NOT attributes:skip')
    everything = embedded.subscription(topic)
    embedded.publish(topic, b"gpu", lane="gpu")
    embedded.publish(topic, b"skipped", lane="gpu", skip="")
    embedded.publish(topic, b"remote", lane="remote")
    assert len(embedded.pull(everything, 3)) == 3
    assert [each.message.data for each in embedded.pull_now(gpu)] == [b"gpu"]


def test_a_process_of_the_same_stack_reaches_it_without_the_front(embedded: PubSub) -> None:
    inner = embedded.beside()
    assert inner.address.startswith("unix:")
    topic = inner.topic()
    subscription = inner.subscription(topic)
    inner.publish(topic, b"inside")
    assert [each.message.data for each in embedded.pull(subscription, 1)] == [b"inside"]
    embedded.publish(topic, b"outside")
    assert [each.message.data for each in inner.pull(subscription, 1)] == [b"outside"]


def test_a_bad_filter_is_refused(embedded: PubSub) -> None:
    with pytest.raises(exceptions.InvalidArgument, match="filter"):
        embedded.subscription(embedded.topic(), filter="attributes.lane == 'gpu'")


@pytest.mark.parametrize(
    "config",
    [
        {"ack_deadline_seconds": 9},
        {"message_retention_duration": {"seconds": 599}},
        {"push_config": {"push_endpoint": "ftp://example.com"}},
        {"push_config": {"push_endpoint": "http://localhost/"}, "enable_exactly_once_delivery": True},
    ],
)
def test_what_the_service_would_refuse_is_refused(embedded: PubSub, config: dict[str, Any]) -> None:
    with pytest.raises(exceptions.InvalidArgument):
        embedded.subscription(embedded.topic(), **config)


def test_a_push_subscription_cannot_be_pulled_from(embedded: PubSub) -> None:
    push_config = {"push_endpoint": "http://127.0.0.1:9/"}
    subscription = embedded.subscription(embedded.topic(), push_config=push_config)
    with pytest.raises(exceptions.FailedPrecondition):
        embedded.pull_now(subscription)


def test_a_detached_subscription_has_no_messages(embedded: PubSub) -> None:
    topic = embedded.topic()
    subscription = embedded.subscription(topic)
    embedded.publish(topic, b"gone")
    embedded.publisher.detach_subscription(request={"subscription": subscription})
    embedded.publish(topic, b"never")
    assert embedded.subscriber.get_subscription(subscription=subscription).detached
    assert not list(embedded.publisher.list_topic_subscriptions(topic=topic))
    with pytest.raises(exceptions.FailedPrecondition):
        embedded.pull_now(subscription)


def test_a_key_stays_in_order_after_a_nack(embedded: PubSub) -> None:
    topic = embedded.topic()
    subscription = embedded.subscription(topic, enable_message_ordering=True)
    embedded.publish(topic, b"1", b"2", b"3", ordering_key="key")
    seen: list[bytes] = []

    def nack_each_once(message: Any) -> None:
        first_time = message.data not in seen
        seen.append(message.data)
        message.nack() if first_time else message.ack()

    with embedded.listening(subscription, nack_each_once):
        eventually(lambda: len(seen) >= 6)
    # The client has all three when it turns the first one down; what comes again comes in order.
    assert [seen[::-1].index(each) for each in (b"3", b"2", b"1")] == sorted(
        seen[::-1].index(each) for each in (b"1", b"2", b"3")
    )


def test_a_nacked_message_waits_for_its_backoff(embedded: PubSub) -> None:
    topic = embedded.topic()
    retry_policy = {"minimum_backoff": {"seconds": 1}, "maximum_backoff": {"seconds": 600}}
    subscription = embedded.subscription(topic, retry_policy=retry_policy)
    embedded.publish(topic, b"again")
    gaps: list[float] = []
    for _ in range(2):
        (received,) = embedded.pull(subscription)
        nacked = time.monotonic()
        embedded.nack(subscription, received)
        (received,) = embedded.pull(subscription)
        gaps.append(time.monotonic() - nacked)
        embedded.nack(subscription, received)
    # 1 s after the first delivery and, as the loop nacks twice a round, 4 s after the third.
    assert gaps[0] >= 1
    assert gaps[1] >= 4


def test_an_exactly_once_ack_may_be_repeated(embedded: PubSub) -> None:
    topic = embedded.topic()
    subscription = embedded.subscription(topic, enable_exactly_once_delivery=True)
    embedded.publish(topic, b"once")
    (received,) = embedded.pull(subscription)
    embedded.acknowledge(subscription, received)
    embedded.acknowledge(subscription, received)


@contextlib.contextmanager
def open_stream(
    embedded: PubSub, subscription: str, **first: Any
) -> Generator[tuple[list[StreamingPullRequest], Any]]:
    """A bare StreamingPull, without the client library's own flow control: requests to append, responses."""
    requests = [StreamingPullRequest(subscription=subscription, stream_ack_deadline_seconds=60, **first)]
    closed = False

    def outgoing() -> Iterator[StreamingPullRequest]:
        while not closed:
            if requests:
                yield requests.pop(0)
            time.sleep(0.005)

    responses: Any = embedded.subscriber.streaming_pull(requests=outgoing())
    try:
        yield requests, responses
    finally:
        closed = True
        responses.cancel()


def test_a_stream_gets_no_more_messages_than_it_asked_for(embedded: PubSub) -> None:
    topic = embedded.topic()
    subscription = embedded.subscription(topic)
    embedded.publish(topic, *(b"%d" % number for number in range(6)))
    with open_stream(embedded, subscription, max_outstanding_messages=2) as (requests, responses):
        rounds: list[int] = []
        held: list[str] = []
        while sum(rounds) < 6:
            messages = next(responses).received_messages
            held += [each.ack_id for each in messages]
            assert len(held) <= 2
            if len(held) == 2:
                rounds.append(len(held))
                requests.append(StreamingPullRequest(ack_ids=held))
                held = []
    assert rounds == [2, 2, 2]


def test_a_stream_gets_no_more_bytes_than_it_asked_for(embedded: PubSub) -> None:
    topic = embedded.topic()
    subscription = embedded.subscription(topic)
    embedded.publish(topic, b"x" * 1000, b"y" * 1000, b"z" * 1000)
    with open_stream(embedded, subscription, max_outstanding_bytes=1500) as (_, responses):
        first = next(each.received_messages for each in responses if each.received_messages)
        assert len(first) == 2
        assert len(embedded.pull_now(subscription)) == 1


def test_an_exactly_once_stream_confirms_what_it_is_told(embedded: PubSub) -> None:
    topic = embedded.topic()
    subscription = embedded.subscription(topic, enable_exactly_once_delivery=True)
    embedded.publish(topic, b"once")
    with open_stream(embedded, subscription) as (requests, responses):
        assert next(responses).subscription_properties.exactly_once_delivery_enabled
        ack_id = next(responses).received_messages[0].ack_id
        requests.append(
            StreamingPullRequest(modify_deadline_ack_ids=[ack_id, "0-0-0"], modify_deadline_seconds=[60, 60])
        )
        extended = next(responses).modify_ack_deadline_confirmation
        requests.append(StreamingPullRequest(ack_ids=[ack_id, "0-0-0"]))
        acknowledged = next(responses).acknowledge_confirmation
    assert (extended.ack_ids, extended.invalid_ack_ids) == ([ack_id], ["0-0-0"])
    assert (acknowledged.ack_ids, acknowledged.invalid_ack_ids) == ([ack_id], ["0-0-0"])


@pytest.mark.parametrize(
    "request_fields",
    [
        {"modify_deadline_ack_ids": ["1-1-1"], "modify_deadline_seconds": []},
        {"modify_deadline_ack_ids": ["1-1-1"], "modify_deadline_seconds": [-1]},
        {"max_outstanding_messages": 5},
        {"stream_ack_deadline_seconds": 5},
    ],
)
def test_a_wrong_request_ends_the_stream(embedded: PubSub, request_fields: dict[str, Any]) -> None:
    subscription = embedded.subscription(embedded.topic())
    with open_stream(embedded, subscription) as (requests, responses):
        requests.append(StreamingPullRequest(**request_fields))
        with pytest.raises(exceptions.InvalidArgument):
            list(responses)


def test_messages_larger_together_than_a_response_all_arrive(embedded: PubSub) -> None:
    topic = embedded.topic()
    subscription = embedded.subscription(topic)
    sizes: list[int] = []

    def collect(message: Any) -> None:
        sizes.append(message.size)
        message.ack()

    embedded.publish(topic, *([b"x" * 2_000_000] * 5))
    with embedded.listening(subscription, collect):
        eventually(lambda: len(sizes) == 5)


def test_push_says_which_attempt_it_is(embedded: PubSub) -> None:
    topic, dead_letter_topic = embedded.topic(), embedded.topic()
    dead_letters = embedded.subscription(dead_letter_topic)
    with endpoint([503] * 5) as (url, posts):
        subscription = embedded.subscription(
            topic,
            push_config={"push_endpoint": url},
            dead_letter_policy={"dead_letter_topic": dead_letter_topic, "max_delivery_attempts": 5},
            retry_policy={"minimum_backoff": {}, "maximum_backoff": {}},
        )
        embedded.publish(topic, b"poison")
        (letter,) = embedded.pull(dead_letters)
        embedded.subscriber.delete_subscription(subscription=subscription)
    assert [b'"deliveryAttempt": %d' % number in post["body"] for number, post in enumerate(posts, 1)] == [
        True
    ] * 5
    assert letter.message.attributes["CloudPubSubDeadLetterSourceDeliveryCount"] == "5"


def collect_all(embedded: PubSub, subscription: str, count: int) -> list[str]:
    """The ids of the first ``count`` deliveries, acknowledged as they come."""
    seen: list[str] = []

    def collect(message: Any) -> None:
        seen.append(message.message_id)
        message.ack()

    with embedded.listening(subscription, collect):
        eventually(lambda: len(seen) >= count)
    return seen


def test_a_share_of_messages_is_delivered_twice(embedded: PubSub) -> None:
    topic = embedded.topic()
    subscription = embedded.subscription(topic)
    embedded.faults.duplicate = 1.0
    message_ids = embedded.publish(topic, b"one", b"two", b"three")
    assert sorted(collect_all(embedded, subscription, 6)) == sorted(message_ids * 2)


def test_delivery_can_be_delayed(embedded: PubSub) -> None:
    topic = embedded.topic()
    subscription = embedded.subscription(topic)
    embedded.faults.delay = 1.5
    published = time.monotonic()
    embedded.publish(topic, b"later")
    embedded.pull(subscription)
    assert time.monotonic() - published >= 1.5


def test_a_lost_lease_cannot_be_extended(embedded: PubSub) -> None:
    topic = embedded.topic()
    subscription = embedded.subscription(topic)
    embedded.faults.lost_lease = 1.0
    embedded.publish(topic, b"slippery")
    (first,) = embedded.pull(subscription)
    embedded.set_deadline(subscription, 600, first)
    (second,) = embedded.pull(subscription)
    assert second.message.message_id == first.message.message_id


def test_clients_get_over_an_unavailable_service(embedded: PubSub) -> None:
    topic = embedded.topic()
    subscription = embedded.subscription(topic)
    embedded.faults.unavailable = 0.4
    message_ids = embedded.publish(topic, *(b"%d" % number for number in range(20)))
    assert set(collect_all(embedded, subscription, 20)) >= set(message_ids)
