"""Leases, backoff, fairness and faults of the embedded Pub/Sub, on a clock that the test turns."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from google.protobuf.field_mask_pb2 import FieldMask

from functions.contract.errors import InvalidRequest
from local.pubsub import protobufs
from local.pubsub.broker import Broker
from local.pubsub.consumer import Consumer
from local.pubsub.errors import InvalidArgument, PubSubError, ResourceNotFound
from local.pubsub.faults import LOST_LEASE_SECONDS, PubSubFaults
from local.pubsub.journal import Journal
from local.pubsub.subscription import Subscription

TOPIC = "projects/test/topics/topic"
OTHER_TOPIC = "projects/test/topics/other"
SUBSCRIPTION = "projects/test/subscriptions/subscription"


class Clock:
    """A clock that moves only when a test sets ``now``."""

    def __init__(self) -> None:
        self.now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


class Taker(Consumer):
    """Collects what it is given."""

    def __init__(self, lease_seconds: float = 10, max_messages: int = 0, max_bytes: int = 0) -> None:
        super().__init__(lease_seconds, max_messages, max_bytes)
        self.received: list[Any] = []
        self.ended: PubSubError | None = None

    def take(self, received: Any) -> None:
        self.received.append(received)

    def end(self, refused: PubSubError) -> None:
        self.ended = refused

    @property
    def data(self) -> list[bytes]:
        return [each.message.data for each in self.received]


class World:
    """A broker with a topic and a subscription."""

    def __init__(self, faults: PubSubFaults | None = None, **config: Any) -> None:
        self.clock = Clock()
        self.alarm = float("inf")
        self.journal = Journal(None)
        self.broker = self.start(faults)
        for topic in (TOPIC, OTHER_TOPIC):
            self.broker.topics.create(protobufs.Topic(name=topic))
        self.broker.create_subscription(protobufs.Subscription(name=SUBSCRIPTION, topic=TOPIC, **config))

    def start(self, faults: PubSubFaults | None = None) -> Broker:
        self.broker = Broker(self.journal, faults or PubSubFaults(), self.clock, self.clock, self.wake)
        return self.broker

    def restart(self) -> None:
        """The next broker knows what the journal knows."""
        self.journal.write_batch(self.journal.take_changes())
        self.start()

    def wake(self, when: float) -> None:
        self.alarm = min(self.alarm, when)

    def after(self, seconds: float) -> None:
        """Turns the clock on, calling the broker when it asked for it."""
        end = self.clock.now + seconds
        while self.alarm <= end:
            self.clock.now, self.alarm = max(self.alarm, self.clock.now), float("inf")
            self.broker.tick()
        self.clock.now = end

    @property
    def subscription(self) -> Subscription:
        return self.broker.read_subscription(SUBSCRIPTION)

    def publish(self, *data: bytes, key: str = "", topic: str = TOPIC) -> list[str]:
        return self.broker.publish(
            topic, [protobufs.PubsubMessage(data=each, ordering_key=key) for each in data]
        )

    def taker(self, **limits: Any) -> Taker:
        taker = Taker(**limits)
        self.subscription.attach(taker)
        return taker


def ack(world: World, *received: Any) -> list[str]:
    return world.subscription.acknowledge([each.ack_id for each in received])


def extend(world: World, received: Any, seconds: int) -> list[str]:
    return world.subscription.modify_ack_deadline([received.ack_id], [seconds])


def nack(world: World, received: Any) -> None:
    extend(world, received, 0)


def test_a_lease_lapses_at_its_deadline_and_not_before() -> None:
    world = World()
    taker = world.taker(lease_seconds=10)
    world.publish(b"x")
    world.after(9.9)
    assert len(taker.received) == 1
    world.after(0.1)
    assert len(taker.received) == 2


def test_an_extended_lease_lasts_from_the_extension_on() -> None:
    world = World()
    taker = world.taker(lease_seconds=10)
    world.publish(b"x")
    world.after(9)
    assert not extend(world, taker.received[0], 30)
    world.after(29)
    assert len(taker.received) == 1
    world.after(1)
    assert len(taker.received) == 2
    assert extend(world, taker.received[0], 30) == [taker.received[0].ack_id]


def test_a_lease_can_be_made_shorter() -> None:
    world = World()
    taker = world.taker(lease_seconds=600)
    world.publish(b"x")
    extend(world, taker.received[0], 5)
    world.after(5)
    assert len(taker.received) == 2


def test_every_lease_of_many_lapses_on_its_own() -> None:
    world = World()
    taker = world.taker(lease_seconds=10)
    for data in (b"1", b"2", b"3"):
        world.publish(data)
        world.after(1)
    ack(world, taker.received[1])
    world.after(7)
    assert taker.data == [b"1", b"2", b"3", b"1"]
    world.after(2)
    assert taker.data == [b"1", b"2", b"3", b"1", b"3"]


def let_lapse(world: World, _: Any) -> None:
    world.after(10)


@pytest.mark.parametrize("lose", [nack, let_lapse])
def test_backoff_doubles_up_to_its_maximum(lose: Callable[[World, Any], None]) -> None:
    world = World(retry_policy={"minimum_backoff": {"seconds": 3}, "maximum_backoff": {"seconds": 10}})
    taker = world.taker(lease_seconds=10)
    world.publish(b"x")
    for attempt, backoff in enumerate([3, 6, 10, 10], 1):
        lose(world, taker.received[-1])
        world.after(backoff - 0.001)
        assert len(taker.received) == attempt
        world.after(0.001)
        assert len(taker.received) == attempt + 1


def test_backoff_stays_finite_after_very_many_attempts() -> None:
    world = World(retry_policy={"minimum_backoff": {"seconds": 1}, "maximum_backoff": {"seconds": 1}})
    taker = world.taker()
    world.publish(b"x")
    for _ in range(2000):
        nack(world, taker.received.pop())
        world.after(1)
    assert taker.data == [b"x"]


def test_without_a_policy_a_nacked_message_returns_at_once_behind_the_others() -> None:
    world = World()
    taker = world.taker(max_messages=1)
    world.publish(b"poison", b"good")
    nack(world, taker.received[0])
    assert taker.data == [b"poison", b"good"]


def test_an_ordering_key_waits_for_the_backoff_of_its_first_message() -> None:
    backoff = {"minimum_backoff": {"seconds": 5}, "maximum_backoff": {"seconds": 5}}
    world = World(enable_message_ordering=True, retry_policy=backoff)
    taker = world.taker()
    world.publish(b"1", b"2", key="k")
    nack(world, taker.received[0])
    world.after(4)
    assert taker.data == [b"1", b"2"]
    world.after(1)
    assert taker.data == [b"1", b"2", b"1", b"2"]


def test_a_late_ack_moves_an_ordering_key_on() -> None:
    backoff = {"minimum_backoff": {"seconds": 60}, "maximum_backoff": {"seconds": 60}}
    world = World(enable_message_ordering=True, retry_policy=backoff)
    taker = world.taker(lease_seconds=10, max_messages=1)
    world.publish(b"1", b"2", key="k")
    world.after(10)
    assert not ack(world, taker.received[0])
    assert taker.data == [b"1", b"2"]
    world.after(600)
    assert taker.data.count(b"1") == 1


def test_a_dead_lettered_message_moves_its_ordering_key_on() -> None:
    policy = {"dead_letter_topic": OTHER_TOPIC, "max_delivery_attempts": 5}
    world = World(enable_message_ordering=True, dead_letter_policy=policy)
    taker = world.taker(max_messages=1)
    world.publish(b"1", b"2", key="k")
    for _ in range(5):
        nack(world, taker.received[-1])
    assert taker.data == [b"1"] * 5 + [b"2"]


def test_several_messages_of_a_key_may_be_out() -> None:
    world = World(enable_message_ordering=True)
    first, second = world.taker(), world.taker()
    world.publish(b"1", b"2", b"3", key="k")
    world.publish(b"a", b"b", b"c", key="l")
    takers = sorted((first.data, second.data))
    assert takers == [[b"1", b"2", b"3"], [b"a", b"b", b"c"]]


def test_a_key_stays_with_one_consumer_until_all_is_acknowledged() -> None:
    world = World(enable_message_ordering=True)
    first = world.taker(max_messages=2)
    world.publish(b"1", b"2", b"3", b"4", key="k")
    second = world.taker()
    assert (first.data, second.data) == ([b"1", b"2"], [])
    ack(world, first.received[0])
    assert (first.data, second.data) == ([b"1", b"2", b"3"], [])
    world.subscription.detach(first)
    ack(world, *first.received[1:])
    assert second.data == [b"4"]


def test_a_message_that_comes_back_calls_back_what_follows() -> None:
    world = World(enable_message_ordering=True)
    taker = world.taker()
    world.publish(b"1", b"2", b"3", b"4", key="k")
    ack(world, taker.received[2])
    nack(world, taker.received[1])
    assert taker.data == [b"1", b"2", b"3", b"4", b"2", b"3", b"4"]
    ack(world, taker.received[0])
    ack(world, taker.received[3])  # called back: this ack says nothing about the delivery that followed
    assert world.subscription.unacknowledged == 3
    ack(world, *taker.received[4:])
    assert world.subscription.unacknowledged == 0


def test_acks_out_of_order_settle_in_order() -> None:
    world = World(enable_message_ordering=True)
    taker = world.taker()
    world.publish(b"1", b"2", b"3", key="k")
    ack(world, *taker.received[1:])
    assert world.subscription.unacknowledged == 3
    ack(world, taker.received[0])
    assert world.subscription.unacknowledged == 0


def test_what_is_called_back_is_not_dead_lettered_for_it() -> None:
    policy = {"dead_letter_topic": OTHER_TOPIC, "max_delivery_attempts": 5}
    world = World(enable_message_ordering=True, dead_letter_policy=policy)
    taker = world.taker()
    world.publish(b"1", b"2", key="k")
    for _ in range(5):
        nack(world, next(each for each in reversed(taker.received) if each.message.data == b"1"))
    assert taker.data == [b"1", b"2"] * 5
    assert taker.received[-1].delivery_attempt == 1


def test_an_endpoint_gets_one_message_of_a_key_at_a_time() -> None:
    world = World(enable_message_ordering=True)
    taker = world.taker()
    world.subscription.detach(taker)
    taker.most_of_a_key = 1
    world.publish(b"1", b"2", b"3", key="k")
    world.subscription.attach(taker)
    assert taker.data == [b"1"]
    ack(world, taker.received[0])
    assert taker.data == [b"1", b"2"]


def test_a_lapsed_deadline_is_an_attempt() -> None:
    policy = {"dead_letter_topic": OTHER_TOPIC, "max_delivery_attempts": 5}
    world = World(dead_letter_policy=policy)
    taker = world.taker(lease_seconds=10)
    world.publish(b"x")
    world.after(1000)
    assert [each.delivery_attempt for each in taker.received] == [1, 2, 3, 4, 5]
    assert world.subscription.unacknowledged == 0


def test_without_its_dead_letter_topic_a_message_is_tried_on() -> None:
    policy = {"dead_letter_topic": OTHER_TOPIC, "max_delivery_attempts": 5}
    world = World(dead_letter_policy=policy)
    world.broker.delete_topic(OTHER_TOPIC)
    taker = world.taker()
    world.publish(b"x")
    for _ in range(6):
        nack(world, taker.received[-1])
    assert taker.received[-1].delivery_attempt == 7


def test_a_topic_may_be_its_own_dead_letter_topic() -> None:
    world = World(dead_letter_policy={"dead_letter_topic": TOPIC, "max_delivery_attempts": 5})
    taker = world.taker()
    (message_id,) = world.publish(b"x")
    for _ in range(5):
        nack(world, taker.received[-1])
    letter = taker.received[-1]
    assert letter.delivery_attempt == 1
    assert letter.message.message_id != message_id
    assert (
        letter.message.attributes["CloudPubSubDeadLetterSourceTopicPublishTime"]
        == "1970-01-12T13:46:40.000+00:00"
    )


def test_messages_are_shared_between_consumers() -> None:
    world = World()
    takers = [world.taker() for _ in range(3)]
    world.publish(*(b"%d" % number for number in range(30)))
    assert [len(taker.received) for taker in takers] == [10, 10, 10]


def test_a_consumer_without_room_is_passed_over_until_it_has_some() -> None:
    world = World()
    small, large = world.taker(max_messages=1), world.taker(max_messages=3)
    world.publish(*(b"%d" % number for number in range(6)))
    assert (len(small.received), len(large.received)) == (1, 3)
    ack(world, small.received[0])
    assert (len(small.received), len(large.received)) == (2, 3)
    world.after(10)
    assert small.outstanding_messages + large.outstanding_messages == 4


def test_flow_control_counts_bytes_and_lets_one_message_through_whatever_its_size() -> None:
    world = World()
    taker = world.taker(max_bytes=100)
    world.publish(b"x" * 1000, b"y")
    assert len(taker.received) == 1
    nack(world, taker.received[0])
    assert taker.data[1:] == [b"y", b"x" * 1000]


def test_what_was_handed_back_was_never_delivered() -> None:
    world = World(dead_letter_policy={"dead_letter_topic": OTHER_TOPIC, "max_delivery_attempts": 5})
    first = world.taker()
    world.publish(b"1", b"2")
    world.subscription.detach(first)
    world.subscription.hand_back([each.ack_id for each in first.received])
    second = world.taker()
    assert second.data == [b"1", b"2"]
    assert [each.delivery_attempt for each in second.received] == [1, 1]


def test_an_unacknowledged_message_is_kept_for_the_retention_time() -> None:
    world = World(message_retention_duration={"seconds": 600})
    world.publish(b"old")
    world.after(300)
    world.publish(b"young")
    world.after(301)
    assert world.taker().data == [b"young"]
    assert world.subscription.unacknowledged == 1


def test_expired_messages_are_dropped_without_a_pull() -> None:
    world = World(enable_message_ordering=True, message_retention_duration={"seconds": 600})
    world.publish(b"1", b"2", b"3", key="k")
    world.after(3000)
    world.publish(b"4", key="k")
    world.after(601)
    assert world.subscription.unacknowledged == 1
    world.journal.write_batch(world.journal.take_changes())
    assert len(world.journal.load_content().messages) == 1
    taker = world.taker()
    world.publish(b"5", key="k")
    assert taker.data == [b"5"]


def test_an_exactly_once_lease_that_lapsed_cannot_be_acknowledged() -> None:
    backoff = {"minimum_backoff": {"seconds": 60}, "maximum_backoff": {"seconds": 60}}
    world = World(enable_exactly_once_delivery=True, retry_policy=backoff)
    taker = world.taker(lease_seconds=10)
    world.publish(b"x")
    world.after(10)
    assert ack(world, taker.received[0]) == [taker.received[0].ack_id]
    world.after(60)
    assert not ack(world, taker.received[1])
    assert not ack(world, taker.received[1])
    assert world.subscription.unacknowledged == 0


def test_a_deleted_subscription_sends_its_consumers_away() -> None:
    world = World()
    taker = world.taker()
    world.broker.delete_subscription(SUBSCRIPTION)
    assert isinstance(taker.ended, ResourceNotFound)
    world.publish(b"x")
    assert not taker.received


def test_a_message_leaves_the_journal_with_its_last_subscription() -> None:
    world = World()
    second = SUBSCRIPTION + "2"
    world.broker.create_subscription(protobufs.Subscription(name=second, topic=TOPIC))
    world.publish(b"x")
    taker = world.taker()
    ack(world, taker.received[0])
    world.restart()
    assert world.subscription.unacknowledged == 0
    assert world.broker.read_subscription(second).unacknowledged == 1
    world.broker.delete_subscription(second)
    world.journal.write_batch(world.journal.take_changes())
    assert not world.journal.load_content().messages


def test_a_message_without_a_subscriber_is_not_kept() -> None:
    world = World(filter="attributes:wanted")
    world.publish(b"x")
    world.publish(b"y", topic=OTHER_TOPIC)
    assert not world.journal.take_changes().messages


def test_one_bad_message_keeps_the_whole_request_out() -> None:
    world = World()
    with pytest.raises(InvalidArgument):
        world.publish(b"good", b"")
    assert world.subscription.unacknowledged == 0


@pytest.mark.parametrize(
    "message",
    [
        {"data": b"x" * 10_000_001},
        {"data": b"x", "ordering_key": "k" * 1025},
        {"attributes": {"": "v"}},
        {"attributes": {"googKey": "v"}},
        {"attributes": {"k" * 257: "v"}},
        {"attributes": {"k": "v" * 1025}},
        {"attributes": {str(number): "v" for number in range(101)}},
    ],
)
def test_a_message_beyond_the_limits_is_refused(message: dict[str, Any]) -> None:
    world = World()
    with pytest.raises(InvalidArgument):
        world.broker.publish(TOPIC, [protobufs.PubsubMessage(**message)])


def test_a_part_of_a_policy_can_be_changed() -> None:
    world = World(dead_letter_policy={"dead_letter_topic": OTHER_TOPIC, "max_delivery_attempts": 5})
    update = protobufs.Subscription(name=SUBSCRIPTION, dead_letter_policy={"max_delivery_attempts": 9})
    changed = world.broker.update_subscription(
        update, FieldMask(paths=["dead_letter_policy.max_delivery_attempts"])
    )
    assert changed.dead_letter_policy.dead_letter_topic == OTHER_TOPIC
    assert changed.dead_letter_policy.max_delivery_attempts == 9


def test_a_policy_can_be_taken_away() -> None:
    world = World(dead_letter_policy={"dead_letter_topic": OTHER_TOPIC})
    update = protobufs.Subscription(name=SUBSCRIPTION)
    changed = world.broker.update_subscription(update, FieldMask(paths=["dead_letter_policy"]))
    assert not changed.HasField("dead_letter_policy")
    assert world.subscription.settings.dead_letter is None


def test_the_same_seed_makes_the_same_duplicates() -> None:
    def deliveries(seed: int) -> list[int]:
        world = World(PubSubFaults(duplicate=0.3, seed=seed))
        taker = world.taker()
        world.publish(*(b"%d" % number for number in range(200)))
        return [taker.data.count(b"%d" % number) for number in range(200)]

    assert deliveries(7) == deliveries(7)
    assert deliveries(7) != deliveries(8)
    assert 30 < deliveries(7).count(2) < 90


def test_a_duplicate_lives_its_own_life() -> None:
    world = World(PubSubFaults(duplicate=1))
    taker = world.taker()
    world.publish(b"x")
    first, second = taker.received
    assert first.ack_id != second.ack_id
    ack(world, first)
    nack(world, second)
    assert taker.data == [b"x"] * 3
    assert not ack(world, taker.received[2])
    assert world.subscription.unacknowledged == 0


def test_a_duplicate_keeps_its_place_in_an_ordering_key() -> None:
    world = World(PubSubFaults(duplicate=1), enable_message_ordering=True)
    taker = world.taker(max_messages=1)
    world.publish(b"1", b"2", key="k")
    for position in range(3):
        ack(world, taker.received[position])
    assert taker.data == [b"1", b"1", b"2", b"2"]


def test_an_exactly_once_subscription_gets_no_duplicates() -> None:
    world = World(PubSubFaults(duplicate=1), enable_exactly_once_delivery=True)
    taker = world.taker()
    world.publish(b"x")
    assert taker.data == [b"x"]


def test_a_lost_lease_lapses_although_it_is_extended() -> None:
    world = World(PubSubFaults(lost_lease=1))
    taker = world.taker()
    world.publish(b"x")
    assert not extend(world, taker.received[0], 600)
    world.after(LOST_LEASE_SECONDS)
    assert taker.data == [b"x", b"x"]


def test_delayed_messages_keep_their_order() -> None:
    world = World(PubSubFaults(delay=2))
    taker = world.taker()
    world.publish(b"1")
    world.after(1)
    world.publish(b"2")
    assert not taker.received
    world.after(1)
    assert taker.data == [b"1"]
    world.after(1)
    assert taker.data == [b"1", b"2"]


@pytest.mark.parametrize(
    "wrong", [{"duplicate": 1.5}, {"lost_lease": -0.1}, {"delay": -1}, {"delay": float("nan")}]
)
def test_impossible_faults_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(InvalidRequest):
        PubSubFaults(**wrong)  # pyright: ignore[reportArgumentType] - a dictionary cannot say which field it names


def test_deliveries_of_one_key_that_lapse_together_come_again_in_order() -> None:
    world = World(enable_message_ordering=True)
    taker = world.taker()
    world.publish(b"1", b"2", key="k")
    world.after(10)
    assert taker.data == [b"1", b"2", b"1", b"2"]
