"""``python -m benchmarks.dialects``: many clients of OpenAI wait at once, beside streams of events.

It runs the laptop's stack with the mock engine. The first part counts pictures and jobs, and measures health
checks meanwhile. The second part measures one request at a time, in turns: through our own API with
``Prefer: wait`` and a download of the picture, through OpenAI's interface and through Gemini's, whose answers
have the picture in base64. Exit status 1 when a picture is lost, health is slow or the overhead is too large.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Generator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import httpx

from benchmarks.dialect_overhead import measure_overhead
from benchmarks.figures import percentile, table
from benchmarks.machine import describe
from local.stack.stack_process import StackProcess

HEALTH_SECONDS = 0.5
OVERHEAD_MS = 5.0
GAP_SECONDS = 0.05  # between two health checks
IMAGES, JOBS = "/v1/images/generations", "/v1/jobs"


def main() -> int:
    arguments = _arguments()
    print(describe(), flush=True)
    is_held = True
    if arguments.callers:
        with _stack() as (_, http):
            is_held = _measure_crowd(http, arguments.callers, arguments.streams)
    with _stack("--workers", "0") as (stack, http):
        is_light = measure_overhead(stack, http, arguments.rounds) < OVERHEAD_MS
    return 0 if is_held and is_light else 1


@contextmanager
def _stack(*options: str) -> Generator[tuple[StackProcess, httpx.Client]]:
    """Runs a stack with the mock engine, and a client of its API."""
    with (
        tempfile.TemporaryDirectory(prefix="plantain-dialects-") as directory,
        StackProcess(Path(directory), "--model", "mock", *options, quiet=True) as stack,
        httpx.Client(
            base_url=stack.state["api"], timeout=600, limits=httpx.Limits(max_connections=200)
        ) as http,
    ):
        yield stack, http


def _measure_crowd(http: httpx.Client, callers: int, streams: int) -> bool:
    """Prints what ``callers`` and ``streams`` at once got; returns True if nothing was lost."""
    with ThreadPoolExecutor(callers + streams) as threads:
        pictures = [threads.submit(_draw_by_openai, http, f"boat number {n}") for n in range(callers)]
        followed = [threads.submit(_follow_job, http, f"house number {n}") for n in range(streams)]
        health = _check_health(http, [*pictures, *followed])
    drawn = sum(each.result() for each in pictures)
    ended = sum(each.result() for each in followed)
    most = max(health)
    rows = [
        ("pictures for OpenAI's callers", f"{drawn} of {callers}"),
        ("streams that ended with the job", f"{ended} of {streams}"),
        ("health p50", f"{1e3 * percentile(health, 50):.0f} ms"),
        ("health, slowest", f"{1e3 * most:.0f} ms of {1e3 * HEALTH_SECONDS:.0f}"),
    ]
    print(table(("a crowd", "found"), rows), flush=True)
    return drawn == callers and ended == streams and most < HEALTH_SECONDS


def _draw_by_openai(http: httpx.Client, prompt: str) -> bool:
    answer = http.post(IMAGES, json={"prompt": prompt, "size": "512x512"})
    return answer.status_code == 200 and bool(answer.json()["data"][0]["b64_json"])


def _follow_job(http: httpx.Client, prompt: str) -> bool:
    job = http.post(JOBS, json={"task": "generate", "prompt": prompt, "size": "512"}).json()
    with http.stream("GET", f"{JOBS}/{job['id']}/events") as events:
        return "event: end" in list(events.iter_lines())


def _check_health(http: httpx.Client, work: list[Future[bool]]) -> list[float]:
    found: list[float] = []
    while not all(each.done() for each in work):
        began = time.monotonic()
        http.get("/healthz").raise_for_status()
        found.append(time.monotonic() - began)
        time.sleep(GAP_SECONDS)
    return found


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--callers", type=int, default=100, help="0 leaves the crowd out")
    parser.add_argument("--streams", type=int, default=20)
    parser.add_argument("--rounds", type=int, default=100)
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
