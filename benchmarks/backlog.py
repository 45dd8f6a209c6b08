"""``python -m benchmarks.backlog``: what a job, a listing and the sweep cost while many jobs wait.

It runs the laptop's stack without a worker. At each size it fills the queue with copies of a waiting job, and
measures what further jobs cost the API (processor, operations of the storage), a page of the listing, the
operators' overview, one run of the sweep, and the memory of the API and of the emulators. Exit status 1 when
a job costs over a tenth more at the largest size than at the smallest.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import httpx
import psutil

from benchmarks.figures import table
from benchmarks.machine import describe
from benchmarks.memory import find_processes, process_tree
from benchmarks.queue_filling import copy_job, publish_jobs
from functions.contract.settings import Settings
from functions.services import connect_services
from functions.triggers.sweep import sweep_once
from local.stack.stack_process import StackProcess

POSTERS = 8
LOOKS = 10
DEADLINE = 86_400  # seconds: no job ends during the measurement
QUIET = {"PLANTAIN_SWEEP_AFTER_SECONDS": str(DEADLINE)}  # the stack's own sweep looks at no job meanwhile
LATE = {"PLANTAIN_SWEEP_AFTER_SECONDS": "0"}  # and the one that is measured at every job
HEAD = (
    "jobs that wait, accepted, a job, operations, a listing, operations, overview, sweep, memory of the API,"
    " of the emulators"
)
MOST_GROWTH = 1.1
MIB = 1 << 20


@dataclass(frozen=True)
class Cost:
    """What was measured while ``waiting`` jobs waited."""

    waiting: int
    accepted: float  # jobs a second
    processor: float  # milliseconds of the API's processor for a job
    operations: float  # of the storage, for a job
    listing: float  # milliseconds, the median of pages of 50
    listing_operations: float
    overview: float  # milliseconds
    sweep: float  # seconds
    memory: float  # MiB of the API's processes
    emulators: float  # MiB of the process that is Cloud Storage and Pub/Sub

    def row(self) -> tuple[str, ...]:
        return (
            f"{self.waiting:,}",
            f"{self.accepted:.0f}/s",
            f"{self.processor:.1f} ms",
            f"{self.operations:.1f}",
            f"{self.listing:.0f} ms",
            f"{self.listing_operations:.1f}",
            f"{self.overview:.0f} ms",
            f"{self.sweep:.1f} s",
            f"{self.memory:.0f} MiB",
            f"{self.emulators:.0f} MiB",
        )


class Backlog:
    """The queue of a stack that has no worker, in the folder ``data``."""

    def __init__(self, data: Path, measured: int) -> None:
        self._data, self._measured = data, measured
        self._http = httpx.Client(timeout=120, limits=httpx.Limits(max_connections=POSTERS))
        self._size = 0
        self._waiting: str | None = None  # a job to copy

    def measure(self, size: int) -> Cost:
        """Fills the queue up to ``size`` jobs with those that it measures, and looks at what is there."""
        copies = self._copy_jobs(size - self._measured - self._size)
        with StackProcess(
            self._data, "--model", "mock", "--workers", "0", environment=QUIET, quiet=True
        ) as self._stack:
            self._api = find_processes(self._stack, lambda name: name == "functions-api")
            publish_jobs(self._stack.environment, copies)
            self._post(0)  # what an API that has just started does once is not a job's cost
            self._size = size
            events = find_processes(self._stack, lambda name: name == "functions-events")
            with _suspended(events):  # the stack's own sweep reads every marker, four times a minute
                return self._measure()

    def _copy_jobs(self, count: int) -> list[str]:
        if self._waiting is None:
            with StackProcess(self._data, "--model", "mock", "--workers", "0", quiet=True) as self._stack:
                self._waiting = self._post(0)
        return copy_job(self._data / "storage/storage.sqlite3", self._waiting, count)

    def _measure(self) -> Cost:
        began, processor, operations = time.monotonic(), self._processor(), self._operations()
        with ThreadPoolExecutor(POSTERS) as posters:
            list(posters.map(self._post, range(self._measured)))
        seconds = time.monotonic() - began
        spent, used = self._processor() - processor, self._operations() - operations
        operations = self._operations()
        listing = self._look("/v1/jobs?limit=50")
        listed = self._operations() - operations
        return Cost(
            waiting=self._size,
            accepted=self._measured / seconds,
            processor=1e3 * spent / self._measured,
            operations=used / self._measured,
            listing=listing,
            listing_operations=listed / LOOKS,
            overview=self._look("/v1/overview"),
            sweep=_seconds(self._sweep),
            memory=sum(each.memory_info().rss for each in process_tree(self._api)) / MIB,
            emulators=psutil.Process(self._stack.state["pid"]).memory_info().rss / MIB,
        )

    def _post(self, n: int) -> str:
        body = {"task": "generate", "prompt": f"boat number {n}", "size": "512", "deadline_seconds": DEADLINE}
        return (
            self._http.post(f"{self._stack.state['api']}/v1/jobs", json=body).raise_for_status().json()["id"]
        )

    def _sweep(self) -> None:
        environment = self._stack.environment | LATE
        sweep_once(connect_services(Settings.from_environment(environment)))

    def _look(self, path: str) -> float:
        def ask() -> None:
            self._http.get(self._stack.state["api"] + path).raise_for_status()

        return 1e3 * median(_seconds(ask) for _ in range(LOOKS))

    def _operations(self) -> int:
        counted = self._http.get(f"{self._stack.state['control']}/operations").raise_for_status().json()
        return sum(counted["storage"].values())

    def _processor(self) -> float:
        return sum(sum(each.cpu_times()[:2]) for each in process_tree(self._api))


@contextmanager
def _suspended(processes: Sequence[psutil.Process]) -> Generator[None]:
    for each in processes:
        each.suspend()
    try:
        yield
    finally:
        for each in processes:
            each.resume()


def _seconds(act: Callable[[], object]) -> float:
    began = time.monotonic()
    act()
    return time.monotonic() - began


def main() -> int:
    options = _arguments()
    print(describe(), flush=True)
    costs: list[Cost] = []
    with tempfile.TemporaryDirectory(prefix="plantain-backlog-") as directory:
        backlog = Backlog(Path(directory), options.measured)
        for size in options.sizes:
            costs.append(backlog.measure(size))
            print("measured ", *costs[-1].row(), sep="  ", flush=True)
    print(table(HEAD.split(", "), [cost.row() for cost in costs]), flush=True)
    return 0 if costs[-1].processor <= MOST_GROWTH * costs[0].processor else 1


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=[1_000, 10_000, 100_000], help="jobs, rising")
    parser.add_argument("--measured", type=int, default=500, help="jobs whose cost is measured, at each size")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
