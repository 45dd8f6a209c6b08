"""A batch that runs as a Vertex AI batch prediction job, through the real client."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from functions.batches import cancel, vertex_prediction
from functions.batches.state_machine import advance_batch
from functions.contract import ids, paths
from functions.contract.document import now
from functions.contract.errors import Transient
from functions.contract.storage.bucket import Bucket
from functions.deletion.batch_deletion import delete_batch
from local.vertex_emulator.batch_prediction import BatchPredictionJobs, serve_batch_predictions
from tests.integration.functions.batch import BOAT, Batch, jsonl
from tests.integration.functions.deployment import Deployment
from tests.integration.functions.vertex import MODEL, Vertex, container
from tests.killed import killed_at

LANE = {"plantain_lane": "vertex-batch"}


@pytest.fixture
def vertex(deployment: Deployment) -> Iterator[Vertex]:
    """Its jobs stay pending until the test has them work."""
    predictions = BatchPredictionJobs(container(deployment), lambda: deployment.storage)
    predictions.paused = True
    with serve_batch_predictions(predictions) as url:
        yield Vertex(url, predictions)


@pytest.fixture
def remote(deployment: Deployment, vertex: Vertex) -> Deployment:
    return deployment.replace(
        vertex_model=MODEL, vertex_url=vertex.url, vertex_batch_account="worker@p.iam.gserviceaccount.com"
    )


def test_the_jobs_are_recorded_and_handed_over_and_not_queued(remote: Deployment, vertex: Vertex) -> None:
    batch = Batch.upload(remote, jsonl(BOAT, b"bad", BOAT), **LANE)
    assert remote.published(remote.settings.jobs_topic) == []
    assert {remote.job(job)["state"] for job in batch.jobs} == {"queued"}
    assert (vertex.job["displayName"], vertex.job["model"]) == (batch.id, MODEL)
    assert vertex.job["serviceAccount"] == "worker@p.iam.gserviceaccount.com"
    assert vertex.job["dedicatedResources"]["machineSpec"]["machineType"] == "g2-standard-8"
    name = f"{paths.predictions_prefix(batch.id)}instances.jsonl"
    instances = remote.services.jobs.get(name).data.decode().splitlines()
    assert len(instances) == 2
    assert all(job in "".join(instances) for job in batch.jobs)
    assert batch.record.prediction is not None
    assert batch.record.prediction.state == "JOB_STATE_PENDING"


def test_the_containers_own_manifests_end_the_batch(remote: Deployment, vertex: Vertex) -> None:
    batch = Batch.upload(remote, jsonl(BOAT, BOAT), **LANE)
    vertex.run_job()
    for job in batch.jobs:
        batch.told(job)
    assert (batch.ended.state, batch.ended.counts) == ("completed", {"succeeded": 2})
    assert batch.ended.prediction is not None
    assert batch.ended.prediction.name == vertex.job["name"]


def test_what_the_prediction_job_writes_repeats_no_prompt(remote: Deployment, vertex: Vertex) -> None:
    batch = Batch.upload(remote, jsonl(BOAT), **LANE)
    vertex.run_job()
    batch.told(batch.jobs[0])
    assert batch.ended.state == "completed"  # and what is written is not removed yet
    written = list(remote.services.jobs.list(f"{paths.predictions_prefix(batch.id)}output"))
    assert written
    for each in written:
        text = remote.services.jobs.get(each.name).data.decode()
        assert batch.jobs[0] in text
        assert BOAT["prompt"] not in text


def test_what_the_prediction_job_never_ran_fails(deployment: Deployment) -> None:
    remote = deployment.replace(vertex_model=MODEL)
    batch = Batch.begin(remote.replace(vertex_url="http://unused"), jsonl(*[BOAT] * 8), **LANE)
    lost = frozenset({ids.job_id_for_line(batch.id, 1)})
    predictions = BatchPredictionJobs(container(deployment, failing=lost), lambda: deployment.storage)
    predictions.paused = True
    with serve_batch_predictions(predictions) as url:
        vertex = Vertex(url, predictions)
        batch = Batch(remote.replace(vertex_url=vertex.url), batch.id).driven()
        vertex.run_job()  # instances go four at a time: the first four are lost
        for job in batch.jobs[4:]:
            batch.told(job)
        batch.driven()
        for job in batch.jobs[:4]:
            batch.told(job)
    assert batch.ended.counts == {"failed": 4, "succeeded": 4}
    error = batch.ended.items[0].error
    assert error is not None
    assert error.code == "model_unavailable"
    assert "JOB_STATE_SUCCEEDED" in error.message
    assert [name for name in deployment.objects() if "/batch-predictions/" in name] == []


@pytest.mark.parametrize(
    ("state", "ended"),
    [("JOB_STATE_FAILED", "failed"), ("JOB_STATE_EXPIRED", "failed"), ("JOB_STATE_CANCELLED", "canceled")],
)
def test_a_prediction_job_that_ends_otherwise_ends_every_line(
    remote: Deployment, vertex: Vertex, state: str, ended: str
) -> None:
    batch = Batch.upload(remote, jsonl(BOAT, BOAT), **LANE)
    vertex.end(state)
    batch.driven()
    for job in batch.jobs:
        batch.told(job)
    assert batch.ended.counts == {ended: 2}


def test_a_job_that_a_container_holds_is_left_to_it(remote: Deployment, vertex: Vertex) -> None:
    batch = Batch.upload(remote, jsonl(BOAT), **LANE)
    remote.claim(batch.jobs[0])
    vertex.end("JOB_STATE_FAILED")
    batch.driven()
    assert remote.job(batch.jobs[0])["state"] == "running"
    remote.succeed(batch.jobs[0])
    batch.told(batch.jobs[0])
    assert batch.ended.counts == {"succeeded": 1}


def test_canceling_the_batch_cancels_the_prediction_job(remote: Deployment, vertex: Vertex) -> None:
    batch = Batch.upload(remote, jsonl(BOAT, BOAT), **LANE)
    cancel.request_cancel(remote.services, batch.id)
    batch.driven()
    assert vertex.job["state"] == "JOB_STATE_CANCELLED"
    assert (batch.ended.state, batch.ended.counts) == ("canceled", {"canceled": 2})


@pytest.mark.parametrize("deleted", [False, True])
def test_a_prediction_job_that_comes_after_the_batch_was_canceled_is_canceled(
    remote: Deployment, vertex: Vertex, deleted: bool
) -> None:
    batch = Batch.begin(remote, jsonl(BOAT), **LANE)

    class Slow(Bucket):
        def put(self, name: str, *given: Any, **named: Any) -> int:
            if name.endswith("instances.jsonl"):  # the next thing is to create the prediction job
                cancel.request_cancel(remote.services, batch.id)
                advance_batch(remote.services, batch.id)
                assert batch.ended.state == "canceled"
                if deleted:
                    delete_batch(remote.services, batch.id)
            return super().put(name, *given, **named)

    jobs = Slow(remote.storage, remote.settings.jobs_bucket)
    advance_batch(remote.replace(jobs=jobs).services, batch.id)
    assert vertex.job["state"] == "JOB_STATE_CANCELLED"


def test_a_death_between_creating_and_noting_it_leaves_it_created(
    remote: Deployment, vertex: Vertex, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = Batch.begin(remote, jsonl(BOAT), **LANE)

    with killed_at(vertex_prediction, "_note_prediction"):
        advance_batch(remote.services, batch.id)
    assert len(vertex.predictions.jobs) == 1
    batch.driven()
    assert batch.record.prediction is not None
    assert batch.record.prediction.name is None  # another process may still be at it
    monkeypatch.setattr(vertex_prediction, "_CLAIM", timedelta(0))
    batch.driven()
    assert batch.record.prediction.name == vertex.job["name"]


def test_vertex_ai_that_is_away_is_asked_again(remote: Deployment) -> None:
    away = remote.replace(vertex_url="http://127.0.0.1:9")
    batch = Batch.begin(away, jsonl(BOAT), **LANE)
    with pytest.raises(Transient):
        advance_batch(away.services, batch.id)
    assert {remote.job(job)["state"] for job in batch.jobs} == {"queued"}


def test_what_vertex_ai_refuses_ends_every_line(remote: Deployment, vertex: Vertex) -> None:
    vertex.predictions.refuses = 400
    batch = Batch.upload(remote, jsonl(BOAT, BOAT), **LANE)
    for job in batch.jobs:
        batch.told(job)
    assert batch.ended.counts == {"failed": 2}
    assert batch.ended.error is not None
    assert batch.ended.error.code == "model_unavailable"


def test_a_role_that_was_granted_just_now_is_waited_for(remote: Deployment, vertex: Vertex) -> None:
    vertex.predictions.refuses = 403
    batch = Batch.begin(remote, jsonl(BOAT), **LANE)
    with pytest.raises(Transient):
        advance_batch(remote.services, batch.id)
    assert {remote.job(job)["state"] for job in batch.jobs} == {"queued"}


def test_a_claim_is_not_taken_over_before_its_time(remote: Deployment, vertex: Vertex) -> None:
    batch = Batch.upload(remote, jsonl(BOAT), **LANE)
    assert batch.record.prediction is not None
    assert batch.record.prediction.asked <= now()
    for _ in range(3):
        batch.drive()
    assert len(vertex.predictions.jobs) == 1
