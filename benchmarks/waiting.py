"""``python -m benchmarks.waiting``: lets many callers wait for jobs that do not end, and measures health
checks.

It runs twice: on the laptop's stack, and under functions-framework's own server with the cloud's figures.
There is no worker, so each caller waits as long as it asked. Exit status 1 when health is slow or a wait is
too long.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from benchmarks.figures import percentile, table
from benchmarks.machine import describe
from local.capacity import CONCURRENCY
from local.http_servers.ports import HOST, free_port
from local.stack.stack_process import StackProcess

ROOT = Path(__file__).parents[1]
HEALTH_SECONDS = 0.5  # at the 99th percentile
LATE_SECONDS = 2.0  # beyond what was asked for
GAP_SECONDS = 0.05  # between two health checks
JOB = {"task": "generate", "prompt": "a red boat on the sea", "size": "512"}


@dataclass(frozen=True)
class ServerFigures:
    """The figures of one server. ``waits``: the seconds of each caller, and whether it had to wait."""

    name: str
    waits: tuple[tuple[float, bool], ...]
    health: tuple[float, ...]
    asked: float

    @property
    def latest(self) -> float:
        return max(seconds for seconds, _ in self.waits) - self.asked

    @property
    def waited(self) -> int:
        return sum(applied for _, applied in self.waits)

    @property
    def is_good(self) -> bool:
        return (
            self.waited == len(self.waits)
            and self.latest <= LATE_SECONDS
            and percentile(self.health, 99) < HEALTH_SECONDS
        )

    @property
    def row(self) -> tuple[str, ...]:
        health = (percentile(self.health, 50), percentile(self.health, 99), max(self.health))
        texts = (f"{self.waited} of {len(self.waits)}", f"{self.latest:+.2f} s")
        return (self.name, *texts, *(f"{1e3 * seconds:.0f} ms" for seconds in health), f"{len(self.health)}")


def main() -> int:
    arguments = _arguments()
    print(describe(), flush=True)
    print(f"asked     {arguments.callers} callers with Prefer: wait={arguments.seconds:g}\n", flush=True)
    with (
        tempfile.TemporaryDirectory(prefix="plantain-waiting-") as directory,
        StackProcess(Path(directory), "--model", "mock", "--workers", "0") as stack,
    ):
        found = [_measure_server("laptop", stack.state["api"], arguments)]
        with _run_functions_framework(stack, Path(directory) / "framework.log") as url:
            found.append(_measure_server("functions-framework", url, arguments))
    header = ("server", "waited", "latest", "health p50", "p99", "most", "asked")
    print(table(header, (each.row for each in found)))
    return 0 if all(each.is_good for each in found) else 1


def _measure_server(name: str, url: str, arguments: argparse.Namespace) -> ServerFigures:
    limits = httpx.Limits(max_connections=arguments.callers + 8)
    with (
        httpx.Client(base_url=url, timeout=120, limits=limits) as http,
        ThreadPoolExecutor(arguments.callers) as callers,
    ):
        http.get("/readyz").raise_for_status()
        waits = [callers.submit(_post_and_wait, http, arguments.seconds) for _ in range(arguments.callers)]
        health: list[float] = []
        while not all(wait.done() for wait in waits):
            health.append(_seconds_of_health(http))
            time.sleep(GAP_SECONDS)
        return ServerFigures(name, tuple(wait.result() for wait in waits), tuple(health), arguments.seconds)


def _post_and_wait(http: httpx.Client, seconds: float) -> tuple[float, bool]:
    began = time.monotonic()
    answer = http.post("/v1/jobs", json=JOB, headers={"Prefer": f"wait={seconds:.0f}"})
    answer.raise_for_status()
    return time.monotonic() - began, "Preference-Applied" in answer.headers


def _seconds_of_health(http: httpx.Client) -> float:
    began = time.monotonic()
    http.get("/healthz").raise_for_status()
    return time.monotonic() - began


@contextmanager
def _run_functions_framework(stack: StackProcess, log: Path) -> Generator[str]:
    """Runs functions-framework's command, as Google's buildpack starts it, beside the stack's own servers."""
    port = free_port()
    command = [sys.executable, "-m", "functions_framework", "--target", "api", "--host", HOST]
    told = {**os.environ, **stack.state["environment"], "THREADS": str(CONCURRENCY["api"])}
    with log.open("wb") as output:
        process = subprocess.Popen(
            [*command, "--port", str(port)], cwd=ROOT / "functions", env=told, stdout=output, stderr=output
        )
    try:
        url = f"http://{HOST}:{port}"
        _wait_until_healthy(url)
        yield url
    finally:
        process.terminate()
        process.wait(30)


def _wait_until_healthy(url: str) -> None:
    for _ in range(600):
        try:
            httpx.get(f"{url}/healthz").raise_for_status()
            return
        except httpx.HTTPError:
            time.sleep(0.1)
    raise SystemExit("functions-framework does not answer")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--callers", type=int, default=80)
    parser.add_argument("--seconds", type=float, default=30.0)
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
