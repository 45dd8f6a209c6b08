"""A message of the remote lane: what becomes of the job and of the message, whatever the endpoint does."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from functions.contract.document import now
from functions.contract.errors import ModelUnavailable, Transient, UnreadableMessage
from functions.contract.job import JobRecord
from functions.contract.message import JobMessage
from functions.contract.settings import Settings
from functions.triggers.dispatch import PATIENCE, on_job
from functions.triggers.sweep import sweep_once
from tests.integration.functions.deployment import Deployment, event, message_event

ENDPOINT = "projects/demo/locations/europe-west4/endpoints/1001"


@pytest.fixture
def remote(deployment: Deployment) -> Deployment:
    return deployment.replace(remote_models=("mock",), vertex_endpoint=ENDPOINT)


class Endpoint:
    """Does what it was told to, and remembers what it was asked."""

    def __init__(self, does: Callable[[], object] = lambda: None) -> None:
        self.asked: list[bytes] = []
        self._does = does

    def __call__(self, settings: Settings, message: bytes) -> None:
        assert settings.vertex_endpoint == ENDPOINT
        self.asked.append(message)
        self._does()


def raising(error: Exception) -> Endpoint:
    def fail() -> None:
        raise error

    return Endpoint(fail)


def brought(deployment: Deployment, job_id: str, endpoint: Endpoint) -> None:
    on_job(deployment.services, message_event(JobMessage(job_id=job_id).encode()), endpoint)


def aged(deployment: Deployment, job_id: str) -> None:
    """The job as if it had been asked for, and refused where it was, a while ago."""

    def older(record: JobRecord) -> JobRecord:
        earlier = now() - PATIENCE - timedelta(seconds=1)
        refused = earlier if record.refused else None
        return record.model_copy(update={"created": earlier, "refused": refused})

    deployment.services.store.change(job_id, older)


def test_a_remote_models_job_is_published_on_its_own_lane(remote: Deployment) -> None:
    job_id = remote.generate()
    (message,) = remote.published(remote.settings.remote_topic)
    assert JobMessage.decode(message.data).job_id == job_id
    assert remote.published(remote.settings.jobs_topic) == []


def test_another_models_job_is_not(deployment: Deployment) -> None:
    deployment.generate()
    assert len(deployment.published(deployment.settings.jobs_topic)) == 1
    assert deployment.published(deployment.settings.remote_topic) == []


def test_sweep_publishes_a_lost_job_on_its_lane_again(remote: Deployment) -> None:
    job_id = remote.generate()
    remote.published(remote.settings.remote_topic)
    remote.claim(job_id, seconds=-1)
    sweep_once(remote.services)
    (message,) = remote.published(remote.settings.remote_topic)
    assert JobMessage.decode(message.data).job_id == job_id


def test_the_endpoint_is_given_the_message_as_it_came(remote: Deployment) -> None:
    job_id = remote.generate()
    endpoint = Endpoint(lambda: remote.succeed(job_id))
    brought(remote, job_id, endpoint)
    assert [JobMessage.decode(message).job_id for message in endpoint.asked] == [job_id]
    assert remote.job(job_id)["state"] == "succeeded"


def test_a_job_that_has_ended_is_not_asked_for(remote: Deployment) -> None:
    job_id = remote.generate()
    remote.succeed(job_id)
    endpoint = Endpoint()
    brought(remote, job_id, endpoint)
    assert endpoint.asked == []


def test_a_job_in_hand_is_not_asked_for_and_its_message_comes_again(remote: Deployment) -> None:
    job_id = remote.generate()
    remote.claim(job_id)
    endpoint = Endpoint()
    with pytest.raises(Transient):
        brought(remote, job_id, endpoint)
    assert endpoint.asked == []
    assert remote.job(job_id)["state"] == "running"


def test_a_busy_endpoint_leaves_the_job_as_it_is(remote: Deployment) -> None:
    job_id = remote.generate()
    aged(remote, job_id)
    with pytest.raises(Transient):
        brought(remote, job_id, raising(Transient("429")))
    assert remote.job(job_id)["state"] == "queued"


def test_a_refusal_may_be_a_beginning_and_then_ends_the_job(remote: Deployment) -> None:
    job_id = remote.generate()
    refusing = raising(ModelUnavailable("403"))
    with pytest.raises(Transient):
        brought(remote, job_id, refusing)
    assert remote.job(job_id)["state"] == "queued"
    aged(remote, job_id)
    brought(remote, job_id, refusing)
    job = remote.job(job_id)
    assert (job["state"], job["error"]["code"], job["error"]["message"]) == (
        "failed",
        "model_unavailable",
        "403",
    )
    assert remote.services.committer.read_manifest(job_id) is not None


def test_a_job_that_waited_long_is_not_given_up_at_the_first_refusal(remote: Deployment) -> None:
    job_id = remote.generate()
    aged(remote, job_id)
    with pytest.raises(Transient):
        brought(remote, job_id, raising(ModelUnavailable("404")))
    assert remote.job(job_id)["state"] == "queued"


def test_a_message_that_the_worker_does_not_understand_ends_the_job_at_once(remote: Deployment) -> None:
    job_id = remote.generate()
    brought(remote, job_id, raising(UnreadableMessage("a newer version")))
    assert remote.job(job_id)["error"]["message"] == "a newer version"


def test_an_answer_without_a_manifest_is_not_believed(remote: Deployment) -> None:
    """An endpoint whose container works on other buckets would otherwise lose every job."""
    job_id = remote.generate()
    with pytest.raises(Transient):
        brought(remote, job_id, Endpoint())
    aged(remote, job_id)
    brought(remote, job_id, Endpoint())
    assert "results bucket" in remote.job(job_id)["error"]["message"]


def test_a_refused_job_that_a_worker_claimed_meanwhile_stays_its_own(remote: Deployment) -> None:
    job_id = remote.generate()

    def taken_up() -> None:
        remote.claim(job_id)
        raise UnreadableMessage

    with pytest.raises(Transient):
        brought(remote, job_id, Endpoint(taken_up))
    assert remote.job(job_id)["state"] == "running"


def test_without_an_endpoint_the_job_fails_at_once(remote: Deployment) -> None:
    job_id = remote.generate()
    nowhere = remote.replace(vertex_endpoint=None)
    brought(nowhere, job_id, Endpoint())
    job = remote.job(job_id)
    assert (job["state"], job["error"]["code"]) == ("failed", "model_unavailable")
    assert "PLANTAIN_VERTEX_ENDPOINT" in job["error"]["message"]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xff\x00",
        b"{}",
        b"[" * 100_000,
        b'{"version": 2, "job_id": "x"}',
        JobMessage(job_id="job_" + "a" * 26).encode(),
    ],
    ids=["empty", "binary", "bare", "nested", "newer", "unrecorded"],
)
def test_what_cannot_be_understood_is_set_aside(remote: Deployment, data: bytes) -> None:
    endpoint = Endpoint()
    for _ in range(2):
        on_job(remote.services, message_event(data), endpoint)
    assert endpoint.asked == []
    assert len([name for name in remote.objects() if "/set-aside/" in name]) == 1


@pytest.mark.parametrize("data", [None, {"message": 7}, {"message": {"data": "not base64"}}])
def test_an_event_without_a_message_is_set_aside(remote: Deployment, data: Any) -> None:
    on_job(remote.services, event("messagePublished", data), Endpoint())
    assert [name for name in remote.objects() if "/set-aside/" in name]


def test_a_deleted_jobs_message_is_taken(remote: Deployment) -> None:
    job_id = remote.generate()
    remote.succeed(job_id)
    assert remote.client.open(f"/v1/jobs/{job_id}", method="DELETE").status_code == 200
    endpoint = Endpoint()
    brought(remote, job_id, endpoint)
    assert endpoint.asked == []


def test_the_jobs_trace_goes_on_to_the_endpoint(remote: Deployment) -> None:
    job_id = remote.generate()
    trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    endpoint = Endpoint(lambda: remote.succeed(job_id))
    message = JobMessage(job_id=job_id, traceparent=trace)
    on_job(remote.services, message_event(message.encode()), endpoint)
    (sent,) = endpoint.asked
    assert (JobMessage.decode(sent).traceparent or "").split("-")[1] == trace.split("-")[1]
