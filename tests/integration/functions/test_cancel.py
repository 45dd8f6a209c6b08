"""POST /v1/jobs/{id}/cancel."""

from __future__ import annotations

from tests.integration.functions.deployment import Deployment


def cancel(deployment: Deployment, job_id: str) -> tuple[int, dict[str, object]]:
    answer = deployment.post(path=f"/v1/jobs/{job_id}/cancel")
    return answer.status_code, answer.json


def test_a_queued_job_ends_at_once(deployment: Deployment) -> None:
    job_id = deployment.generate()
    status, job = cancel(deployment, job_id)
    assert (status, job["state"]) == (200, "canceled")
    manifest = deployment.services.committer.read_manifest(job_id)
    assert manifest is not None
    assert manifest.state == "canceled"


def test_a_running_job_is_left_to_its_worker(deployment: Deployment) -> None:
    job_id = deployment.generate()
    deployment.claim(job_id)
    status, job = cancel(deployment, job_id)
    assert (status, job["state"]) == (200, "canceling")
    assert deployment.services.committer.read_manifest(job_id) is None


def test_a_job_whose_worker_is_gone_ends_at_once(deployment: Deployment) -> None:
    job_id = deployment.generate()
    deployment.claim(job_id, seconds=-1)
    assert cancel(deployment, job_id)[1]["state"] == "canceled"


def test_canceling_twice_is_canceling_once(deployment: Deployment) -> None:
    job_id = deployment.generate()
    first = cancel(deployment, job_id)
    assert cancel(deployment, job_id) == first


def test_a_job_that_ended_otherwise_cannot_be_canceled(deployment: Deployment) -> None:
    job_id = deployment.generate()
    deployment.claim(job_id)
    deployment.succeed(job_id)
    status, problem = cancel(deployment, job_id)
    assert (status, problem["code"]) == (409, "illegal_transition")
    assert deployment.job(job_id)["state"] == "succeeded"


def test_a_manifest_that_stands_is_stronger_than_a_cancel(deployment: Deployment) -> None:
    job_id = deployment.generate()
    deployment.claim(job_id, seconds=-1)
    deployment.succeed(job_id, settle=False)  # the worker died between the manifest and the record
    assert cancel(deployment, job_id)[0] == 409
    assert deployment.job(job_id)["state"] == "succeeded"


def test_there_is_nothing_to_cancel(deployment: Deployment) -> None:
    assert cancel(deployment, "job_" + "a" * 26)[0] == 404
