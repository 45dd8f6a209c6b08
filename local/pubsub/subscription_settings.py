"""A subscription's configuration: checked, completed with the service's defaults, read as plain values."""

from __future__ import annotations

from dataclasses import dataclass

from google.protobuf.duration_pb2 import Duration

from local.pubsub import protobufs, resource_names, subscription_filters
from local.pubsub.errors import InvalidArgument, OutOfRange, Unimplemented
from local.pubsub.protobufs import Proto

DAY = 86_400
MUTABLE = frozenset(
    {
        "ack_deadline_seconds",
        "dead_letter_policy",
        "enable_exactly_once_delivery",
        "expiration_policy",
        "labels",
        "message_retention_duration",
        "push_config",
        "retain_acked_messages",
        "retry_policy",
    }
)
"""The fields that UpdateSubscription takes."""


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """Exponential backoff between deliveries of one message, in seconds."""

    minimum: float
    maximum: float

    def delay(self, attempt: int) -> float:
        """Returns the seconds to wait after the ``attempt``-th delivery (from 1) failed."""
        # The exponent is bounded because a poison message without a dead letter never stops.
        return min(self.maximum, self.minimum * 2.0 ** min(attempt - 1, 62))


AT_ONCE = RetryPolicy(0, 0)
PUSH_BACKOFF = RetryPolicy(0.1, 60)
"""The backoff of push where the subscription has no policy."""


@dataclass(frozen=True, slots=True)
class DeadLetterPolicy:
    """The topic for messages that were delivered often enough, and how often that is."""

    topic: str
    max_delivery_attempts: int


@dataclass(frozen=True, slots=True)
class SubscriptionSettings:
    """The configuration of a subscription as plain values.

    Attributes:
        ack_deadline: seconds.
        retention: seconds for which an unacknowledged message is kept.
        ordered: messages with an ordering key are delivered one after the other.
        exactly_once: an acknowledgement is confirmed, or refused once its lease has lapsed.
        matches: the filter.
        push_endpoint: a URL, or empty for a pull subscription.
        retains_acked: a seek can bring acknowledged messages back as long as they are retained.
    """

    ack_deadline: float
    retention: float
    ordered: bool
    exactly_once: bool
    matches: subscription_filters.Predicate
    retry: RetryPolicy
    dead_letter: DeadLetterPolicy | None
    push_endpoint: str
    retains_acked: bool

    @classmethod
    def of(cls, config: Proto) -> SubscriptionSettings:
        """Reads a configuration that :func:`complete_config` has returned."""
        return cls(
            ack_deadline=config.ack_deadline_seconds,
            retention=_duration_seconds(config.message_retention_duration),
            ordered=config.enable_message_ordering,
            exactly_once=config.enable_exactly_once_delivery,
            matches=subscription_filters.parse_filter(config.filter),
            retry=_retry_policy(config),
            dead_letter=_dead_letter_policy(config),
            push_endpoint=config.push_config.push_endpoint,
            retains_acked=config.retain_acked_messages,
        )


def complete_config(config: Proto) -> Proto:
    """Returns a copy of a Subscription with every default filled in.

    Raises:
        InvalidArgument, OutOfRange: the service does not accept a value.
    """
    full = protobufs.Subscription()
    full.CopyFrom(config)
    _fill_defaults(full)
    resource_names.check_subscription(full.name)
    _check_supported(full)
    subscription_filters.parse_filter(full.filter)
    _check_durations(full)
    _check_dead_letter(full)
    _check_push(full)
    return full


def _fill_defaults(full: Proto) -> None:
    full.state = 1  # ACTIVE
    full.ack_deadline_seconds = full.ack_deadline_seconds or 10
    if not full.HasField("message_retention_duration"):
        full.message_retention_duration.seconds = 7 * DAY
    if not full.HasField("expiration_policy"):
        full.expiration_policy.ttl.seconds = 31 * DAY
    if full.HasField("dead_letter_policy") and not full.dead_letter_policy.max_delivery_attempts:
        full.dead_letter_policy.max_delivery_attempts = 5
    if full.HasField("retry_policy"):
        policy = full.retry_policy
        if not policy.HasField("minimum_backoff"):
            policy.minimum_backoff.seconds = 10
        if not policy.HasField("maximum_backoff"):
            policy.maximum_backoff.seconds = 600
    if full.push_config.push_endpoint:
        full.push_config.attributes["x-goog-version"] = "v1"


def _check_supported(full: Proto) -> None:
    for field in ("bigquery_config", "cloud_storage_config", "bigtable_config"):
        if full.HasField(field):
            raise Unimplemented(field)
    if full.message_transforms:
        raise Unimplemented("message_transforms")


def check_topic_config(config: Proto) -> None:
    """Raises Unimplemented for what a topic would silently lack, InvalidArgument for a value."""
    resource_names.check_topic(config.name)
    for field in ("schema_settings", "ingestion_data_source_settings"):
        if config.HasField(field):
            raise Unimplemented(field)
    for field in ("kms_key_name", "message_transforms"):
        if getattr(config, field):
            raise Unimplemented(field)
    if config.HasField("message_retention_duration"):
        seconds = topic_retention_seconds(config)
        _check_between("message_retention_duration", seconds, 600, 31 * DAY)


def topic_retention_seconds(config: Proto) -> float:
    """Returns the seconds for which a topic keeps its messages, acknowledged or not."""
    return _duration_seconds(config.message_retention_duration)


def _check_durations(full: Proto) -> None:
    _check_between("ack_deadline_seconds", full.ack_deadline_seconds, 10, 600)
    _check_between(
        "message_retention_duration", _duration_seconds(full.message_retention_duration), 600, 31 * DAY
    )
    if full.HasField("retry_policy"):
        minimum = _duration_seconds(full.retry_policy.minimum_backoff)
        maximum = _duration_seconds(full.retry_policy.maximum_backoff)
        _check_between("minimum_backoff", minimum, 0, 600)
        _check_between("maximum_backoff", maximum, minimum, 600)


def _check_dead_letter(full: Proto) -> None:
    if not full.HasField("dead_letter_policy"):
        return
    resource_names.check_topic(full.dead_letter_policy.dead_letter_topic)
    if not 5 <= (attempts := full.dead_letter_policy.max_delivery_attempts) <= 100:
        raise OutOfRange(f"max_delivery_attempts must be between 5 and 100; you passed {attempts}.")


def _check_push(full: Proto) -> None:
    endpoint = full.push_config.push_endpoint
    if not endpoint:
        return
    # The real service wants https; a laptop's functions speak plain http.
    if not endpoint.startswith(("http://", "https://")):
        raise InvalidArgument(f"Invalid push endpoint given (endpoint={endpoint}).")
    if full.enable_exactly_once_delivery:
        raise InvalidArgument("A push subscription cannot have exactly-once delivery.")


def _retry_policy(config: Proto) -> RetryPolicy:
    if not config.HasField("retry_policy"):
        return PUSH_BACKOFF if config.push_config.push_endpoint else AT_ONCE
    policy = config.retry_policy
    return RetryPolicy(_duration_seconds(policy.minimum_backoff), _duration_seconds(policy.maximum_backoff))


def _dead_letter_policy(config: Proto) -> DeadLetterPolicy | None:
    if not config.HasField("dead_letter_policy"):
        return None
    policy = config.dead_letter_policy
    return DeadLetterPolicy(policy.dead_letter_topic, policy.max_delivery_attempts)


def _duration_seconds(duration: Duration) -> float:
    return duration.seconds + duration.nanos / 1e9


def _check_between(field: str, value: float, low: float, high: float) -> None:
    if not low <= value <= high:
        raise InvalidArgument(f"{field} must be between {low:g} and {high:g}; you passed {value:g}.")
