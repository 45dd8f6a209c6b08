"""Retention: what is older than its prefix allows goes, and nothing else."""

from __future__ import annotations

from datetime import timedelta

import pytest

from functions import retention, sweep
from functions.contract import paths
from functions.contract.document import now
from functions.retention import expire

from .deployment import Deployment, base64_of, picture

DAY = timedelta(days=1)


@pytest.fixture
def kept(deployment: Deployment) -> Deployment:
    return deployment.replace(retention_days={"jobs/inputs/": 7, "results/": 30, "uploads/api/": 1})


def names(deployment: Deployment) -> set[str]:
    return {name.partition("/")[2] for name in deployment.objects()}


def ended(deployment: Deployment) -> str:
    job_id = deployment.generate(task="edit", images=[{"data": base64_of(picture(512, 512))}])
    deployment.succeed(job_id)
    return job_id


def test_each_prefix_has_its_own_time(kept: Deployment) -> None:
    job_id = ended(kept)
    kept.upload("api/x/up_1", picture())
    kept.upload("shop/boat.png", picture())
    first = paths.parse_uri(kept.record(job_id).request.images[0].uri or "").name
    upload, result = "api/x/up_1", paths.result(job_id, 0, "png")
    assert expire(kept.services) == 0
    assert expire(kept.services, now() + 2 * DAY) == 1
    assert {upload, first, result} & names(kept) == {first, result}
    assert expire(kept.services, now() + 8 * DAY) == 1
    assert {upload, first, result} & names(kept) == {result}
    assert expire(kept.services, now() + 31 * DAY) == 2  # the picture and the manifest
    assert {paths.record(job_id), "shop/boat.png"} <= names(kept)


def test_without_a_setting_everything_stays(deployment: Deployment) -> None:
    ended(deployment)
    assert expire(deployment.services, now() + 10_000 * DAY) == 0


def test_in_the_cloud_the_buckets_do_it(kept: Deployment) -> None:
    ended(kept)
    assert expire(kept.replace(profile="production").services, now() + 99 * DAY) == 0


def test_the_sweep_carries_it_out(kept: Deployment, monkeypatch: pytest.MonkeyPatch) -> None:
    ended(kept)
    monkeypatch.setattr(retention, "now", lambda: now() + 31 * DAY)
    assert sweep.sweep(kept.services).summary()["retention_ended"] == 3


def test_a_job_whose_results_have_gone_can_still_be_deleted(kept: Deployment) -> None:
    job_id = ended(kept)
    expire(kept.services, now() + 31 * DAY)
    answer = kept.client.open(f"/v1/jobs/{job_id}", method="DELETE")
    assert (answer.status_code, answer.json["state"]) == (200, "succeeded")
    assert {name for name in names(kept) if job_id in name} == {paths.record(job_id), paths.manifest(job_id)}
