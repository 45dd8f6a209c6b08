"""/v1/overview: what happens in the deployment, for those whose key may know."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from functions.contract import paths
from functions.contract.document import now
from functions.contract.errors import ErrorFacts
from functions.contract.manifest import Manifest
from functions.contract.states import State
from functions.notifications.end_notifications import notify_job_ended
from functions.operations import overview
from tests.integration.functions.deployment import Deployment
from tests.integration.functions.receiver import Receiver

PROMPT = "a secret red boat"


def shown(deployment: Deployment) -> dict[str, Any]:
    answer = deployment.client.get("/v1/overview")
    assert answer.status_code == 200, answer.text
    assert PROMPT not in answer.text
    return answer.json


def end_job(deployment: Deployment, job_id: str, error: ErrorFacts) -> None:
    record = deployment.claim(job_id)
    manifest = Manifest.of(record, State.FAILED, now(), error=error)
    committer = deployment.services.committer
    committer.settle(committer.commit(manifest))
    notify_job_ended(deployment.services, manifest)


def test_an_idle_deployment_has_nothing(deployment: Deployment) -> None:
    assert shown(deployment) == {
        **{name: [] for name in ("queues", "running", "workers", "deliveries", "failures")},
        "set_aside": 0,
        "complete": True,
    }


def test_jobs_are_counted_by_queue_and_running_ones_listed(deployment: Deployment) -> None:
    first = deployment.generate(prompt=PROMPT)
    deployment.generate(prompt=PROMPT)
    deployment.generate(prompt=PROMPT, priority="low")
    deployment.claim(first)
    found = shown(deployment)
    assert [(queue["priority"], queue["open"]) for queue in found["queues"]] == [("low", 1), ("normal", 2)]
    [running] = found["running"]
    assert (running["id"], running["state"], running["attempt"]) == (first, "running", 1)
    assert found["workers"] == [{"name": running["worker"], "jobs": 1}]


def test_times_are_in_utc_and_end_with_z(deployment: Deployment) -> None:
    failed, _ = (deployment.generate(prompt=PROMPT) for _ in range(2))
    end_job(deployment, failed, ErrorFacts(code="internal", message="It broke."))
    found = shown(deployment)
    [queue], [failure] = found["queues"], found["failures"]
    assert queue["oldest"].endswith("Z")
    assert failure["ended"].endswith("Z")


def test_a_failure_is_listed_with_its_code_the_newest_first(deployment: Deployment) -> None:
    jobs = [deployment.generate(prompt=PROMPT) for _ in range(2)]
    for job_id in jobs:
        end_job(deployment, job_id, ErrorFacts(code="out_of_memory", message="No.", stage="diffuse"))
    failures = shown(deployment)["failures"]
    assert [each["id"] for each in failures] == jobs[::-1]
    assert {key: failures[0][key] for key in ("state", "code", "stage")} == {
        "state": "failed",
        "code": "out_of_memory",
        "stage": "diffuse",
    }


def test_a_late_delivery_is_listed_without_its_address_and_replayed(deployment: Deployment) -> None:
    with Receiver.listening() as receiver:
        receiver.answers.append(500)
        job_id = deployment.generate(prompt=PROMPT, webhook={"url": receiver.url})
        end_job(deployment, job_id, ErrorFacts(code="out_of_memory", message="No."))
        deployment.deliver()
        [late] = shown(deployment)["deliveries"]
        assert (late["job_id"], late["state"], "url" in late) == (job_id, "pending", False)
        answer = deployment.client.post(f"/v1/overview/deliveries/{job_id}/replay")
    assert (answer.status_code, answer.json["state"]) == (200, "delivered")
    assert shown(deployment)["deliveries"] == []


def test_more_than_is_looked_at_is_told(deployment: Deployment, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(overview, "LOOKED_AT", 1)
    for _ in range(2):
        deployment.generate(prompt=PROMPT)
    assert shown(deployment)["complete"] is False


def test_notes_sort_the_newest_first() -> None:
    earlier, later = now() - timedelta(hours=1), now()
    assert paths.failure_entry(later, "job_a") < paths.failure_entry(earlier, "job_a")
