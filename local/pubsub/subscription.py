"""One subscription: its messages, the consumers that take them, and what happens to a message that returns.

The module knows neither asyncio nor gRPC. A clock gives the time, and a journal keeps what must survive.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterable, Sequence

from local.pubsub import protobufs
from local.pubsub.backlog_entry import BacklogEntry
from local.pubsub.confirmed_ack_ids import ConfirmedAckIds
from local.pubsub.consumer import Consumer
from local.pubsub.delivery_leases import DeliveryLeases
from local.pubsub.errors import PubSubError
from local.pubsub.faults import LOST_LEASE_SECONDS
from local.pubsub.message_backlog import MessageBacklog
from local.pubsub.protobufs import Proto
from local.pubsub.published_message import PublishedMessage, release_message
from local.pubsub.subscription_host import SubscriptionHost
from local.pubsub.subscription_settings import SubscriptionSettings


class Subscription:
    """A subscription and its messages.

    Args:
        number: identifies it in the journal.
        config: a complete Subscription message.
        host: the broker.
    """

    def __init__(self, number: int, config: Proto, host: SubscriptionHost) -> None:
        self.number = number
        self.config = config
        self.settings = SubscriptionSettings.of(config)
        self._host = host
        self._backlog = MessageBacklog(host.clock, host.timers, self.dispatch)
        self._leases = DeliveryLeases(host.clock, host.timers, self._retry_delivery, self.dispatch)
        self._confirmed = ConfirmedAckIds()
        self._consumers: deque[Consumer] = deque()

    @property
    def name(self) -> str:
        return self.config.name

    @property
    def unacknowledged(self) -> int:
        """Returns the number of messages that are not acknowledged."""
        return len(self.messages())

    def messages(self) -> list[PublishedMessage]:
        """Returns the messages that are not acknowledged, in no order."""
        return [entry.message for entry in self._backlog.entries if not entry.extra]

    def replace(self, messages: Sequence[PublishedMessage]) -> None:
        """Replaces the unacknowledged messages with these, in their order."""
        for message in messages:
            message.holders += 1  # before the old ones are released: a message in both lists is not deleted
        self.clear()
        for message in messages:
            message.holders -= 1
            self._host.journal.add_to_backlog(self.number, message.number, attempt=0)
            self.restore(message, attempt=0)
        self.dispatch()

    def add(self, message: PublishedMessage) -> None:
        """Takes a new message into the backlog; call :meth:`dispatch` after the last one."""
        self._host.journal.add_to_backlog(self.number, message.number, attempt=0)
        self.restore(message, attempt=0)
        if not self.settings.exactly_once and self._host.faults.strikes("duplicate"):
            self._enqueue(message, extra=True)

    def restore(self, message: PublishedMessage, attempt: int) -> None:
        """Takes a message that the journal already holds into the backlog."""
        message.holders += 1
        self._enqueue(message, attempt)

    def _enqueue(self, message: PublishedMessage, attempt: int = 0, extra: bool = False) -> None:
        key = message.body.ordering_key if self.settings.ordered else ""
        not_before = self._host.clock() + self._host.faults.delay
        self._backlog.add_entry(BacklogEntry(message, key, attempt, extra, not_before))

    def attach(self, consumer: Consumer) -> None:
        """Delivers to the consumer from now on."""
        self._consumers.append(consumer)
        self.dispatch()

    def detach(self, consumer: Consumer) -> None:
        """Delivers nothing more to the consumer; what it holds stays its own until the deadline."""
        if consumer in self._consumers:
            self._consumers.remove(consumer)

    def dispatch(self) -> None:
        """Hands what is ready to consumers that have room, in turn and in equal shares."""
        share = math.ceil(self._backlog.count_ready() / max(1, len(self._consumers)))
        passed = 0
        while self._backlog.count_ready() and passed < len(self._consumers):
            consumer = self._consumers[0]
            self._consumers.rotate(-1)
            passed = 0 if self._fill_consumer(consumer, share) else passed + 1

    def _fill_consumer(self, consumer: Consumer, share: int) -> int:
        served = 0
        while served < share and consumer.has_room() and (entry := self._backlog.take_next(consumer)):
            if self._is_expired(entry):
                self._settle_entry(entry)
                continue
            if entry.attempt and self._move_to_dead_letters(entry):  # its last attempt ended with the server
                continue
            consumer.take(self._lease_to(entry, consumer))
            served += 1
        return served

    def _is_expired(self, entry: BacklogEntry) -> bool:
        return self._host.wall() - entry.message.published > self.settings.retention

    def _lease_to(self, entry: BacklogEntry, consumer: Consumer) -> Proto:
        entry.attempt += 1
        self._host.operations["messages.delivered"] += 1
        entry.consumer = consumer
        consumer.outstanding_messages += 1
        consumer.outstanding_bytes += entry.message.size
        entry.lost = self._host.faults.strikes("lost_lease")
        ack_id = f"{self.number:x}-{entry.message.number:x}-{self._host.next_number():x}"
        self._leases.grant(entry, ack_id, LOST_LEASE_SECONDS if entry.lost else consumer.lease_seconds)
        self._remember_attempt(entry)
        dead_letter = self.settings.dead_letter
        return protobufs.ReceivedMessage(
            ack_id=entry.ack_id,
            message=entry.message.body,
            delivery_attempt=entry.attempt if dead_letter else 0,
        )

    def _remember_attempt(self, entry: BacklogEntry) -> None:
        # Only dead-lettering counts on the number of attempts across a restart.
        if self.settings.dead_letter and not entry.extra:
            self._host.journal.add_to_backlog(self.number, entry.message.number, entry.attempt)

    def acknowledge(self, ack_ids: Iterable[str]) -> list[str]:
        """Drops the messages for good; returns the ids that are not, or no longer, known.

        Without exactly-once delivery an ack that comes after the deadline counts as long as the message was
        not delivered again.
        """
        unknown: list[str] = []
        for ack_id in ack_ids:
            entry = self._leases.end(ack_id)
            if entry is None and not self.settings.exactly_once:
                entry = self._leases.end_lapsed(ack_id)
            if entry is not None:
                self._acknowledge_entry(entry)
                if self.settings.exactly_once:
                    self._confirmed.add(ack_id)
            elif ack_id not in self._confirmed:
                unknown.append(ack_id)
        self.dispatch()
        return unknown

    def _acknowledge_entry(self, entry: BacklogEntry) -> None:
        """Settles the message, or remembers that it can be as soon as the earlier ones of its key are."""
        if self.settings.exactly_once or self._backlog.is_first(entry) or entry.consumer is None:
            self._settle_entry(entry)
        else:
            entry.acknowledged = True
            self._free_consumer(entry)

    def modify_ack_deadline(self, ack_ids: Sequence[str], seconds: Sequence[int]) -> list[str]:
        """Sets how many seconds from now the leases last, 0 giving the message back at once.

        Returns the ids whose lease is not, or no longer, held.
        """
        unknown: list[str] = []
        now = self._host.clock()
        for ack_id, duration in zip(ack_ids, seconds, strict=True):
            entry = self._leases.find(ack_id)
            if entry is None:
                unknown.append(ack_id)
            elif duration == 0:
                self._leases.end(ack_id)
                self._retry_delivery(entry)
            elif not entry.lost:
                self._leases.set_deadline(entry, now + duration)
        self.dispatch()
        return unknown

    def hand_back(self, ack_ids: Sequence[str]) -> None:
        """Takes back deliveries that never left the server, as if they had not been tried."""
        for ack_id in reversed(ack_ids):
            entry = self._leases.end(ack_id)
            if entry is not None:
                self._free_consumer(entry)
                entry.attempt -= 1
                self._remember_attempt(entry)
                self._backlog.take_back(entry)
        self.dispatch()

    def _retry_delivery(self, entry: BacklogEntry) -> None:
        """Delivers the message again after the backoff, or moves it to the dead letters."""
        self._free_consumer(entry)
        if self._move_to_dead_letters(entry):
            return
        entry.not_before = self._host.clock() + self.settings.retry.delay(entry.attempt)
        for follower in self._backlog.give_back(entry):
            self._call_back_follower(follower)

    def _call_back_follower(self, entry: BacklogEntry) -> None:
        """Takes back a message because an earlier one of its key has to be delivered again before it."""
        self._leases.end(entry.ack_id)
        self._free_consumer(entry)
        entry.acknowledged = False
        entry.attempt -= 1  # it is not its own failure
        self._remember_attempt(entry)

    def _move_to_dead_letters(self, entry: BacklogEntry) -> bool:
        """Moves a message that was tried often enough to the dead letters; False if it stays."""
        limit = self.settings.dead_letter
        if limit is None or entry.attempt < limit.max_delivery_attempts:
            return False
        published = self._host.publish_dead_letter(limit, self.name, entry.message, entry.attempt)
        if published:
            self._settle_entry(entry)
        return published

    def _free_consumer(self, entry: BacklogEntry) -> None:
        if entry.consumer is not None:
            entry.consumer.outstanding_messages -= 1
            entry.consumer.outstanding_bytes -= entry.message.size
            entry.consumer = None

    def _settle_entry(self, entry: BacklogEntry) -> None:
        self._free_consumer(entry)
        self._leases.forget_lapsed(entry)
        self._backlog.settle(entry)
        if not entry.extra:
            release_message(entry.message, self.number, self._host.journal)
        following = self._backlog.first_of(entry.key)
        if following and following.acknowledged:
            self._settle_entry(following)

    # The subscription itself changes. -------------------------------------------------------------------

    def reconfigure(self, config: Proto) -> None:
        """Replaces the configuration with another complete one."""
        self.config = config
        self.settings = SubscriptionSettings.of(config)
        self.dispatch()

    def drop_expired(self) -> None:
        """Drops messages whose retention has ended; a consumer that holds one may still acknowledge it."""
        for entry in [
            each for each in self._backlog.entries if each.consumer is None and self._is_expired(each)
        ]:
            self._settle_entry(entry)

    def end(self, refused: PubSubError) -> None:
        """Sends every consumer away; the messages stay."""
        consumers, self._consumers = self._consumers, deque()
        for consumer in consumers:
            consumer.end(refused)

    def clear(self) -> None:
        """Drops every message."""
        for entry in self._backlog.entries:
            self._free_consumer(entry)
            if not entry.extra:
                release_message(entry.message, self.number, self._host.journal)
        self._backlog.clear()
        self._leases.clear()
