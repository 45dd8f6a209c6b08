"""Each suggestion, sent back as it is, is taken by the admission that every request goes through."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from functions.contract.document import now
from functions.contract.manifest import Manifest
from functions.contract.states import State
from tests.integration.functions.deployment import Deployment, base64_of, picture
from tests.unit.worker.stages.making import noise, tools
from worker.stages.suggest import suggest
from worker.stages.work import Work

SIZES = [(512, 512), (300, 400), (1100, 900), (1600, 900), (2048, 2048), (4096, 4096), (400, 3000)]


def suggested(deployment: Deployment, job_id: str) -> list[dict[str, Any]]:
    """What the job's manifest suggests, made by the worker's own stage."""
    record = deployment.record(job_id)
    work = Work.from_record(record)
    # Half the size shows the same: what is suggested goes by the record's.
    small = noise(record.width // 8, record.height // 8)
    work = replace(
        work, images=(small,), mask=np.ones(small.shape[:2], np.float32) if _has_region(work) else None
    )
    found = suggest(work, tools())
    manifest = Manifest.of(record, State.SUCCEEDED, now(), suggestions=tuple(found.suggestions))
    deployment.services.committer.commit(manifest)
    return deployment.client.get(f"/v1/jobs/{job_id}/manifest").json["suggestions"]


def _has_region(work: Work) -> bool:
    return any((work.request.mask, work.request.region, work.request.region_prompt))


def asked(deployment: Deployment, image: dict[str, str], **fields: Any) -> str:
    answer = deployment.post({"task": "suggest", "images": [image], **fields})
    assert answer.status_code == 202, answer.text
    return answer.json["id"]


@pytest.mark.parametrize(("width", "height"), SIZES)
@pytest.mark.parametrize("where", [{}, {"region": {"box": [0, 0, 0.5, 1]}}, {"region_prompt": "the boat"}])
def test_each_is_taken_as_it_is(
    deployment: Deployment, width: int, height: int, where: dict[str, Any]
) -> None:
    job = asked(deployment, {"data": base64_of(picture(width, height))}, **where)
    found = suggested(deployment, job)
    assert len(found) >= 3
    for each in found:
        answer = deployment.post(each["request"])
        assert answer.status_code == 202, (each, answer.text)
        assert answer.json["task"] == each["task"]
        assert each["instruction"] and each["why"]


def test_of_a_picture_in_a_bucket_and_with_a_mask(deployment: Deployment) -> None:
    deployment.upload("boat.png", picture(512, 512))
    uri = f"gs://{deployment.settings.uploads_bucket}/boat.png"
    mask = {"data": base64_of(picture(512, 512, mode="L"))}
    for each in suggested(deployment, asked(deployment, {"uri": uri}, mask=mask)):
        assert deployment.post(each["request"]).status_code == 202


def test_an_inline_picture_of_another_owner_s_job_is_not_read(deployment: Deployment) -> None:
    job = asked(deployment, {"data": base64_of(picture(512, 512))})
    request = suggested(deployment, job)[0]["request"]
    deployment.change(job, owner="somebody else")
    refused = deployment.post(request)
    assert (refused.status_code, refused.json["code"]) == (400, "foreign_bucket")


@pytest.mark.parametrize(
    "name", ["jobs/{job}.json", "inputs/{job}", "open/{job}", "inputs/../jobs/{job}.json", "inputs/nobody/0"]
)
def test_nothing_else_of_the_jobs_bucket_is_read(deployment: Deployment, name: str) -> None:
    job = asked(deployment, {"data": base64_of(picture(512, 512))})
    uri = f"gs://{deployment.settings.jobs_bucket}/{name.format(job=job)}"
    refused = deployment.post({"task": "edit", "prompt": "make it blue", "images": [{"uri": uri}]})
    assert refused.status_code == 400
