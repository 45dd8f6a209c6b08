"""Topics, subscriptions and the way of a message from one to the other."""

from __future__ import annotations

import itertools
import time
from collections import Counter
from collections.abc import Callable, Sequence

from google.protobuf import field_mask_pb2

from local.pubsub import protobufs, resource_names, subscription_settings
from local.pubsub import published_message as messages
from local.pubsub.errors import ResourceAlreadyExists, ResourceNotFound
from local.pubsub.faults import PubSubFaults
from local.pubsub.journal import Journal
from local.pubsub.proto_updates import apply_field_mask, copy_proto
from local.pubsub.protobufs import Proto
from local.pubsub.published_message import MessageKeeper, PublishedMessage
from local.pubsub.replay import Replay
from local.pubsub.subscription import Subscription
from local.pubsub.subscription_settings import DeadLetterPolicy
from local.pubsub.timer_queue import Clock, TimerQueue
from local.pubsub.topic import Topic, TopicRegistry

SWEEP_SECONDS = 3600
"""The time between two deletions of messages whose retention has ended."""


def _ignore_call(_: object) -> None:
    """Ignores the call."""


class Broker:
    """The state of the service. It runs on one thread and never waits.

    Args:
        journal: restores the former state and takes every change.
        faults: the faults that are switched on.
        clock: monotonic seconds, for leases and backoff.
        wall: Unix seconds, for publish times and retention.
        wake: is called with the clock time at which :meth:`tick` must be called next.
    """

    def __init__(
        self,
        journal: Journal,
        faults: PubSubFaults,
        clock: Clock = time.monotonic,
        wall: Clock = time.time,
        wake: Callable[[float], None] = _ignore_call,
    ) -> None:
        self.journal = journal
        self.faults = faults
        self.clock = clock
        self.wall = wall
        self.timers = TimerQueue(clock, wake)
        self.operations: Counter[str] = Counter()
        """How many messages were published and delivered since the start."""
        self.on_configured: Callable[[Subscription], None] = _ignore_call
        """Called with each subscription that is created, changed or deleted."""
        self.topics = TopicRegistry(journal)
        self._subscriptions: dict[str, Subscription] = {}
        self.replay = Replay(journal, self.next_number, wall)
        self._restore_state()
        self._drop_expired()

    def tick(self) -> None:
        """Runs what is due: leases lapse and backoffs end."""
        self.timers.run()

    def next_number(self) -> int:
        return next(self._numbers)

    def delete_topic(self, name: str) -> None:
        """Deletes a topic; its subscriptions keep their messages. Raises ResourceNotFound."""
        topic = self.topics.remove(name)
        self.replay.drop_log(name)
        for subscription in topic.subscriptions:
            config = copy_proto(subscription.config)
            config.topic = resource_names.DELETED_TOPIC
            self._set_config(subscription, config)

    # Publishing. ------------------------------------------------------------------------------------

    def publish(self, name: str, bodies: Sequence[Proto]) -> list[str]:
        """Gives each message an id and hands it to the topic's subscriptions.

        Raises:
            ResourceNotFound: there is no such topic.
            InvalidArgument: a message is empty or too large; then none is published.
        """
        topic = self.topics.read(name)
        messages.check_messages(bodies)
        ids = [self._publish_message(topic, body) for body in bodies]
        for subscription in topic.subscriptions:
            subscription.dispatch()
        return ids

    def _publish_message(self, topic: Topic, body: Proto) -> str:
        self.operations["messages.published"] += 1
        number, now = self.next_number(), self.wall()
        own = copy_proto(body)  # a part of the request would keep all of it in memory
        own.message_id = str(number)
        own.publish_time.FromNanoseconds(int(now * 1e9))
        receivers = [s for s in topic.subscriptions if s.settings.matches(own.attributes)]
        is_wanted = self.replay.needs_log(topic)
        if receivers or is_wanted:
            message = PublishedMessage(number, own, own.ByteSize(), now)
            self.journal.put_message(number, own.SerializeToString())
            if is_wanted:
                self.replay.add_to_log(topic, message)
            for subscription in receivers:
                subscription.add(message)
        return own.message_id

    def publish_dead_letter(
        self, policy: DeadLetterPolicy, subscription: str, message: PublishedMessage, attempt: int
    ) -> bool:
        """Publishes the message to the dead-letter topic; returns False where that topic does not exist."""
        topic = self.topics.find(policy.topic)
        if topic is None:
            return False
        self._publish_message(topic, messages.make_dead_letter(message, subscription, attempt))
        for receiver in topic.subscriptions:
            receiver.dispatch()
        return True

    # Subscriptions. -----------------------------------------------------------------------------------

    def create_subscription(self, config: Proto) -> Proto:
        """Raises InvalidArgument, ResourceAlreadyExists, or ResourceNotFound for the topic or the
        dead-letter topic.
        """
        full = subscription_settings.complete_config(config)
        if full.name in self._subscriptions:
            raise ResourceAlreadyExists(full.name)
        topic = self.topics.read(full.topic)
        self._check_dead_letter_topic(full)
        subscription = Subscription(self.next_number(), full, self)
        topic.subscriptions.append(subscription)
        self._subscriptions[full.name] = subscription
        self._set_config(subscription, full)
        return full

    def read_subscription(self, name: str) -> Subscription:
        """Raises ResourceNotFound."""
        subscription = self._subscriptions.get(name)
        if subscription is None:
            raise ResourceNotFound(name)
        return subscription

    def update_subscription(self, update: Proto, mask: field_mask_pb2.FieldMask) -> Proto:
        """Sets the fields that the mask names; raises ResourceNotFound, or InvalidArgument for a
        fixed field.
        """
        subscription = self.read_subscription(update.name)
        full = subscription_settings.complete_config(
            apply_field_mask(subscription.config, update, mask, subscription_settings.MUTABLE)
        )
        self._check_dead_letter_topic(full)
        self._set_config(subscription, full)
        return full

    def modify_push_config(self, name: str, push_config: Proto) -> None:
        """Changes the endpoint of a subscription; an empty one means pull.

        Raises ResourceNotFound or InvalidArgument.
        """
        subscription = self.read_subscription(name)
        config = copy_proto(subscription.config)
        config.push_config.CopyFrom(push_config)
        self._set_config(subscription, subscription_settings.complete_config(config))

    def detach_subscription(self, name: str) -> None:
        """Detaches a subscription from its topic and drops its messages. Raises ResourceNotFound."""
        subscription = self.read_subscription(name)
        config = copy_proto(subscription.config)
        config.detached = True
        self._remove_from_topic(subscription)
        subscription.clear()
        self._set_config(subscription, config)

    def list_subscriptions(self, project: str) -> list[str]:
        """Returns the names of a project's subscriptions, sorted."""
        return resource_names.names_of_project(project, self._subscriptions)

    def delete_subscription(self, name: str) -> None:
        """Deletes a subscription and its messages. Raises ResourceNotFound."""
        subscription = self.read_subscription(name)
        del self._subscriptions[name]
        self._remove_from_topic(subscription)
        subscription.clear()
        subscription.end(ResourceNotFound(name))
        self.journal.drop_subscription(subscription.number)
        self.on_configured(subscription)

    def delete_snapshot(self, name: str) -> None:
        """Deletes a snapshot, and the messages that only it kept. Raises ResourceNotFound."""
        topic = self.topics.find(self.replay.read_snapshot(name).config.topic)
        self.replay.delete_snapshot(name)
        if topic:
            self.replay.prune_log(topic)

    def topic_of(self, subscription: Subscription) -> Topic | None:
        """Returns the topic of a subscription; None once the topic is deleted."""
        return self.topics.find(subscription.config.topic)

    def all_subscriptions(self) -> list[Subscription]:
        """Returns every subscription."""
        return list(self._subscriptions.values())

    def has_subscription(self, subscription: Subscription) -> bool:
        """Returns True unless the subscription was deleted."""
        return self._subscriptions.get(subscription.name) is subscription

    def _set_config(self, subscription: Subscription, full: Proto) -> None:
        self.journal.put_subscription(subscription.number, full.SerializeToString())
        subscription.reconfigure(full)
        self.on_configured(subscription)

    def _remove_from_topic(self, subscription: Subscription) -> None:
        topic = self.topics.find(subscription.config.topic)
        if topic and subscription in topic.subscriptions:
            topic.subscriptions.remove(subscription)

    def _check_dead_letter_topic(self, full: Proto) -> None:
        if full.HasField("dead_letter_policy"):
            self.topics.read(full.dead_letter_policy.dead_letter_topic)

    def _drop_expired(self) -> None:
        for subscription in self._subscriptions.values():
            subscription.drop_expired()
        self.replay.drop_expired()
        for topic in self.topics:
            self.replay.prune_log(topic)
        self.timers.at(self.clock() + SWEEP_SECONDS, self._drop_expired)

    # Restarts. --------------------------------------------------------------------------------------

    def _restore_state(self) -> None:
        content = self.journal.load_content()
        last = max([0, *content.messages, *content.subscriptions, *content.snapshots, *content.logs])
        # The clock is ahead of any id given before, also of those that were never written.
        self._numbers = itertools.count(max(last + 1, int(self.wall() * 1e6)))
        self.topics.restore(content.topics)
        by_number: dict[int, Subscription | MessageKeeper] = {**self.replay.restore(content)}
        by_number |= {n: self._restore_subscription(n, c) for n, c in content.subscriptions.items()}
        restored = {
            number: messages.restore_message(number, body) for number, body in content.messages.items()
        }
        for number, message, attempt in content.backlog:
            holder = by_number[number]
            if isinstance(holder, MessageKeeper):
                holder.restore(restored[message])
            else:
                holder.restore(restored[message], attempt)

    def _restore_subscription(self, number: int, config: bytes) -> Subscription:
        subscription = Subscription(number, protobufs.Subscription.FromString(config), self)
        self._subscriptions[subscription.name] = subscription
        topic = self.topics.find(subscription.config.topic)
        if topic and not subscription.config.detached:
            topic.subscriptions.append(subscription)
        return subscription
