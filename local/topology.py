"""Creates on the laptop what Terraform creates in the cloud, with the same clients.

These are the buckets, topics, subscriptions and notifications. A second run changes nothing.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from google.api_core.exceptions import AlreadyExists, ClientError, Conflict
from google.api_core.retry import Retry

from functions.contract import paths
from functions.contract.settings import Settings
from functions.contract.storage import storage_client

if TYPE_CHECKING:
    from google.cloud.pubsub_v1 import PublisherClient, SubscriberClient

ACK_DEADLINE_SECONDS = 20
MAX_DELIVERY_ATTEMPTS = 20
MAX_DISPATCHES = 100  # the most that Pub/Sub takes: jobs wait here while the endpoint is busy
BACKOFF_SECONDS = (1, 10)
RETRY = Retry(timeout=10)  # an emulator answers soon or not at all
EVENTS_TAIL = "events-tail"


@dataclass(frozen=True)
class EventTrigger:
    """A function that is called for what arrives on a subscription, as Eventarc would."""

    function: str
    topic: str
    subscription: str
    bucket: str | None = None  # whose notifications the topic carries; None: the messages themselves
    seconds: float = 60.0  # that a call may last
    holds: bool = False  # its calls last until something is due: a stop does not wait for them
    ordered: bool = False  # by the messages' ordering keys, one call of a key at a time
    attempts: int | None = None  # after which a message is a job's dead letter; None: never


def list_triggers(settings: Settings) -> tuple[EventTrigger, ...]:
    uploads, results = settings.uploads_bucket, settings.results_bucket
    dead_letter = settings.dead_letter_topic
    return (
        EventTrigger("uploads", f"storage-{uploads}", f"storage-{uploads}-uploads", uploads),
        EventTrigger("notify", f"storage-{results}", f"storage-{results}-notify", results),
        EventTrigger("dead_letter", dead_letter, f"{dead_letter}-function"),
        EventTrigger(
            "deliver",
            settings.webhooks_topic,
            f"{settings.webhooks_topic}-deliver",
            ordered=True,
        ),
        EventTrigger(
            "remind",
            settings.reminders_topic,
            f"{settings.reminders_topic}-remind",
            seconds=120,
            holds=True,
        ),
        EventTrigger(
            "dispatch",
            settings.remote_topic,
            f"{settings.remote_topic}-dispatch",
            seconds=540,
            attempts=MAX_DISPATCHES,
        ),
    )


def make_topology(settings: Settings, *, exactly_once: bool = True) -> tuple[str, ...]:
    """Creates what is missing; returns the buckets whose server does not support notifications.

    Raises the errors of Google's clients when an emulator does not answer.
    """
    make_messaging(settings, exactly_once=exactly_once)
    return make_buckets(settings)


def make_messaging(settings: Settings, *, exactly_once: bool = True) -> None:
    from google.cloud import pubsub_v1

    found = list_triggers(settings)
    topics = {settings.events_topic} | {trigger.topic for trigger in found}
    topics |= {topic for _, topic in _worker_subscriptions(settings)}
    publisher, subscriber = pubsub_v1.PublisherClient(), pubsub_v1.SubscriberClient()
    with publisher, subscriber:
        for topic in sorted(topics):
            _make_topic(publisher, settings.topic_path(topic))
        for name, topic in _worker_subscriptions(settings):
            _make_subscription(
                subscriber, _worker_subscription(settings, name, topic, exactly_once=exactly_once)
            )
        _make_subscription(subscriber, _base_subscription(settings, EVENTS_TAIL, settings.events_topic))
        for trigger in found:
            _make_subscription(subscriber, _trigger_subscription(settings, trigger))


def _make_topic(publisher: PublisherClient, path: str) -> None:
    with suppress(AlreadyExists):
        publisher.create_topic(name=path, retry=RETRY)


def _make_subscription(subscriber: SubscriberClient, subscription: dict[str, Any]) -> None:
    with suppress(AlreadyExists):
        subscriber.create_subscription(request=subscription, retry=RETRY)


def _base_subscription(settings: Settings, name: str, topic: str) -> dict[str, Any]:
    least, most = (timedelta(seconds=seconds) for seconds in BACKOFF_SECONDS)
    return {
        "name": settings.subscription_path(name),
        "topic": settings.topic_path(topic),
        "ack_deadline_seconds": ACK_DEADLINE_SECONDS,
        "retry_policy": {"minimum_backoff": least, "maximum_backoff": most},
    }


def _trigger_subscription(settings: Settings, trigger: EventTrigger) -> dict[str, Any]:
    plain = _base_subscription(settings, trigger.subscription, trigger.topic)
    plain |= {"enable_message_ordering": True} if trigger.ordered else {}
    return {**plain, **_dead_letter_policy(settings, trigger.attempts)} if trigger.attempts else plain


def _dead_letter_policy(settings: Settings, attempts: int) -> dict[str, Any]:
    topic = settings.topic_path(settings.dead_letter_topic)
    return {"dead_letter_policy": {"dead_letter_topic": topic, "max_delivery_attempts": attempts}}


def _worker_subscriptions(settings: Settings) -> list[tuple[str, str]]:
    """Returns each subscription that workers pull from, with its topic."""
    low = settings.low_subscription and settings.low_jobs_topic
    return [
        (settings.worker_subscription, settings.jobs_topic),
        *([(str(settings.low_subscription), low)] if low else []),
    ]


def _worker_subscription(settings: Settings, name: str, topic: str, *, exactly_once: bool) -> dict[str, Any]:
    return {
        **_base_subscription(settings, name, topic),
        "enable_exactly_once_delivery": exactly_once,
        **_dead_letter_policy(settings, MAX_DELIVERY_ATTEMPTS),
    }


def make_buckets(settings: Settings) -> tuple[str, ...]:
    """Creates the buckets and their notifications; returns the buckets that do not support notifications."""
    client = storage_client.storage_client(settings)
    for name in (settings.uploads_bucket, settings.results_bucket, settings.jobs_bucket):
        with suppress(Conflict):
            client.create_bucket(name, retry=RETRY)
    silent: list[str] = []
    for bucket, topic, prefix in _list_notifications(settings):
        try:
            _make_notification(client.bucket(bucket), topic, settings.project, prefix)
        except ClientError:
            silent.append(bucket)
    return tuple(silent)


def _list_notifications(settings: Settings) -> list[tuple[str, str, str | None]]:
    """Returns bucket, topic and name prefix; of the jobs bucket only records of batches send
    notifications.
    """
    found = list_triggers(settings)
    whole = [(each.bucket, each.topic, None) for each in found if each.bucket]
    (uploads,) = (each.topic for each in found if each.function == "uploads")
    return [*whole, (settings.jobs_bucket, uploads, paths.BATCHES)]


def _make_notification(bucket: Any, topic: str, project: str, prefix: str | None) -> None:
    if any(notification.topic_name == topic for notification in bucket.list_notifications(retry=RETRY)):
        return
    bucket.notification(
        topic_name=topic,
        topic_project=project,
        event_types=["OBJECT_FINALIZE"],
        payload_format="JSON_API_V1",
        blob_name_prefix=prefix,
    ).create(retry=RETRY)
