"""A worker's life as its probes see it: loading, warm, told to stop while a job is in its hands, and anew."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import httpx

from local.http_servers.ports import free_port
from local.stack.stack_process import StackProcess
from tests.eventually import eventually
from tests.mock_stack import killed_afterwards, mock_stack


def test_probes_follow_the_workers_life(tmp_path: Path, http: httpx.Client) -> None:
    port = free_port()

    def probes() -> tuple[int | None, int | None]:
        """The statuses of /healthz and /readyz."""
        return status(http, port, "healthz"), status(http, port, "readyz")

    environment = {"PLANTAIN_HEALTH_PORT": str(port)}
    with killed_afterwards(mock_stack(tmp_path / "data", environment=environment)) as stack:
        assert probes() == (200, 200)
        hold_a_job(stack, http)
        os.kill(worker(stack), signal.SIGTERM)
        eventually(lambda: probes() == (200, 503), "a worker that stops, and is well")
        eventually(lambda: probes() == (200, 200), "a new one, warm")


def status(http: httpx.Client, port: int, path: str) -> int | None:
    try:
        return http.get(f"http://127.0.0.1:{port}/{path}").status_code
    except httpx.HTTPError:
        return None


def worker(stack: StackProcess) -> int:
    (pid,) = (each["pid"] for each in stack.state["processes"] if each["name"] == "worker-1")
    return pid


def hold_a_job(stack: StackProcess, http: httpx.Client) -> None:
    """One that lasts longer than the worker may wait for it."""
    asked = {"task": "generate", "prompt": "a boat", "size": "512", "labels": {"mock.seconds": "60"}}
    url = f"{stack.state['api']}/v1/jobs"
    job = http.post(url, json=asked).json()
    eventually(lambda: http.get(f"{url}/{job['id']}").json()["state"] == "running", "the job's start")
