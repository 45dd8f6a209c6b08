"""Callers that wait on a real server with few threads: health is answered while every place is taken."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
from google.pubsub_v1 import PubsubMessage

from tests.eventually import eventually
from tests.integration.functions.deployment import Deployment
from tests.integration.functions.raw_http_server import environment_of, framework_server
from tests.integration.functions.servers import Servers

THREADS, PLACES = 8, 6
JOB = {"task": "generate", "prompt": "a boat", "size": "512"}


def test_health_is_answered_while_as_many_wait_as_may(
    deployment: Deployment, servers: Servers, tmp_path: Path
) -> None:
    environment = environment_of(deployment, servers)
    with (
        framework_server(environment, "api", tmp_path / "log", THREADS) as server,
        ThreadPoolExecutor(2 * THREADS) as callers,
    ):

        def wait(_n: int) -> httpx.Response:
            return httpx.post(f"{server.url}/v1/jobs", json=JOB, headers={"Prefer": "wait=60"}, timeout=120)

        asked = [callers.submit(wait, n) for n in range(2 * THREADS)]
        messages: list[PubsubMessage] = []
        while len(messages) < 2 * THREADS:
            messages += deployment.published(deployment.settings.jobs_topic)
        eventually(lambda: sum(each.done() for each in asked) == 2 * THREADS - PLACES)
        for path in ("/healthz", "/readyz"):
            assert httpx.get(server.url + path, timeout=120).status_code == 200
        assert sum(each.done() for each in asked) == 2 * THREADS - PLACES  # the others wait as before
        for message in messages:
            deployment.claim(message.attributes["job_id"])
            deployment.succeed(message.attributes["job_id"])
        answers = [each.result() for each in asked]
    waited = [answer for answer in answers if "Preference-Applied" in answer.headers]
    assert len(waited) == PLACES
    assert {answer.status_code for answer in waited} == {200}
    assert {answer.status_code for answer in answers if answer not in waited} == {202}
