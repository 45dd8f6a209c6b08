"""A job's end is told once to the events topic, and to its webhook until it listens."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Event, Semaphore
from typing import Any

import pytest
from google.pubsub_v1 import PubsubMessage

from functions.contract import ids, paths
from functions.contract.document import now
from functions.contract.errors import Canceled, Transient
from functions.contract.manifest import Manifest
from functions.contract.states import State
from functions.notifications import deliveries
from functions.notifications.deliveries import KEPT, DeliveryAttempt, WebhookDelivery
from functions.notifications.delivery_queue import enqueue_delivery
from functions.notifications.redelivery import AT_ONCE
from functions.triggers.notify import on_result
from tests.eventually import eventually
from tests.integration.functions.deployment import Deployment, event
from tests.integration.functions.log_lines import LogLines
from tests.integration.functions.receiver import Receiver


def ended(deployment: Deployment, **fields: Any) -> str:
    """A job that succeeded, and whose end was not notified."""
    job_id = deployment.generate(**fields)
    deployment.claim(job_id)
    deployment.succeed(job_id)
    return job_id


def notify(deployment: Deployment, job_id: str) -> None:
    """What happens when the manifest was written: notify, and then the queue of deliveries."""
    on_result(deployment.services, deployment.manifest_event(job_id))
    deployment.deliver()


def events(deployment: Deployment) -> list[PubsubMessage]:
    return deployment.published(deployment.settings.events_topic)


def delivery(deployment: Deployment, job_id: str) -> WebhookDelivery:
    return deliveries.read_delivery(deployment.services, job_id).record


def make_due(deployment: Deployment, job_id: str) -> None:
    """Lets the time pass until the next attempt."""
    stored = deliveries.read_delivery(deployment.services, job_id)
    due = stored.record.model_copy(update={"next_attempt": now() - timedelta(seconds=1)})
    deployment.services.jobs.put(paths.delivery_record(job_id), due.encode())


def again(deployment: Deployment, job_id: str) -> None:
    """What happens once an attempt is due."""
    make_due(deployment, job_id)
    enqueue_delivery(deployment.services, delivery(deployment, job_id))
    deployment.deliver()


def test_the_event_says_what_came_of_the_job(deployment: Deployment) -> None:
    job_id = ended(deployment, labels={"team": "sea"})
    notify(deployment, job_id)
    (message,) = events(deployment)
    body = json.loads(message.data)
    assert dict(message.attributes) == {
        "event_id": ids.event_id(job_id),
        "type": "job.succeeded",
        "job_id": job_id,
    }
    assert (body["id"], body["type"]) == (ids.event_id(job_id), "job.succeeded")
    assert body["data"]["images"] == [f"gs://{deployment.settings.results_bucket}/{job_id}/0.png"]
    assert body["data"]["labels"] == {"team": "sea"}
    assert not deployment.is_open(job_id)


def test_a_jobs_end_is_judged_once_for_the_objectives(deployment: Deployment, log_lines: LogLines) -> None:
    job_id = ended(deployment, priority="low")
    for _ in range(2):
        notify(deployment, job_id)
    (line,) = log_lines.of("job.judged")
    assert (line["job_id"], line["state"], line["deadline"]) == (job_id, "succeeded", "met")
    assert line["priority"] == "low"
    assert line["start_seconds"] >= 0


def test_an_event_that_comes_again_notifies_once(deployment: Deployment, receiver: Receiver) -> None:
    job_id = ended(deployment, webhook={"url": receiver.url})
    for _ in range(3):
        notify(deployment, job_id)
    assert len(events(deployment)) == 1
    assert len(receiver.calls) == 1


def test_the_record_is_settled_for_a_worker_that_died(deployment: Deployment) -> None:
    job_id = deployment.generate()
    deployment.claim(job_id)
    deployment.succeed(job_id, settle=False)
    assert deployment.job(job_id)["state"] == "running"
    notify(deployment, job_id)
    assert deployment.job(job_id)["state"] == "succeeded"


@pytest.mark.parametrize("name", ["0.png", "notes/manifest.json"])
def test_other_objects_say_nothing(deployment: Deployment, name: str) -> None:
    job_id = deployment.generate()
    name = f"{job_id}/{name}"
    deployment.services.results.put(name, b"{}")
    on_result(deployment.services, deployment.finalized(deployment.settings.results_bucket, name))
    assert events(deployment) == []
    assert deployment.is_open(job_id)


@pytest.mark.parametrize("data", [None, {}, {"bucket": "b", "name": 1, "generation": None}])
def test_an_event_about_nothing_is_let_go(deployment: Deployment, data: Any) -> None:
    on_result(deployment.services, event("finalized", data))


def test_a_manifest_of_a_newer_version_is_set_aside(deployment: Deployment) -> None:
    job_id = deployment.generate()
    deployment.services.results.put(paths.manifest(job_id), b'{"version": 2, "news": true}')
    for _ in range(2):
        notify(deployment, job_id)
    (name,) = [name for name in deployment.objects() if "/set-aside/" in name]
    kept = json.loads(deployment.services.jobs.get(name.partition("/")[2]).data)
    assert kept["reason"] == "unsupported_version"
    assert events(deployment) == []


def test_pub_sub_that_is_away_brings_the_event_again(deployment: Deployment) -> None:
    job_id = ended(deployment)

    def failing(topic: str, data: bytes, **attributes: str) -> None:
        raise Transient("Pub/Sub is away.")

    with pytest.raises(Transient):
        on_result(deployment.replace(publish=failing).services, deployment.manifest_event(job_id))
    assert deployment.is_open(job_id)
    notify(deployment, job_id)
    assert len(events(deployment)) == 1


# Webhooks. ----------------------------------------------------------------------------------------


def test_the_webhook_is_called_signed_and_with_names_only(deployment: Deployment, receiver: Receiver) -> None:
    job_id = ended(deployment, webhook={"url": receiver.url}, labels={"team": "sea"})
    notify(deployment, job_id)
    (call,), (headers,) = receiver.calls, receiver.headers  # the receiver has verified the signature
    assert call["path"] == "/hook?team=sea"
    assert headers["webhook-id"] == ids.event_id(job_id)
    assert (call["type"], call["data"]["job_id"]) == ("job.succeeded", job_id)
    assert call["data"]["images"] == [f"gs://{deployment.settings.results_bucket}/{job_id}/0.png"]
    told = delivery(deployment, job_id)
    assert (told.state, [attempt.status for attempt in told.attempts]) == ("delivered", [204])
    assert not deployment.is_open(job_id)


def test_only_wanted_events_are_sent(deployment: Deployment, receiver: Receiver) -> None:
    job_id = ended(deployment, webhook={"url": receiver.url, "events": ["job.failed"]})
    notify(deployment, job_id)
    assert receiver.calls == []
    assert not deployment.is_open(job_id)


def test_what_fails_is_tried_again_under_the_same_id(deployment: Deployment, receiver: Receiver) -> None:
    receiver.answers = [500]
    job_id = ended(deployment, webhook={"url": receiver.url})
    notify(deployment, job_id)
    assert deployment.is_open(job_id)
    first = delivery(deployment, job_id)
    assert first.state == "pending"
    assert first.next_attempt is not None
    assert first.next_attempt > now()
    again(deployment, job_id)
    told = delivery(deployment, job_id)
    assert (told.state, [attempt.status for attempt in told.attempts]) == ("delivered", [500, 204])
    assert len({headers["webhook-id"] for headers in receiver.headers}) == 1
    assert len(events(deployment)) == 1
    assert not deployment.is_open(job_id)


def test_nothing_is_sent_before_it_is_due(deployment: Deployment, receiver: Receiver) -> None:
    receiver.answers = [500]
    job_id = ended(deployment, webhook={"url": receiver.url})
    for _ in range(3):
        notify(deployment, job_id)
    assert len(receiver.calls) == 1


def test_the_schedule_ends(deployment: Deployment, receiver: Receiver) -> None:
    receiver.answers = [503] * 20
    job_id = ended(deployment, webhook={"url": receiver.url})
    notify(deployment, job_id)
    while delivery(deployment, job_id).state == "pending":
        again(deployment, job_id)
    told = delivery(deployment, job_id)
    assert (told.state, len(told.attempts)) == ("given_up", len(deliveries.SCHEDULE) + 1)
    assert not deployment.is_open(job_id)


def test_a_receiver_that_is_gone_is_left_alone(deployment: Deployment, receiver: Receiver) -> None:
    receiver.answers = [410]
    job_id = ended(deployment, webhook={"url": receiver.url})
    notify(deployment, job_id)
    assert delivery(deployment, job_id).state == "gone"
    assert not deployment.is_open(job_id)


def test_a_redirect_is_not_followed(deployment: Deployment, receiver: Receiver) -> None:
    receiver.answers = [307]
    job_id = ended(deployment, webhook={"url": receiver.url})
    notify(deployment, job_id)
    assert [call["path"] for call in receiver.calls] == ["/hook?team=sea"]
    assert [attempt.status for attempt in delivery(deployment, job_id).attempts] == [307]
    assert delivery(deployment, job_id).state == "pending"


def test_an_unreachable_webhook_is_a_failed_attempt(deployment: Deployment) -> None:
    job_id = ended(deployment, webhook={"url": "http://127.0.0.1:9/hook"})
    notify(deployment, job_id)
    (attempt,) = delivery(deployment, job_id).attempts
    assert attempt.status is None
    assert attempt.error is not None and attempt.error.startswith("webhook_failed: No connection")
    assert "Error" not in attempt.error  # the name of a class of Python's


def test_a_name_that_leads_inside_is_not_called(deployment: Deployment, receiver: Receiver) -> None:
    def resolve(host: str, port: int) -> list[str]:
        return ["93.184.216.34", "10.0.0.7"]

    port = receiver.url.split(":")[2].split("/")[0]
    inside = deployment.replace(resolve=resolve)
    job_id = ended(inside, webhook={"url": f"https://hook.example.com:{port}/"})
    notify(inside, job_id)
    (attempt,) = delivery(deployment, job_id).attempts
    assert str(attempt.error).startswith("invalid_webhook")
    assert receiver.calls == []


def test_the_name_is_looked_up_once_and_its_address_is_what_is_called(
    deployment: Deployment, receiver: Receiver
) -> None:
    looked_up: list[str] = []

    def resolve(host: str, port: int) -> list[str]:
        looked_up.append(host)
        return ["127.0.0.1"]

    port = receiver.url.split(":")[2].split("/")[0]
    pinned = deployment.replace(resolve=resolve)
    job_id = ended(pinned, webhook={"url": f"http://localhost:{port}/in"})
    notify(pinned, job_id)
    assert looked_up == ["localhost"]
    assert receiver.headers[0]["host"] == f"localhost:{port}"
    assert delivery(deployment, job_id).state == "delivered"


def test_an_attempt_is_recorded_before_it_is_sent(deployment: Deployment) -> None:
    seen: list[WebhookDelivery] = []

    def resolve(host: str, port: int) -> list[str]:
        seen.append(delivery(deployment, job_id))
        return ["127.0.0.1"]

    watched = deployment.replace(resolve=resolve)
    job_id = ended(watched, webhook={"url": "https://hook.example.com:9/"})
    notify(watched, job_id)
    assert [len(told.attempts) for told in seen] == [1]


def test_two_at_once_make_one_attempt(deployment: Deployment, receiver: Receiver) -> None:
    job_id = ended(deployment, webhook={"url": receiver.url})

    def resolve(host: str, port: int) -> list[str]:
        enqueue_delivery(
            deployment.services, delivery(deployment, job_id)
        )  # the same message comes again just now
        deployment.deliver()
        return ["127.0.0.1"]

    notify(deployment.replace(resolve=resolve), job_id)
    assert len(receiver.calls) == 1
    assert delivery(deployment, job_id).state == "delivered"


# Deliveries, listed and replayed. -----------------------------------------------------------------


def test_deliveries_are_listed(deployment: Deployment, receiver: Receiver) -> None:
    receiver.answers = [500]
    job_id = ended(deployment, webhook={"url": receiver.url})
    path = f"/v1/jobs/{job_id}/deliveries"
    assert deployment.client.get(path).json == {"deliveries": []}
    notify(deployment, job_id)
    (told,) = deployment.client.get(path).json["deliveries"]
    assert (told["url"], told["state"], told["attempts"][0]["status"]) == (receiver.url, "pending", 500)
    assert told["next_attempt"]


@pytest.mark.parametrize("first", [204, 500, 410])
def test_a_delivery_is_replayed_at_once(deployment: Deployment, receiver: Receiver, first: int) -> None:
    receiver.answers = [first]
    job_id = ended(deployment, webhook={"url": receiver.url})
    notify(deployment, job_id)
    answer = deployment.post(path=f"/v1/jobs/{job_id}/deliveries/replay")
    assert (answer.status_code, answer.json["state"]) == (200, "delivered")
    assert [attempt["status"] for attempt in answer.json["attempts"]] == [first, 204]
    assert len({headers["webhook-id"] for headers in receiver.headers}) == 1
    assert len(events(deployment)) == 1
    assert not deployment.is_open(job_id)


def test_a_replay_that_fails_goes_by_the_schedule(deployment: Deployment, receiver: Receiver) -> None:
    receiver.answers = [204, 500]
    job_id = ended(deployment, webhook={"url": receiver.url})
    notify(deployment, job_id)
    assert deployment.post(path=f"/v1/jobs/{job_id}/deliveries/replay").json["state"] == "pending"
    assert deployment.is_open(job_id)
    again(deployment, job_id)
    assert delivery(deployment, job_id).state == "delivered"


def test_replays_to_receivers_that_hang_do_not_hold_all_threads(
    deployment: Deployment, receiver: Receiver
) -> None:
    jobs = [ended(deployment, webhook={"url": receiver.url}) for _ in range(AT_ONCE + 1)]
    for job_id in jobs:
        notify(deployment, job_id)
    calls, gate = Semaphore(0), Event()

    def hanging(host: str, port: int) -> list[str]:
        calls.release()
        gate.wait()
        return deployment.services.resolve(host, port)

    slow = deployment.replace(resolve=hanging)
    with ThreadPoolExecutor(len(jobs)) as hands:
        paths = [f"/v1/jobs/{job_id}/deliveries/replay" for job_id in jobs]
        held = [hands.submit(slow.post, path=path) for path in paths[:-1]]
        for _ in held:
            calls.acquire()
        last = hands.submit(slow.post, path=paths[-1])
        is_called = eventually(lambda: "no" if last.done() else calls.acquire(blocking=False) and "yes")
        gate.set()
    assert is_called == "no"
    assert last.result().json["state"] == "pending"
    assert [answer.result().json["state"] for answer in held] == ["delivered"] * AT_ONCE
    deployment.deliver()
    assert delivery(deployment, jobs[-1]).state == "delivered"
    assert not deployment.is_open(jobs[-1])


def test_a_record_of_many_replays_keeps_the_latest_attempts() -> None:
    begun = WebhookDelivery(job_id="job", event_id="evt", type="job.failed", url="https://a.example/")
    for _ in range(10 * KEPT):
        attempt = DeliveryAttempt(at=now(), seconds=0.1, status=500)
        begun = begun.reset(now()).with_attempt(now()).with_result(attempt, now())
    assert (len(begun.attempts), begun.attempts[-1].status) == (KEPT, 500)


def test_there_is_nothing_to_replay(deployment: Deployment) -> None:
    without_webhook, running = ended(deployment), deployment.generate()
    for job_id in (without_webhook, running):
        answer = deployment.post(path=f"/v1/jobs/{job_id}/deliveries/replay")
        assert (answer.status_code, answer.json["code"]) == (404, "not_found")


def test_every_end_is_told(deployment: Deployment, receiver: Receiver) -> None:
    job_id = deployment.generate(webhook={"url": receiver.url})
    deployment.services.committer.commit(
        Manifest.of(deployment.record(job_id), State.CANCELED, now(), error=Canceled().facts())
    )
    notify(deployment, job_id)
    assert [call["type"] for call in receiver.calls] == ["job.canceled"]
    assert receiver.calls[0]["data"]["error"]["code"] == "canceled"
