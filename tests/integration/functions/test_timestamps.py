"""Every time that a caller meets is in UTC and ends with Z."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest

from functions.contract import paths
from functions.contract.document import now
from tests.integration.functions.batch import BOAT, jsonl
from tests.integration.functions.deployment import Deployment
from tests.integration.functions.test_batch_api import BATCHES, asked
from tests.integration.functions.triggers.test_notify import ended, notify


def times(value: object) -> Iterator[str]:
    """Every text in ``value`` that is a time."""
    if isinstance(value, dict):
        yield from (found for each in value.values() for found in times(each))
    elif isinstance(value, list):
        yield from (found for each in value for found in times(each))
    elif isinstance(value, str) and "T" in value:
        try:
            datetime.fromisoformat(value)
        except ValueError:
            return
        yield value


@pytest.mark.parametrize(
    "path", ["/v1/jobs", "/v1/jobs/{job}", "/v1/jobs/{job}/manifest", "/v1/jobs/{job}/deliveries"]
)
def test_of_a_job(deployment: Deployment, path: str) -> None:
    job = ended(deployment, webhook={"url": "http://127.0.0.1:9/hook"})
    notify(deployment, job)
    found = list(times(deployment.client.get(path.format(job=job)).json))
    assert found
    assert all(each.endswith("Z") for each in found)


@pytest.mark.parametrize("path", ["", "/{batch}", "/{batch}/manifest"])
def test_of_a_batch(deployment: Deployment, path: str) -> None:
    batch = asked(deployment, jsonl(BOAT))
    batch.succeed()
    batch.tell()
    found = list(times(deployment.client.get(BATCHES + path.format(batch=batch.id)).json))
    assert found
    assert all(each.endswith("Z") for each in found)


def test_of_an_upload(deployment: Deployment) -> None:
    answer: dict[str, Any] = deployment.post({"content_type": "image/png"}, "/v1/uploads").json
    assert answer["expires"].endswith("Z")


def test_of_a_job_that_an_older_plantain_listed(deployment: Deployment) -> None:
    job = deployment.generate()
    entry = paths.index_entry(deployment.record(job).owner, deployment.record(job).created, job)
    deployment.services.jobs.set_metadata(entry, {"created": now().isoformat()})
    (listed,) = deployment.client.get("/v1/jobs").json["jobs"]
    assert listed["created"].endswith("Z")
