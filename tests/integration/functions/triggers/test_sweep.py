"""Reconciliation: whatever stopped halfway is brought to its end or driven on."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from google.pubsub_v1 import PubsubMessage

from functions.contract import paths
from functions.contract.document import now
from functions.contract.errors import Transient
from functions.contract.states import State
from functions.notifications import deliveries
from functions.notifications.delivery_queue import DeliveryMessage
from functions.triggers.sweep import sweep_once
from tests.integration.functions.deployment import Deployment, base64_of, picture
from tests.integration.functions.log_lines import LogLines
from tests.integration.functions.receiver import Receiver

LAPSED = -1.0


def swept(deployment: Deployment, budget_seconds: float = 60) -> dict[str, object]:
    return sweep_once(deployment.services, budget_seconds).summary()


def jobs(deployment: Deployment) -> list[PubsubMessage]:
    return deployment.published(deployment.settings.jobs_topic)


def events(deployment: Deployment) -> list[PubsubMessage]:
    return deployment.published(deployment.settings.events_topic)


def unpublished(deployment: Deployment, **fields: Any) -> str:
    """A job that was recorded while Pub/Sub was away."""

    def failing(topic: str, data: bytes, **attributes: str) -> None:
        raise Transient("Pub/Sub is away.")

    return deployment.replace(publish=failing).generate(**fields)


def test_nothing_open_is_nothing_to_do(deployment: Deployment) -> None:
    assert swept(deployment) == {"more": False}


def test_a_job_that_was_never_published_is_published_once(deployment: Deployment) -> None:
    job_id = unpublished(deployment)
    assert swept(deployment) == {"published": 1, "more": False}
    assert swept(deployment) == {"waiting": 1, "more": False}
    assert [message.attributes["job_id"] for message in jobs(deployment)] == [job_id]


def test_a_job_that_expired_in_the_queue_is_judged(deployment: Deployment, log_lines: LogLines) -> None:
    job_id = deployment.generate()
    deployment.change(job_id, deadline=now() - timedelta(seconds=1))
    swept(deployment)
    swept(deployment)
    (line,) = log_lines.of("job.judged")
    assert (line["state"], line["deadline"], line["start_seconds"]) == ("expired", "missed", None)


def test_documents_that_wait_for_a_person_are_counted_at_each_sweep(
    deployment: Deployment, log_lines: LogLines
) -> None:
    swept(deployment)
    assert log_lines.of("sweep.set_aside_waits") == []
    for data in (b"one", b"two"):
        deployment.services.jobs.put(paths.quarantined(data), data)
    swept(deployment)
    swept(deployment)
    assert [line["objects"] for line in log_lines.of("sweep.set_aside_waits")] == [2, 2]


def test_a_young_job_is_left_alone(deployment: Deployment) -> None:
    unpublished(deployment)
    assert swept(deployment.replace(sweep_after_seconds=60.0)) == {"more": False}


def test_a_job_that_lost_its_worker_is_queued_again(deployment: Deployment) -> None:
    job_id = deployment.generate()
    jobs(deployment)
    deployment.claim(job_id, LAPSED)
    assert swept(deployment) == {"requeued": 1, "more": False}
    assert len(jobs(deployment)) == 1
    record = deployment.record(job_id)
    assert (record.state, record.lease, record.attempt) == ("queued", None, 1)
    lease = deployment.claim(job_id).lease
    assert lease is not None
    assert lease.token == 2


def test_a_job_that_was_handed_back_long_ago_is_published_again(deployment: Deployment) -> None:
    job_id = deployment.generate()
    jobs(deployment)
    deployment.change(job_id, attempt=1)
    assert swept(deployment) == {"waiting": 1, "more": False}
    deployment.change(job_id, updated=now() - timedelta(hours=1))
    assert swept(deployment) == {"requeued": 1, "more": False}
    assert swept(deployment) == {"waiting": 1, "more": False}
    assert len(jobs(deployment)) == 1


def test_a_job_that_is_worked_on_is_left_alone(deployment: Deployment) -> None:
    job_id = deployment.generate(deadline_seconds=1)
    deployment.claim(job_id)
    deployment.change(job_id, deadline=now() - timedelta(seconds=1))
    assert swept(deployment) == {"waiting": 1, "more": False}
    assert deployment.job(job_id)["state"] == "running"


def test_a_job_that_keeps_losing_its_workers_is_given_up(deployment: Deployment) -> None:
    job_id = deployment.generate()
    deployment.claim(job_id, LAPSED)
    deployment.change(job_id, attempt=deployment.settings.max_attempts)
    assert swept(deployment) == {"given_up": 1, "more": False}
    assert deployment.job(job_id)["error"]["code"] == "attempts_exhausted"


@pytest.mark.parametrize("claimed", [False, True])
def test_a_deadline_that_has_passed_ends_the_job(deployment: Deployment, claimed: bool) -> None:
    job_id = deployment.generate()
    if claimed:
        deployment.claim(job_id, LAPSED)
    deployment.change(job_id, deadline=now() - timedelta(seconds=1))
    assert swept(deployment) == {"expired": 1, "more": False}
    job = deployment.job(job_id)
    assert (job["state"], job["error"]["code"]) == ("expired", "deadline_exceeded")


def test_a_cancel_without_a_worker_is_done(deployment: Deployment) -> None:
    job_id = deployment.generate()
    deployment.claim(job_id, LAPSED)
    deployment.services.store.change(job_id, lambda record: record.moved(State.CANCELING))
    assert swept(deployment) == {"canceled": 1, "more": False}
    assert deployment.job(job_id)["state"] == "canceled"


def test_a_manifest_whose_record_never_followed(deployment: Deployment) -> None:
    job_id = deployment.generate()
    deployment.claim(job_id, LAPSED)
    deployment.succeed(job_id, settle=False)
    assert swept(deployment) == {"told": 1, "more": False}
    assert deployment.job(job_id)["state"] == "succeeded"
    assert len(events(deployment)) == 1
    assert not deployment.is_open(job_id)


def test_an_end_that_was_not_notified(deployment: Deployment, receiver: Receiver) -> None:
    job_id = deployment.generate(webhook={"url": receiver.url})
    deployment.claim(job_id)
    deployment.succeed(job_id)
    assert swept(deployment) == {"told": 1, "more": False}
    deployment.deliver()
    assert (len(events(deployment)), len(receiver.calls)) == (1, 1)
    assert swept(deployment) == {"more": False}


def test_a_young_job_s_webhook_is_reminded_of_once_before_it_is_due(
    deployment: Deployment, receiver: Receiver
) -> None:
    careful = deployment.replace(sweep_after_seconds=3_600.0)
    job_id = careful.generate(webhook={"url": receiver.url})
    deployment.claim(job_id)
    deployment.succeed(job_id)
    assert swept(deployment) == {"told": 1, "more": False}
    stored = deliveries.read_delivery(deployment.services, job_id)
    soon = now() + timedelta(seconds=60)
    failed = stored.record.model_copy(update={"tried": 2, "next_attempt": soon})
    deployment.services.jobs.put(paths.delivery_record(job_id), failed.encode())
    deployment.published(deployment.settings.webhooks_topic)
    deployment.services.store.markers.mark(job_id, due=soon.isoformat())
    assert swept(careful) == {"told": 1, "more": False}
    assert swept(careful) == {"more": False}
    (reminder,) = deployment.published(deployment.settings.reminders_topic)
    assert DeliveryMessage.decode(reminder.data) == DeliveryMessage(subject=job_id, due=soon)


def test_a_webhook_that_is_far_off_waits(deployment: Deployment, receiver: Receiver) -> None:
    job_id = deployment.generate(webhook={"url": receiver.url})
    deployment.claim(job_id)
    deployment.succeed(job_id)
    swept(deployment)
    deployment.services.store.markers.mark(job_id, due=(now() + timedelta(hours=2)).isoformat())
    assert swept(deployment) == {"more": False}


def test_a_delivery_whose_message_was_lost_is_queued_again_but_not_at_once(
    deployment: Deployment, receiver: Receiver
) -> None:
    job_id = deployment.generate(webhook={"url": receiver.url})
    deployment.claim(job_id)
    deployment.succeed(job_id)
    swept(deployment)
    assert len(deployment.published(deployment.settings.webhooks_topic)) == 1  # and nothing takes it
    assert swept(deployment) == {"more": False}
    deployment.services.store.markers.mark(job_id, due=(now() - timedelta(minutes=3)).isoformat())
    assert swept(deployment) == {"told": 1, "more": False}
    assert swept(deployment) == {"more": False}
    assert deployment.deliver() == 1
    assert len(receiver.calls) == 1
    assert not deployment.is_open(job_id)


def test_a_lost_record_is_rebuilt_from_its_manifest(deployment: Deployment) -> None:
    job_id = deployment.generate()
    deployment.claim(job_id)
    deployment.succeed(job_id)
    deployment.services.jobs.delete(paths.job_record(job_id))
    assert swept(deployment) == {"told": 1, "more": False}
    assert deployment.job(job_id)["state"] == "succeeded"


def test_what_a_request_left_that_died_halfway_is_removed_in_the_end(
    deployment: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    image = {"data": base64_of(picture(512, 512))}
    job_id = deployment.post({"task": "edit", "prompt": "snow", "images": [image]}).json["id"]
    for name in (
        paths.job_record(job_id),
        paths.index_entry("local", deployment.record(job_id).created, job_id),
    ):
        deployment.services.jobs.delete(name)
    assert swept(deployment) == {"waiting": 1, "more": False}
    assert deployment.is_open(job_id)
    monkeypatch.setattr("functions.triggers.sweep_job._ORPHAN_LEAST", timedelta(0))
    assert swept(deployment) == {"orphans_removed": 1, "more": False}
    assert deployment.objects() == set()


@pytest.mark.parametrize(
    ("data", "counted"),
    [(b'{"version": 2, "news": true}', "newer_version"), (b"torn", "unreadable")],
)
def test_a_record_that_cannot_be_read_is_reported_once_and_left(
    deployment: Deployment, data: bytes, counted: str
) -> None:
    job_id = deployment.generate()
    deployment.services.jobs.put(paths.job_record(job_id), data)
    assert swept(deployment) == {counted: 1, "more": False}
    assert swept(deployment) == {"waiting": 1, "more": False}
    assert deployment.services.jobs.get(paths.job_record(job_id)).data == data
    (name,) = [name for name in deployment.objects() if "/set-aside/" in name]
    assert json.loads(deployment.services.jobs.get(name.partition("/")[2]).data)["attributes"] == {
        "job_id": job_id
    }


def test_one_bad_job_does_not_stop_the_others(deployment: Deployment) -> None:
    bad, good = unpublished(deployment), unpublished(deployment)
    deployment.services.jobs.put(paths.job_record(bad), b"torn")
    deployment.services.jobs.put("open/not-a-job", b"")
    assert swept(deployment)["published"] == 1
    assert [message.attributes["job_id"] for message in jobs(deployment)] == [good]


def test_a_failure_is_counted_and_the_rest_goes_on(
    deployment: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    unlucky, lucky = unpublished(deployment), unpublished(deployment)
    publish = deployment.services.publish

    def failing(topic: str, data: bytes, **attributes: str) -> None:
        if attributes["job_id"] == unlucky:
            raise ZeroDivisionError
        publish(topic, data, **attributes)

    assert swept(deployment.replace(publish=failing)) == {"errors": 1, "published": 1, "more": False}
    assert [message.attributes["job_id"] for message in jobs(deployment)] == [lucky]


def test_a_run_ends_when_its_time_is_up_and_says_so(
    deployment: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("functions.triggers.sweep._BATCH", 2)
    made = {unpublished(deployment) for _ in range(5)}
    assert swept(deployment, budget_seconds=0)["more"] is True
    found: set[str] = set()
    while found != made:  # each run begins elsewhere, so that all have their turn
        found |= {message.attributes["job_id"] for message in jobs(deployment)}
        swept(deployment, budget_seconds=0)


def test_a_job_of_low_priority_waits_on_a_topic_of_its_own_also_when_it_is_published_again(
    deployment: Deployment,
) -> None:
    low = deployment.replace(low_jobs_topic=deployment.settings.remote_topic)  # one that there is
    job_id = low.generate(priority="low")
    assert jobs(low) == []
    (message,) = low.published(low.settings.remote_topic)
    assert message.attributes["job_id"] == job_id
    low.claim(job_id, LAPSED)
    assert swept(low) == {"requeued": 1, "more": False}
    assert (len(jobs(low)), len(low.published(low.settings.remote_topic))) == (0, 1)


def test_without_a_topic_of_its_own_it_shares_the_others(deployment: Deployment) -> None:
    deployment.generate(priority="low")
    assert len(jobs(deployment)) == 1
