"""A worker's life as its probes see it: loading, warm, told to stop while a job is in its hands, and anew."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import httpx

from local.http_servers.ports import free_port
from local.stack.stack_process import StackProcess
from tests.eventually import eventually


def test_probes_follow_the_workers_life(tmp_path: Path) -> None:
    port = free_port()
    environment = {"PLANTAIN_HEALTH_PORT": str(port), "PLANTAIN_DEFAULT_MODEL": "mock"}
    with StackProcess(tmp_path / "data", environment=environment) as stack:
        assert probes(port) == (200, 200)
        hold_a_job(stack)
        os.kill(worker(stack), signal.SIGTERM)
        eventually(lambda: probes(port) == (200, 503), "a worker that stops, and is well")
        eventually(lambda: probes(port) == (200, 200), "a new one, warm")


def probes(port: int) -> tuple[int | None, int | None]:
    """The statuses of /healthz and /readyz."""
    return status(port, "healthz"), status(port, "readyz")


def status(port: int, path: str) -> int | None:
    try:
        return httpx.get(f"http://127.0.0.1:{port}/{path}", timeout=10).status_code
    except httpx.HTTPError:
        return None


def worker(stack: StackProcess) -> int:
    (pid,) = (each["pid"] for each in stack.state["processes"] if each["name"] == "worker-1")
    return pid


def hold_a_job(stack: StackProcess) -> None:
    """One that lasts longer than the worker may wait for it."""
    asked = {"task": "generate", "prompt": "a boat", "size": "512", "labels": {"mock.seconds": "60"}}
    url = f"{stack.state['api']}/v1/jobs"
    job = httpx.post(url, json=asked, timeout=30).json()
    eventually(lambda: httpx.get(f"{url}/{job['id']}").json()["state"] == "running", "the job's start")
