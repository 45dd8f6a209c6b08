"""The subscriber on the embedded Pub/Sub, with exactly-once delivery, as the stack has it."""

from __future__ import annotations

import queue
import threading
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from google.api_core.exceptions import ServiceUnavailable
from google.cloud import pubsub_v1

from local.pubsub import protobufs
from tests.eventually import PATIENCE
from tests.integration.functions.deployment import settings_for
from tests.integration.functions.servers import Servers, started_servers
from worker.runtime.job_in_progress import AckableMessage
from worker.runtime.subscriber import PromptSubscriberClient, PullSubscriber
from worker.settings import WorkerSettings

Extended = queue.SimpleQueue[tuple[list[str], int]]
Google = pubsub_v1.SubscriberClient


@pytest.fixture(scope="module")
def servers() -> Iterator[Servers]:
    with started_servers() as running:
        yield running


@pytest.fixture
def settings(servers: Servers, monkeypatch: pytest.MonkeyPatch) -> WorkerSettings:
    """Those of a worker whose topic and subscription, both ``jobs``, are new."""
    monkeypatch.setenv("PUBSUB_EMULATOR_HOST", servers.pubsub.address)
    plain = settings_for(f"p{uuid.uuid4().hex[:12]}")
    settings = WorkerSettings.model_validate(plain.model_dump())

    async def create() -> None:
        topic, name = settings.topic_path("jobs"), settings.subscription_path("jobs")
        broker = servers.pubsub.broker
        broker.topics.create(protobufs.Topic(name=topic))
        broker.create_subscription(
            protobufs.Subscription(name=name, topic=topic, enable_exactly_once_delivery=True)
        )

    servers.wait(create())
    return settings


@pytest.fixture
def publish(servers: Servers, settings: WorkerSettings) -> Callable[[bytes], None]:
    def publish(data: bytes) -> None:
        message = protobufs.PubsubMessage(data=data)
        servers.wait(servers.pubsub.publish(settings.topic_path("jobs"), message))

    return publish


def extend_when(
    monkeypatch: pytest.MonkeyPatch, may_go_on: threading.Event, error: Exception | None = None
) -> Extended:
    """Google's client extends deadlines only from that event on, or fails then. Returns what it extended."""
    original, extended = Google.modify_ack_deadline, Extended()

    def extend(self: Google, *given: Any, **fields: Any) -> None:
        may_go_on.wait(PATIENCE)
        if error is not None:
            raise error
        original(self, *given, **fields)
        extended.put((list(fields["ack_ids"]), fields["ack_deadline_seconds"]))

    monkeypatch.setattr(Google, "modify_ack_deadline", extend)
    return extended


def started(settings: WorkerSettings) -> tuple[PullSubscriber, queue.SimpleQueue[AckableMessage]]:
    taken: queue.SimpleQueue[AckableMessage] = queue.SimpleQueue()
    subscriber = PullSubscriber(settings, taken.put, "jobs", max_messages=3)
    subscriber.start(lambda: None)
    return subscriber, taken


def test_a_message_is_handed_on_before_its_deadline_is_extended(
    settings: WorkerSettings, publish: Callable[[bytes], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    is_taken = threading.Event()
    extended = extend_when(monkeypatch, is_taken)
    subscriber, taken = started(settings)
    publish(b"a job")
    message: Any = taken.get(timeout=PATIENCE)
    assert (message.data, extended.empty()) == (b"a job", True)
    is_taken.set()
    assert extended.get(timeout=PATIENCE) == ([message.ack_id], round(settings.lease_seconds))
    assert message.ack_with_response().result(PATIENCE).name == "SUCCESS"
    subscriber.stop()


def test_an_extension_that_fails_does_no_harm(
    settings: WorkerSettings, publish: Callable[[bytes], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    failing = threading.Event()
    failing.set()
    extend_when(monkeypatch, failing, ServiceUnavailable("for a test"))
    subscriber, taken = started(settings)
    for job in (b"one", b"two"):
        publish(job)
        message: Any = taken.get(timeout=PATIENCE)
        assert message.data == job
        assert message.ack_with_response().result(PATIENCE).name == "SUCCESS"
    subscriber.stop()


def test_a_message_is_given_back_at_once(settings: WorkerSettings, publish: Callable[[bytes], None]) -> None:
    subscriber, taken = started(settings)
    publish(b"a job")
    for _ in range(2):
        message = taken.get(timeout=PATIENCE)
        message.nack()
    taken.get(timeout=PATIENCE).ack()
    subscriber.stop()
    assert taken.empty()


def test_a_client_that_is_closed_waits_for_no_extension(
    settings: WorkerSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    never = threading.Event()
    extended = extend_when(monkeypatch, never)
    client: Any = PromptSubscriberClient()
    for seconds in (10, 20):
        client.modify_ack_deadline(
            subscription=settings.subscription_path("jobs"),
            ack_ids=iter(["1-1-1"]),
            ack_deadline_seconds=seconds,
        )
    client.close()
    never.set()
    assert extended.empty()
