"""A cloud that fails now and then: every job is admitted once, ends once and is told of."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from functions.triggers.notify import on_result
from functions.triggers.sweep import sweep_once
from tests.integration.functions.deployment import Deployment, base64_of, picture
from tests.integration.functions.receiver import Receiver
from tests.integration.functions.servers import Servers


@pytest.fixture
def failing(deployment: Deployment, servers: Servers) -> Iterator[Deployment]:
    """One call in ten is refused for now, and of one in ten that took effect the answer is lost."""
    faults = servers.storage.faults
    faults.unavailable = faults.lost_answer = 0.1
    yield deployment
    faults.unavailable = faults.lost_answer = 0.0


def test_each_request_is_one_job_and_each_job_is_told_of(failing: Deployment, receiver: Receiver) -> None:
    image = {"data": base64_of(picture(256, 256))}
    body = {"task": "edit", "prompt": "snow", "images": [image], "webhook": {"url": receiver.url}}

    def run(n: int) -> str:
        answer = failing.post(body, Idempotency_Key=f"order-{n}")
        assert answer.status_code == 202, answer.text
        job_id = answer.json["id"]
        assert failing.post(path=f"/v1/jobs/{job_id}/cancel").json["state"] == "canceled"
        on_result(failing.services, failing.manifest_event(job_id))
        return job_id

    with ThreadPoolExecutor(4) as pool:
        made = set(pool.map(run, range(12)))
    assert len(made) == 12
    assert {message.attributes["job_id"] for message in failing.published("jobs-gpu")} == made
    assert {message.attributes["job_id"] for message in failing.published("events")} == made
    assert {failing.job(job_id)["state"] for job_id in made} == {"canceled"}
    sweep_once(failing.services)
    assert {call["data"]["job_id"] for call in receiver.calls} <= made
