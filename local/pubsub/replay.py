"""Seeking: a subscription moves back or forward to a time or to a snapshot.

A topic keeps a log of its published messages as long as a seek may need them: the topic has a retention of
its own, a subscription retains acknowledged messages, or there is a snapshot. See
https://cloud.google.com/pubsub/docs/replay-overview.
"""

from __future__ import annotations

from collections.abc import Callable

from google.protobuf.timestamp_pb2 import Timestamp

from local.pubsub import protobufs, resource_names, subscription_settings
from local.pubsub.errors import FailedPrecondition, InvalidArgument, ResourceAlreadyExists, ResourceNotFound
from local.pubsub.journal import Journal, JournalContent
from local.pubsub.protobufs import Proto
from local.pubsub.published_message import MessageKeeper, PublishedMessage
from local.pubsub.subscription import Subscription
from local.pubsub.timer_queue import Clock
from local.pubsub.topic import Topic

SNAPSHOT_LIFETIME = 7 * subscription_settings.DAY
"""Seconds that a snapshot lasts at most, less the age of the oldest message that it holds."""

LEAST_SNAPSHOT_LIFETIME = 3600
"""Seconds that a new snapshot must last."""


class Snapshot(MessageKeeper):
    """The messages that a subscription had not acknowledged. A seek also brings those published later.

    Its number lies between the numbers of the messages before it and after it.
    """

    def __init__(self, number: int, journal: Journal, config: Proto) -> None:
        super().__init__(number, journal)
        self.config = config

    @property
    def expires(self) -> float:
        """Returns the time of expiry in Unix seconds."""
        return self.config.expire_time.ToNanoseconds() / 1e9


class Replay:
    """Logs of topics, and snapshots.

    Args:
        next_number: gives numbers that messages have as well.
        wall: Unix seconds.
    """

    def __init__(self, journal: Journal, next_number: Callable[[], int], wall: Clock) -> None:
        self._journal = journal
        self._next_number = next_number
        self._wall = wall
        self._logs: dict[str, MessageKeeper] = {}
        self._snapshots: dict[str, Snapshot] = {}

    def restore(self, content: JournalContent) -> dict[int, MessageKeeper]:
        """Restores logs and snapshots from the journal and returns them by number; their messages follow."""
        for number, topic in content.logs.items():
            self._logs[topic] = MessageKeeper(number, self._journal)
        for number, serialized in content.snapshots.items():
            config = protobufs.Snapshot.FromString(serialized)
            self._snapshots[config.name] = Snapshot(number, self._journal, config)
        keepers = (*self._logs.values(), *self._snapshots.values())
        return {keeper.number: keeper for keeper in keepers}

    # Logs. ------------------------------------------------------------------------------------------

    def needs_log(self, topic: Topic) -> bool:
        """Tells whether a message that is published to the topic now may be wanted again."""
        return self._log_retention(topic) > 0 or any(self._snapshots_of(topic.config.name))

    def add_to_log(self, topic: Topic, message: PublishedMessage) -> None:
        """Adds a message of the topic to its log and deletes logged messages that no seek can need any
        longer.
        """
        name = topic.config.name
        if name not in self._logs:
            self._logs[name] = MessageKeeper(self._next_number(), self._journal)
            self._journal.put_log(self._logs[name].number, name)
        self._logs[name].keep(message)
        self.prune_log(topic)

    def prune_log(self, topic: Topic) -> None:
        """Deletes logged messages that no seek can need any longer."""
        log = self._logs.get(topic.config.name)
        if log is None:
            return
        earliest = self._wall() - self._log_retention(topic)
        oldest = min((each.number for each in self._snapshots_of(topic.config.name)), default=None)
        while log.messages:
            first = next(iter(log.messages.values()))
            if first.published > earliest or (oldest is not None and first.number > oldest):
                return
            log.let_go(first)

    def drop_log(self, topic: str) -> None:
        """Deletes the log of a deleted topic; its subscriptions and snapshots keep their messages."""
        if log := self._logs.pop(topic, None):
            log.clear()
            self._journal.drop_log(log.number)

    def _log_retention(self, topic: Topic) -> float:
        retaining = (each.settings.retention for each in topic.subscriptions if each.settings.retains_acked)
        return max((subscription_settings.topic_retention_seconds(topic.config), *retaining))

    # Snapshots. -------------------------------------------------------------------------------------

    def create_snapshot(self, name: str, subscription: Subscription, labels: dict[str, str]) -> Proto:
        """Raises InvalidArgument, ResourceAlreadyExists, or FailedPrecondition where it would soon
        be over.
        """
        if resource_names.check_snapshot(name) in self._snapshots:
            raise ResourceAlreadyExists(name)
        messages = sorted(subscription.messages(), key=lambda each: each.number)
        now = self._wall()
        expires = min([now, *(each.published for each in messages)]) + SNAPSHOT_LIFETIME
        if expires - now < LEAST_SNAPSHOT_LIFETIME:
            raise FailedPrecondition("The oldest unacknowledged message is too old for a snapshot.")
        config = protobufs.Snapshot(name=name, topic=subscription.config.topic, labels=labels)
        config.expire_time.FromNanoseconds(int(expires * 1e9))
        snapshot = Snapshot(self._next_number(), self._journal, config)
        self._put_snapshot(snapshot)
        for message in messages:
            snapshot.keep(message)
        return config

    def read_snapshot(self, name: str) -> Snapshot:
        """Raises ResourceNotFound, also for one that has expired."""
        found = self._snapshots.get(name)
        if found is None or found.expires <= self._wall():
            raise ResourceNotFound(name)
        return found

    def update_snapshot(self, config: Proto) -> Proto:
        """Replaces a snapshot's configuration."""
        snapshot = self.read_snapshot(config.name)
        snapshot.config = config
        self._put_snapshot(snapshot)
        return config

    def list_snapshots(self, project: str) -> list[str]:
        """Returns the names of a project's snapshots, sorted."""
        self.drop_expired()
        return resource_names.names_of_project(project, self._snapshots)

    def list_snapshots_of(self, topic: str) -> list[str]:
        """Returns the names of a topic's snapshots, sorted."""
        return sorted(each.config.name for each in self._snapshots_of(topic))

    def delete_snapshot(self, name: str) -> None:
        """Raises ResourceNotFound."""
        snapshot = self.read_snapshot(name)
        del self._snapshots[name]
        snapshot.clear()
        self._journal.drop_snapshot(snapshot.number)

    def drop_expired(self) -> None:
        """Deletes the snapshots whose time is over."""
        for name, snapshot in list(self._snapshots.items()):
            if snapshot.expires <= self._wall():
                del self._snapshots[name]
                snapshot.clear()
                self._journal.drop_snapshot(snapshot.number)

    def _put_snapshot(self, snapshot: Snapshot) -> None:
        self._snapshots[snapshot.config.name] = snapshot
        self._journal.put_snapshot(snapshot.number, snapshot.config.SerializeToString())

    def _snapshots_of(self, topic: str) -> list[Snapshot]:
        now = self._wall()
        return [
            each for each in self._snapshots.values() if each.config.topic == topic and each.expires > now
        ]

    # Seeking. -----------------------------------------------------------------------------------------

    def seek_to_time(self, subscription: Subscription, topic: Topic | None, time: Timestamp) -> None:
        """Acknowledges what was published before the time, and takes back what was published since."""
        since = time.ToNanoseconds() / 1e9
        wanted = {each.number: each for each in subscription.messages() if each.published >= since}
        for message in self._logged(topic):
            if message.published >= since and self._may_return(message, subscription, topic):
                wanted[message.number] = message
        subscription.replace([wanted[number] for number in sorted(wanted)])

    def seek_to_snapshot(self, subscription: Subscription, topic: Topic | None, name: str) -> None:
        """Makes the snapshot's messages, and those published since, the ones that are not acknowledged.

        Raises ResourceNotFound, or InvalidArgument for the snapshot of another topic.
        """
        snapshot = self.read_snapshot(name)
        if snapshot.config.topic != subscription.config.topic:
            raise InvalidArgument("The snapshot is of another topic than the subscription.")
        later = [each for each in self._logged(topic) if each.number > snapshot.number]
        wanted = {
            each.number: each
            for each in (*snapshot.messages.values(), *later)
            if subscription.settings.matches(each.body.attributes)
        }
        subscription.replace([wanted[number] for number in sorted(wanted)])

    def _logged(self, topic: Topic | None) -> list[PublishedMessage]:
        log = self._logs.get(topic.config.name) if topic else None
        return list(log.messages.values()) if log else []

    def _may_return(self, message: PublishedMessage, subscription: Subscription, topic: Topic | None) -> bool:
        """Tells whether a subscription may have a message again that it acknowledged, or never saw."""
        age = self._wall() - message.published
        retained = subscription_settings.topic_retention_seconds(topic.config) if topic else 0
        if subscription.settings.retains_acked and message.number > subscription.number:
            retained = max(retained, subscription.settings.retention)
        return age <= retained and subscription.settings.matches(message.body.attributes)
