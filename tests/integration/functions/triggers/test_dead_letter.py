"""A message that could not be processed ends its job, or is set aside; it is never looped."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from functions.contract.message import JobMessage
from functions.triggers.dead_letter import on_dead_message
from tests.integration.functions.deployment import Deployment, event, message_event


def dead(deployment: Deployment, job_id: str) -> None:
    on_dead_message(deployment.services, message_event(JobMessage(job_id=job_id).encode(), job_id=job_id))


def kept(deployment: Deployment) -> dict[str, Any]:
    """What was set aside."""
    (name,) = [name for name in deployment.objects() if "/set-aside/" in name]
    return json.loads(deployment.services.jobs.get(name.partition("/")[2]).data)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "unreadable_message"),
        (b"\xff\x00", "unreadable_message"),
        (b"{}", "unreadable_message"),
        (b'{"job_id": "../jobs"}', "unreadable_message"),
        (b"[" * 100_000, "unreadable_message"),
        (b'{"version": 2, "job_id": "x"}', "unsupported_version"),
        (JobMessage(job_id="job_" + "a" * 26).encode(), "not_found"),
    ],
    ids=["empty", "binary", "bare", "climbing", "nested", "newer", "unrecorded"],
)
def test_what_cannot_be_understood_is_set_aside_once(
    deployment: Deployment, data: bytes, reason: str
) -> None:
    for _ in range(2):
        on_dead_message(deployment.services, message_event(data, source="a test"))
    found = kept(deployment)
    assert found["reason"] == reason
    assert base64.b64decode(found["data"]) == data
    assert found["attributes"] == {"source": "a test"}


@pytest.mark.parametrize("data", [None, "text", {"message": 7}, {"message": {"data": "not base64"}}])
def test_an_event_without_a_message_is_set_aside(deployment: Deployment, data: Any) -> None:
    on_dead_message(deployment.services, event("messagePublished", data))
    assert kept(deployment)["reason"] == "unreadable_message"


def test_the_job_fails_with_its_attempts(deployment: Deployment) -> None:
    job_id = deployment.generate()
    deployment.claim(job_id, seconds=-1)
    dead(deployment, job_id)
    job = deployment.job(job_id)
    assert (job["state"], job["error"]["code"]) == ("failed", "attempts_exhausted")
    manifest = deployment.services.committer.read_manifest(job_id)
    assert manifest is not None
    assert manifest.state == "failed"


def test_a_job_with_a_worker_is_left_alone(deployment: Deployment) -> None:
    job_id = deployment.generate()
    deployment.claim(job_id)
    dead(deployment, job_id)
    assert deployment.job(job_id)["state"] == "running"


def test_a_job_that_has_ended_stays_as_it_is(deployment: Deployment) -> None:
    job_id = deployment.generate()
    deployment.claim(job_id, seconds=-1)
    deployment.succeed(job_id, settle=False)
    dead(deployment, job_id)
    assert deployment.job(job_id)["state"] == "succeeded"


def test_a_record_of_a_newer_version_is_not_touched(deployment: Deployment) -> None:
    job_id = deployment.generate()
    newer = b'{"version": 2, "news": true}'
    name = f"jobs/{job_id}.json"
    deployment.services.jobs.put(name, newer)
    dead(deployment, job_id)
    assert deployment.services.jobs.get(name).data == newer
    assert kept(deployment)["reason"] == "unsupported_version"
