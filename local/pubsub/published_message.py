"""A published message, and the limits that the service sets for one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from local.pubsub import protobufs
from local.pubsub.errors import InvalidArgument
from local.pubsub.journal import Journal
from local.pubsub.protobufs import Proto

# https://cloud.google.com/pubsub/quotas#resource_limits
MAX_REQUEST_BYTES = 10_000_000
MAX_MESSAGES = 1000
MAX_ATTRIBUTES = 100
MAX_KEY_BYTES = 256
MAX_VALUE_BYTES = 1024
MAX_ORDERING_KEY_BYTES = 1024


@dataclass(slots=True, eq=False)
class PublishedMessage:
    """A message as long as some subscription holds it.

    Attributes:
        number: the message id, which grows with every message.
        body: the PubsubMessage that subscribers get.
        size: of the body, in bytes.
        published: Unix seconds.
        holders: how many subscriptions have yet to acknowledge it, and who else keeps it.
    """

    number: int
    body: Proto
    size: int
    published: float
    holders: int = 0


class MessageKeeper:
    """Keeps messages after their acknowledgement. To the journal it looks like a subscription without
    deliveries.

    Args:
        number: identifies it in the journal.
    """

    def __init__(self, number: int, journal: Journal) -> None:
        self.number = number
        self.journal = journal
        self.messages: dict[int, PublishedMessage] = {}

    def keep(self, message: PublishedMessage) -> None:
        """Keeps a message that is in the journal, or will be."""
        self.journal.add_to_backlog(self.number, message.number, attempt=0)
        self.restore(message)

    def restore(self, message: PublishedMessage) -> None:
        """Keeps a message that the journal already says it keeps."""
        message.holders += 1
        self.messages[message.number] = message

    def let_go(self, message: PublishedMessage) -> None:
        del self.messages[message.number]
        release_message(message, self.number, self.journal)

    def clear(self) -> None:
        """Releases every message."""
        for message in list(self.messages.values()):
            self.let_go(message)


def release_message(message: PublishedMessage, holder: int, journal: Journal) -> None:
    """Records that a holder no longer needs a message, and deletes the message with its last holder."""
    journal.remove_from_backlog(holder, message.number)
    message.holders -= 1
    if not message.holders:
        journal.drop_message(message.number)


def restore_message(number: int, serialized: bytes) -> PublishedMessage:
    """Returns a message that the journal holds."""
    body = protobufs.PubsubMessage.FromString(serialized)
    return PublishedMessage(number, body, len(serialized), body.publish_time.ToNanoseconds() / 1e9)


def make_dead_letter(message: PublishedMessage, subscription: str, attempt: int) -> Proto:
    """Returns the PubsubMessage that is published to the dead-letter topic after ``attempt`` deliveries."""
    _, project, _, subscription_id = subscription.split("/")
    published = datetime.fromtimestamp(message.published, UTC)
    letter = protobufs.PubsubMessage()
    letter.CopyFrom(message.body)
    letter.attributes["CloudPubSubDeadLetterSourceDeliveryCount"] = str(attempt)
    letter.attributes["CloudPubSubDeadLetterSourceSubscription"] = subscription_id
    letter.attributes["CloudPubSubDeadLetterSourceSubscriptionProject"] = project
    letter.attributes["CloudPubSubDeadLetterSourceTopicPublishTime"] = published.isoformat(
        timespec="milliseconds"
    )
    return letter


def check_messages(messages: Sequence[Proto]) -> None:
    """Raises InvalidArgument unless all of the messages could be published in one request."""
    if not messages:
        raise InvalidArgument("The value for message_count is too small. You passed 0 in the request.")
    if len(messages) > MAX_MESSAGES:
        raise InvalidArgument(f"A request may hold {MAX_MESSAGES} messages; this one has {len(messages)}.")
    if (size := sum(message.ByteSize() for message in messages)) > MAX_REQUEST_BYTES:
        raise InvalidArgument(f"A request may hold {MAX_REQUEST_BYTES} bytes; this one has {size}.")
    for message in messages:
        _check_message(message)


def _check_message(message: Proto) -> None:
    if not message.data and not message.attributes:
        raise InvalidArgument("A message needs either data or at least one attribute.")
    if len(message.ordering_key.encode()) > MAX_ORDERING_KEY_BYTES:
        raise InvalidArgument(f"An ordering key may have {MAX_ORDERING_KEY_BYTES} bytes.")
    if len(message.attributes) > MAX_ATTRIBUTES:
        raise InvalidArgument(f"A message may have {MAX_ATTRIBUTES} attributes.")
    for key, value in message.attributes.items():
        if not key or key.startswith("goog") or len(key.encode()) > MAX_KEY_BYTES:
            raise InvalidArgument(
                f"An attribute's key has 1 to {MAX_KEY_BYTES} bytes and does not start with 'goog': {key!r}."
            )
        if len(value.encode()) > MAX_VALUE_BYTES:
            raise InvalidArgument(f"An attribute's value may have {MAX_VALUE_BYTES} bytes: {key!r} has more.")
