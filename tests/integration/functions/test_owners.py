"""The owner sees the owner's, and nobody else does."""

from __future__ import annotations

import hashlib

import pytest

from functions.contract import paths

from .deployment import Deployment, picture

KEYS = {hashlib.sha256(f"{owner}-key".encode()).hexdigest(): owner for owner in ("ada", "bob")}


@pytest.fixture
def shared(deployment: Deployment) -> Deployment:
    """A deployment of two owners."""
    return deployment.replace(api_keys=KEYS)


def made_by_ada(shared: Deployment) -> str:
    body = {"task": "generate", "prompt": "a boat", "size": "512", "labels": {"team": "sea"}}
    job_id = shared.post(body, X_API_Key="ada-key").json["id"]
    shared.claim(job_id)
    shared.succeed(job_id)
    return job_id


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", ""),
        ("DELETE", ""),
        ("POST", "/cancel"),
        ("GET", "/images/0"),
        ("GET", "/manifest"),
        ("GET", "/deliveries"),
        ("POST", "/deliveries/replay"),
    ],
)
def test_another_owner_s_job_is_not_there(shared: Deployment, method: str, path: str) -> None:
    job_id = made_by_ada(shared)
    answer = shared.client.open(f"/v1/jobs/{job_id}{path}", method=method, headers={"X-API-Key": "bob-key"})
    nobody = shared.client.open(
        f"/v1/jobs/job_{'a' * 26}{path}", method=method, headers={"X-API-Key": "bob-key"}
    )
    assert answer.status_code == 404
    assert answer.json == nobody.json


def test_a_listing_shows_one_s_own(shared: Deployment) -> None:
    job_id = made_by_ada(shared)
    own = shared.client.get("/v1/jobs", headers={"Authorization": "Bearer ada-key"}).json["jobs"]
    other = shared.client.get("/v1/jobs", headers={"Authorization": "Bearer bob-key"}).json["jobs"]
    assert ([job["id"] for job in own], other) == ([job_id], [])


def test_another_owner_s_result_cannot_be_edited(shared: Deployment) -> None:
    job_id = made_by_ada(shared)
    image = {"uri": f"gs://{shared.settings.results_bucket}/{paths.result(job_id, 0, 'png')}"}
    body = {"task": "edit", "prompt": "snow", "images": [image]}
    assert shared.post(body, X_API_Key="bob-key").json["code"] == "foreign_bucket"
    assert shared.post(body, X_API_Key="ada-key").status_code == 202


def test_another_owner_s_upload_cannot_be_used(shared: Deployment) -> None:
    upload = paths.new_upload_id()
    name = paths.upload("ada", upload)
    shared.upload(name, picture(512, 512))
    by_id = {"task": "edit", "prompt": "snow", "images": [{"upload": upload}]}
    by_name = {**by_id, "images": [{"uri": f"gs://{shared.settings.uploads_bucket}/{name}"}]}
    assert shared.post(by_id, X_API_Key="bob-key").json["code"] == "image_unreadable"
    assert shared.post(by_name, X_API_Key="bob-key").json["code"] == "foreign_bucket"
    assert shared.post(by_id, X_API_Key="ada-key").status_code == 202


def test_one_owner_s_key_is_no_other_s_job(shared: Deployment) -> None:
    body = {"task": "generate", "prompt": "a boat"}
    jobs = {
        shared.post(body, X_API_Key=f"{owner}-key", Idempotency_Key="order-1").json["id"]
        for owner in ("ada", "bob")
    }
    assert len(jobs) == 2


@pytest.mark.parametrize("headers", [{}, {"X_API_Key": "wrong"}, {"Authorization": "Basic YTpi"}])
def test_without_a_key_there_is_nothing(shared: Deployment, headers: dict[str, str]) -> None:
    answer = shared.post({"task": "generate", "prompt": "a boat"}, **headers)
    assert (answer.status_code, answer.json["code"]) == (401, "unauthenticated")
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    assert shared.objects() == set()
