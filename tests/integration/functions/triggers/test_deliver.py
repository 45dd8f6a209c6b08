"""The queue of deliveries: fair between receivers, on its schedule, careful with one that is dead."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from google.pubsub_v1 import PubsubMessage

from functions.contract import ids, paths
from functions.contract.document import now
from functions.contract.errors import InvalidWebhook
from functions.contract.timestamps import format_time
from functions.notifications import circuit_breaker, deliveries
from functions.notifications.deliveries import SCHEDULE, DeliveryAttempt, WebhookDelivery
from functions.notifications.delivery_queue import AHEAD, LANES, DeliveryMessage, enqueue_delivery
from functions.notifications.webhooks import receiver_of
from functions.triggers.deliver import on_delivery
from functions.triggers.notify import on_result
from functions.triggers.remind import on_reminder
from tests.integration.functions.deployment import Deployment, message_event
from tests.integration.functions.receiver import Receiver

DEAD = "http://127.0.0.1:9/hook"  # nothing listens


def ended(deployment: Deployment, url: str) -> str:
    job_id = deployment.generate(webhook={"url": url})
    deployment.claim(job_id)
    deployment.succeed(job_id)
    on_result(deployment.services, deployment.manifest_event(job_id))
    return job_id


def delivery(deployment: Deployment, job_id: str) -> WebhookDelivery:
    return deliveries.read_delivery(deployment.services, job_id).record


def queued(deployment: Deployment) -> list[PubsubMessage]:
    return deployment.published(deployment.settings.webhooks_topic)


def reminders(deployment: Deployment) -> list[PubsubMessage]:
    return deployment.published(deployment.settings.reminders_topic)


def opened_until(deployment: Deployment, url: str, seconds: float) -> None:
    """Sets when the receiver's open circuit lets the next call through."""
    name = paths.receiver_circuit(receiver_of("local", url))
    found = circuit_breaker.Circuit.parse(deployment.services.jobs.get(name).data)
    changed = found.model_copy(update={"open_until": now() + timedelta(seconds=seconds)})
    deployment.services.jobs.put(name, changed.encode())


# Fair between receivers. --------------------------------------------------------------------------


def test_publishing_an_end_calls_no_webhook(deployment: Deployment, receiver: Receiver) -> None:
    job_id = ended(deployment, receiver.url)
    assert receiver.calls == []
    assert delivery(deployment, job_id).state == "pending"  # recorded before it is sent
    assert deployment.is_open(job_id)
    assert deployment.deliver() == 1
    assert len(receiver.calls) == 1


def test_each_receiver_has_lanes_of_its_own(deployment: Deployment) -> None:
    """One message of an ordering key is under way at a time: that is what bounds the calls of a receiver."""
    keys: dict[str, set[str]] = {"http://127.0.0.1:9/a": set(), "http://127.0.0.1:10/a": set()}
    for url, seen in keys.items():
        for _ in range(12):
            ended(deployment, url)
        seen |= {message.ordering_key for message in queued(deployment)}
        assert 1 < len(seen) <= LANES
        assert "" not in seen
    first, second = keys.values()
    assert not first & second


def test_paths_of_one_host_are_one_receiver_and_owners_are_kept_apart() -> None:
    one = receiver_of("sea", "https://hooks.example.com/a")
    assert receiver_of("sea", "https://hooks.example.com/b?c=d") == one
    assert receiver_of("land", "https://hooks.example.com/a") != one
    assert receiver_of("sea", "https://hooks.example.com:8443/a") != one


# The schedule. ------------------------------------------------------------------------------------


def test_the_first_retry_is_reminded_of_at_once(deployment: Deployment, receiver: Receiver) -> None:
    receiver.answers = [500]
    job_id = ended(deployment, receiver.url)
    deployment.deliver()
    due = delivery(deployment, job_id).next_attempt
    assert due is not None
    assert abs(due - now() - SCHEDULE[0]) < SCHEDULE[0]
    (reminder,) = reminders(deployment)
    assert DeliveryMessage.decode(reminder.data).due == due
    waited: list[float] = []

    def wait(seconds: float) -> None:
        waited.append(seconds)
        later = delivery(deployment, job_id).model_copy(update={"next_attempt": now()})
        deployment.services.jobs.put(paths.delivery_record(job_id), later.encode())

    on_reminder(deployment.services, message_event(reminder.data), wait)
    assert 0 <= waited[0] <= SCHEDULE[0].total_seconds()
    assert deployment.deliver() == 1
    assert len(receiver.calls) == 2
    assert delivery(deployment, job_id).state == "delivered"


def test_a_long_wait_is_left_to_sweep(deployment: Deployment, receiver: Receiver) -> None:
    receiver.answers = [500]
    job_id = ended(deployment, receiver.url)
    second = delivery(deployment, job_id).model_copy(update={"tried": 1})
    deployment.services.jobs.put(paths.delivery_record(job_id), second.encode())
    deployment.deliver()
    assert reminders(deployment) == []
    marker = deployment.services.jobs.stat(paths.open_marker(job_id)).metadata
    due = delivery(deployment, job_id).next_attempt
    assert due is not None
    assert marker["due"] == format_time(due)


def test_a_reminder_that_is_far_too_early_is_let_go(deployment: Deployment) -> None:
    message = DeliveryMessage(subject=ids.new_job_id(), due=now() + 2 * AHEAD)
    waited: list[float] = []
    on_reminder(deployment.services, message_event(message.encode()), waited.append)
    assert waited == []


def test_a_reminder_of_what_was_delivered_meanwhile_says_nothing(
    deployment: Deployment, receiver: Receiver
) -> None:
    job_id = ended(deployment, receiver.url)
    deployment.deliver()
    on_reminder(deployment.services, message_event(DeliveryMessage(subject=job_id).encode()))
    assert queued(deployment) == []


def test_an_attempt_whose_sender_died_is_made_again(deployment: Deployment, receiver: Receiver) -> None:
    job_id = ended(deployment, receiver.url)
    begun = deliveries.begin_attempt(
        deployment.services, deliveries.read_delivery(deployment.services, job_id)
    )
    deployment.deliver()  # its message comes again, while the claim still holds
    assert receiver.calls == []
    (reminder,) = reminders(deployment)
    assert DeliveryMessage.decode(reminder.data).due == begun.record.next_attempt


@pytest.mark.parametrize("handle", [on_delivery, on_reminder])
@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"torn",
        b"{}",
        b'{"subject": "job_x"}',
        b'{"version": 2, "news": 1}',
        DeliveryMessage(subject="job_" + "a" * 26).encode() + b" " * 20_000,
    ],
    ids=["empty", "torn", "nothing", "no id", "newer", "long"],
)
def test_what_cannot_be_understood_is_set_aside(deployment: Deployment, handle: Any, data: bytes) -> None:
    handle(deployment.services, message_event(data))
    (name,) = [name for name in deployment.objects() if "/set-aside/" in name]
    assert json.loads(deployment.services.jobs.get(name.partition("/")[2]).data)["reason"]


@pytest.mark.parametrize("subject", [ids.new_job_id(), ids.new_batch_id()], ids=["job", "batch"])
def test_a_message_about_what_was_deleted_is_let_go(deployment: Deployment, subject: str) -> None:
    for handle in (on_delivery, on_reminder):
        handle(deployment.services, message_event(DeliveryMessage(subject=subject).encode()))
    assert deployment.objects() == set()


def test_a_deletion_while_the_webhook_is_called_leaves_nothing(deployment: Deployment) -> None:
    def resolve(host: str, port: int) -> list[str]:
        deployment.services.store.delete_side_objects(job_id)
        return ["127.0.0.1"]

    job_id = ended(deployment, "http://localhost:9/")
    deployment.replace(resolve=resolve).deliver()
    assert [name for name in deployment.objects() if "/deliveries/" in name] == []


# The circuit breaker. -----------------------------------------------------------------------------


def test_a_dead_receiver_is_left_alone_and_found_again(deployment: Deployment, receiver: Receiver) -> None:
    receiver.answers = [503] * circuit_breaker.TRIP
    jobs = [ended(deployment, receiver.url) for _ in range(circuit_breaker.TRIP + 2)]
    deployment.deliver()
    assert len(receiver.calls) == circuit_breaker.TRIP
    refused = [
        attempt
        for job_id in jobs
        for attempt in delivery(deployment, job_id).attempts
        if str(attempt.error).startswith("circuit_open: ")
    ]
    assert len(refused) == 2

    opened_until(deployment, receiver.url, -1)  # time passes; the receiver is well again
    last = ended(deployment, receiver.url)
    deployment.deliver()
    assert delivery(deployment, last).state == "delivered"
    assert [name for name in deployment.objects() if "/receivers/" in name] == []


def test_one_call_tries_for_all_the_others(deployment: Deployment, receiver: Receiver) -> None:
    receiver.answers = [503] * circuit_breaker.TRIP
    for _ in range(circuit_breaker.TRIP):
        ended(deployment, receiver.url)
    deployment.deliver()
    opened_until(deployment, receiver.url, -1)
    tried: list[str] = []

    def resolve(host: str, port: int) -> list[str]:
        tried.append(host)
        if len(tried) == 1:
            enqueue_delivery(deployment.services, delivery(deployment, other))
            deployment.deliver()  # meanwhile
        return ["127.0.0.1"]

    first, other = ended(deployment, receiver.url), ended(deployment, receiver.url)
    (message, _) = queued(deployment)
    slow = deployment.replace(resolve=resolve)
    on_delivery(slow.services, message_event(message.data))
    assert delivery(deployment, first).state == "delivered"
    assert str(delivery(deployment, other).attempts[0].error).startswith("circuit_open")


def test_the_circuit_of_a_host_that_is_not_there_opens(deployment: Deployment) -> None:
    jobs = [ended(deployment, DEAD) for _ in range(circuit_breaker.TRIP + 1)]
    deployment.deliver()
    errors = [str(delivery(deployment, job_id).attempts[0].error).partition(":")[0] for job_id in jobs]
    assert sorted(errors) == ["circuit_open"] + circuit_breaker.TRIP * ["webhook_failed"]


@pytest.mark.parametrize("status", [204, 400, 404, 410, 500])
def test_a_receiver_that_answers_is_not_dead(deployment: Deployment, receiver: Receiver, status: int) -> None:
    receiver.answers = [status] * 20
    for _ in range(circuit_breaker.TRIP + 2):
        ended(deployment, receiver.url)
    deployment.deliver()
    assert len(receiver.calls) == circuit_breaker.TRIP + 2


def test_an_address_that_may_not_be_called_opens_no_circuit(deployment: Deployment) -> None:
    def resolve(host: str, port: int) -> list[str]:
        raise InvalidWebhook("The webhook's address is not public.")

    inside = deployment.replace(resolve=resolve)
    for _ in range(circuit_breaker.TRIP + 1):
        ended(deployment, "http://localhost:9/")
    inside.deliver()
    assert [name for name in deployment.objects() if "/receivers/" in name] == []


def test_a_person_may_insist(deployment: Deployment, receiver: Receiver) -> None:
    receiver.answers = [503] * circuit_breaker.TRIP
    jobs = [ended(deployment, receiver.url) for _ in range(circuit_breaker.TRIP)]
    deployment.deliver()
    answer = deployment.post(path=f"/v1/jobs/{jobs[0]}/deliveries/replay")
    assert answer.json["state"] == "delivered"


def test_a_damaged_circuit_is_as_good_as_none(deployment: Deployment, receiver: Receiver) -> None:
    name = paths.receiver_circuit(receiver_of("local", receiver.url))
    deployment.services.jobs.put(name, b"torn")
    job_id = ended(deployment, receiver.url)
    deployment.deliver()
    assert delivery(deployment, job_id).state == "delivered"
    assert [name for name in deployment.objects() if "/receivers/" in name] == []


# Stored before there was a queue. -----------------------------------------------------------------


def test_a_delivery_of_an_earlier_version_goes_on(deployment: Deployment, receiver: Receiver) -> None:
    job_id = ended(deployment, receiver.url)
    old = delivery(deployment, job_id).model_copy(
        update={"receiver": "", "tried": 1, "attempts": (DeliveryAttempt(at=now(), seconds=0.1, status=500),)}
    )
    deployment.services.jobs.put(paths.delivery_record(job_id), old.encode())
    deployment.deliver()
    assert delivery(deployment, job_id).state == "delivered"
