"""A process of the API is killed while callers wait: their repeats get the pictures of the first jobs."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from pathlib import Path

import httpx
import psutil

from functions.contract import paths
from functions.waiting.synchronous_job import JOB_HEADER
from tests.eventually import PATIENCE, eventually
from tests.integration.functions.api.painter import painting
from tests.integration.functions.deployment import Deployment
from tests.integration.functions.raw_http_server import HttpServer, environment_of, laptop_server
from tests.integration.functions.servers import Servers

OPENAI = "/v1/images/generations", {"prompt": "a red boat", "size": "512x512"}
GEMINI = (
    "/v1beta/models/mock:generateContent",
    {
        "contents": [{"parts": [{"text": "a blue boat"}]}],
        "generationConfig": {"imageConfig": {"imageSize": "512"}},
    },
)


class WaitingClient:
    """A client that sends a request in a thread and keeps what came of it."""

    def __init__(self, server: HttpServer, path: str, body: Mapping[str, object]) -> None:
        self.failure: Exception | None = None
        self._thread = threading.Thread(target=self._send, args=(f"{server.url}{path}", body))
        self._thread.start()

    def _send(self, url: str, body: Mapping[str, object]) -> None:
        try:
            httpx.post(url, json=body, timeout=PATIENCE)
        except httpx.TransportError as error:
            self.failure = error

    def wait(self) -> None:
        self._thread.join(PATIENCE)
        assert not self._thread.is_alive()


def kill(server: HttpServer) -> None:
    """Kills the server's processes, as the kernel does without memory."""
    first = psutil.Process(server.pid)
    processes = [first, *first.children(recursive=True)]
    for process in processes:
        process.kill()
    psutil.wait_procs(processes, timeout=PATIENCE)


def are_published(deployment: Deployment, count: int) -> bool:
    """Whether so many jobs wait on the queue: one whose process is killed before that waits for the sweep."""
    markers = list(deployment.services.jobs.list(paths.OPEN))
    return sum("published" in marker.metadata for marker in markers) == count


def test_the_repeat_finds_the_job_of_a_process_that_was_killed(
    deployment: Deployment, servers: Servers, tmp_path: Path
) -> None:
    environment = environment_of(deployment, servers)
    with laptop_server(environment, "api", tmp_path / "first.log") as first:
        clients = [WaitingClient(first, path, body) for path, body in (OPENAI, GEMINI)]
        eventually(lambda: are_published(deployment, 2), "both jobs on the queue")
        kill(first)
        for client in clients:
            client.wait()
            assert client.failure is not None
    jobs = {name.name for name in deployment.services.jobs.list("jobs/")}
    with laptop_server(environment, "api", tmp_path / "second.log") as second, painting(deployment):
        for path, body in (OPENAI, GEMINI):
            answer = httpx.post(f"{second.url}{path}", json=body, timeout=PATIENCE)
            assert answer.status_code == 200, answer.text
            assert f"jobs/{answer.headers[JOB_HEADER]}.json" in jobs
    assert {name.name for name in deployment.services.jobs.list("jobs/")} == jobs
