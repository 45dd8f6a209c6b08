"""How a batch ends, and who is told of it."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from functions.batches import cancel
from functions.batches.state_machine import advance_batch
from functions.contract import ids, paths
from functions.contract.document import now
from functions.contract.errors import Transient
from functions.contract.storage.batch_items import BatchItems
from functions.contract.storage.bucket import Bucket
from functions.triggers.sweep import sweep_once
from tests.integration.functions.batch import BOAT, Batch, jsonl
from tests.integration.functions.deployment import Deployment
from tests.integration.functions.receiver import Receiver


def batch_events(deployment: Deployment) -> list[dict[str, Any]]:
    bodies = [json.loads(message.data) for message in deployment.published(deployment.settings.events_topic)]
    return [body for body in bodies if body["type"].startswith("batch.")]


def is_open(deployment: Deployment, batch: Batch) -> bool:
    return f"{deployment.settings.jobs_bucket}/{paths.open_batch_marker(batch.id)}" in deployment.objects()


def test_the_event_says_what_came_of_the_batch(deployment: Deployment) -> None:
    batch = Batch.upload(deployment, jsonl(BOAT, b"{}"))
    batch.succeed()
    for _ in range(2):
        batch.tell()
    (event,) = batch_events(deployment)
    assert (event["id"], event["type"]) == (ids.event_id(batch.id), "batch.completed")
    assert event["data"]["counts"] == {"refused": 1, "succeeded": 1}
    assert event["data"]["manifest"] == (
        f"gs://{deployment.settings.results_bucket}/{paths.batch_manifest(batch.id)}"
    )
    assert not is_open(deployment, batch)


def test_a_batch_of_bad_lines_alone_is_completed_at_once(deployment: Deployment) -> None:
    batch = Batch.upload(deployment, jsonl({}, {}))
    assert (batch.ended.state, batch.ended.counts) == ("completed", {"refused": 2})


def test_the_webhook_is_called_once_and_signed(deployment: Deployment, receiver: Receiver) -> None:
    batch = Batch.upload(deployment, jsonl(BOAT), plantain_webhook=json.dumps({"url": receiver.url}))
    batch.succeed()
    for _ in range(2):
        batch.tell()
    deployment.deliver()
    (call,) = receiver.calls
    assert (call["type"], call["data"]["batch_id"]) == ("batch.completed", batch.id)


def test_a_webhook_that_fails_is_called_again_by_sweep(deployment: Deployment, receiver: Receiver) -> None:
    receiver.answers.append(500)
    batch = Batch.upload(deployment, jsonl({}), plantain_webhook=json.dumps({"url": receiver.url}))
    batch.tell()
    deployment.deliver()
    assert is_open(deployment, batch)
    assert sweep_once(deployment.services).counts["waiting"] == 1  # it is reminded of already
    assert len(receiver.calls) == 1
    deployment.services.batch_store.markers.mark(batch.id, due=(now() - timedelta(minutes=5)).isoformat())
    assert sweep_once(deployment.services).counts["batches_told"] == 1


def test_a_webhook_may_ask_for_some_events_only(deployment: Deployment, receiver: Receiver) -> None:
    wanted = {"url": receiver.url, "events": ["batch.failed"]}
    batch = Batch.upload(deployment, jsonl({}), plantain_webhook=json.dumps(wanted))
    batch.tell()
    assert receiver.calls == []
    assert not is_open(deployment, batch)


def test_jobs_may_fail_and_the_summary_says_why(deployment: Deployment) -> None:
    batch = Batch.upload(deployment, jsonl({**BOAT, "deadline_seconds": 1}, BOAT))
    late, other = batch.jobs
    deployment.change(late, deadline=deployment.record(late).created - timedelta(seconds=1))
    assert sweep_once(deployment.services).counts["expired"] == 1
    batch.told(late)
    batch.succeed([other])
    assert batch.ended.counts == {"expired": 1, "succeeded": 1}
    assert batch.ended.items[0].error is not None
    assert batch.ended.items[0].error.code == "deadline_exceeded"


class Counting(Bucket):
    """The jobs bucket, and how often it was asked for something."""

    calls = 0

    def __getattribute__(self, name: str) -> Any:
        if name in ("get", "stat", "put", "list", "delete", "set_metadata"):
            type(self).calls += 1
        return super().__getattribute__(name)


def test_a_job_s_end_costs_the_same_however_large_the_batch_is(deployment: Deployment) -> None:
    costs: list[int] = []
    for size in (3, 40):
        batch = Batch.upload(deployment, jsonl(*[BOAT] * size), f"{size}.jsonl")
        first = batch.jobs[0]
        deployment.claim(first)
        deployment.succeed(first)
        counted = deployment.replace(jobs=Counting(deployment.storage, deployment.settings.jobs_bucket))
        Counting.calls = 0
        Batch(counted, batch.id).told(first)
        costs.append(Counting.calls)
    assert costs[0] == costs[1]


# What was lost on the way. ----------------------------------------------------------------------------


def test_an_event_of_the_record_that_was_lost_is_made_up_for(deployment: Deployment) -> None:
    batch = Batch.begin(deployment, jsonl(BOAT))
    before = batch.generation
    assert sweep_once(deployment.services).counts["batches_driven"] == 1
    assert batch.generation != before  # which tells the function
    batch.driven()
    assert len(batch.jobs) == 1


def test_a_job_s_end_that_was_not_notified_is_noted_by_sweep(deployment: Deployment) -> None:
    batch = Batch.upload(deployment, jsonl(BOAT))
    deployment.claim(batch.jobs[0])
    deployment.succeed(batch.jobs[0])
    assert sweep_once(deployment.services).counts["told"] == 1
    assert batch.ended.counts == {"succeeded": 1}


def test_a_summary_that_was_not_notified_is_notified_by_sweep(deployment: Deployment) -> None:
    batch = Batch.upload(deployment, jsonl({}))
    assert sweep_once(deployment.services).counts["batches_told"] == 1
    assert len(batch_events(deployment)) == 1
    assert not is_open(deployment, batch)


def test_a_batch_that_is_getting_on_is_left_alone(deployment: Deployment) -> None:
    batch = Batch.upload(deployment, jsonl(BOAT))
    before = batch.generation
    sweep_once(deployment.replace(sweep_after_seconds=60.0).services)
    assert batch.generation == before


def test_pub_sub_that_is_away_brings_the_summary_again(deployment: Deployment) -> None:
    def failing(topic: str, data: bytes, **attributes: str) -> None:
        raise Transient("Pub/Sub is away.")

    batch = Batch.upload(deployment, jsonl({}))
    with pytest.raises(Transient):
        Batch(deployment.replace(publish=failing), batch.id).tell()
    assert is_open(deployment, batch)
    batch.tell()
    assert len(batch_events(deployment)) == 1


# Canceling. -------------------------------------------------------------------------------------------


def test_canceling_ends_the_open_jobs_and_keeps_what_is_done(deployment: Deployment) -> None:
    batch = Batch.upload(deployment, jsonl(BOAT, BOAT, BOAT))
    batch.succeed(batch.jobs[:1])
    cancel.request_cancel(deployment.services, batch.id)
    batch.driven()
    assert (batch.ended.state, batch.ended.counts) == ("canceled", {"canceled": 2, "succeeded": 1})
    assert [deployment.job(job)["state"] for job in batch.jobs] == ["succeeded", "canceled", "canceled"]


def test_a_job_that_is_worked_on_ends_first(deployment: Deployment) -> None:
    batch = Batch.upload(deployment, jsonl(BOAT, BOAT))
    held = batch.jobs[0]
    deployment.claim(held)
    cancel.request_cancel(deployment.services, batch.id)
    batch.driven()
    assert (deployment.job(held)["state"], batch.summary) == ("canceling", None)
    deployment.succeed(held)
    batch.told(held)
    assert batch.ended.counts == {"canceled": 1, "succeeded": 1}


def test_canceling_while_the_file_is_read_stops_the_reading(deployment: Deployment) -> None:
    batch = Batch.begin(deployment, jsonl(*[BOAT] * 40))
    advance_batch(deployment.services, batch.id, seconds=0)
    cancel.request_cancel(deployment.services, batch.id)
    batch.driven()
    assert batch.ended.counts == {"canceled": 16}
    assert (batch.ended.lines_read, batch.ended.lines) == (16, 40)


def test_a_cancel_in_the_midst_of_a_part_cancels_what_the_part_admits(
    deployment: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = Batch.begin(deployment, jsonl(*[BOAT] * 8))
    asked: list[object] = []

    def publish(topic: str, data: bytes, **attributes: str) -> None:
        if not asked:  # the first job is on its way
            asked.append(cancel.request_cancel(deployment.services, batch.id))
            batch.drive()

    advance_batch(deployment.replace(publish=publish).services, batch.id)
    assert batch.ended.state == "canceled"
    states = {deployment.job(job)["state"] for job in batch.jobs}
    assert states == {"canceled"}
    assert not [
        name
        for name in deployment.objects()
        if "/open/job_" in name and not deployment.record(name.rpartition("/")[2]).state.is_terminal
    ]


def test_an_older_job_is_not_the_batch_s_to_cancel(deployment: Deployment) -> None:
    body = {**BOAT, "deadline_seconds": 86_400}
    there = deployment.post(body, Idempotency_Key="order-1").json["id"]
    batch = Batch.upload(deployment, jsonl({**BOAT, "idempotency_key": "order-1"}))
    cancel.request_cancel(deployment.services, batch.id)
    batch.driven()
    assert (batch.ended.counts, deployment.job(there)["state"]) == ({"canceled": 1}, "queued")


def test_nor_is_it_where_the_writer_of_its_line_died_before_noting_that(deployment: Deployment) -> None:
    body = {**BOAT, "deadline_seconds": 86_400}
    there = deployment.post(body, Idempotency_Key="order-1").json["id"]
    batch = Batch.upload(deployment, jsonl({**BOAT, "idempotency_key": "order-1"}))
    (item,) = batch.items
    items = BatchItems(deployment.services.jobs, batch.id)
    items.put_open(item.model_copy(update={"shared": False}))
    cancel.request_cancel(deployment.services, batch.id)
    batch.driven()
    assert (batch.ended.counts, deployment.job(there)["state"]) == ({"canceled": 1}, "queued")
