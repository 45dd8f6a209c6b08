"""``python -m benchmarks.backlog``: what a job, a listing and the sweep cost while many jobs wait.

It runs the laptop's stack without a worker and fills its queue. At each size it measures what further jobs
cost the API (processor, operations of the storage), a page of the listing, the operators' overview, one run
of the sweep, and the API's memory. Exit status 1 when a job costs over a tenth more at the largest size than
at the smallest.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import httpx

from benchmarks.figures import table
from benchmarks.machine import describe
from benchmarks.memory import find_processes, process_tree
from local.stack.stack_process import StackProcess

POSTERS = 8
MEASURED = 500  # jobs whose cost is measured, at each size
LOOKS = 20
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
        )


class Backlog:
    """The queue of a running stack that has no worker."""

    def __init__(self, stack: StackProcess) -> None:
        self._stack = stack
        self._api = find_processes(stack, lambda name: name == "functions-api")
        self._http = httpx.Client(timeout=120, limits=httpx.Limits(max_connections=POSTERS))
        self.size = 0

    def fill(self, size: int) -> None:
        """Adds jobs until ``size`` wait."""
        with ThreadPoolExecutor(POSTERS) as posters:
            list(posters.map(self._post, range(self.size, size)))
        self.size = size

    def measure(self) -> Cost:
        """Adds ``MEASURED`` jobs, and looks at what is there."""
        began, processor, operations = time.monotonic(), self._processor(), self._operations()
        self.fill(self.size + MEASURED)
        seconds = time.monotonic() - began
        spent, used = self._processor() - processor, self._operations() - operations
        operations = self._operations()
        listing = self._look("/v1/jobs?limit=50")
        listed = self._operations() - operations
        return Cost(
            waiting=self.size,
            accepted=MEASURED / seconds,
            processor=1e3 * spent / MEASURED,
            operations=used / MEASURED,
            listing=listing,
            listing_operations=listed / LOOKS,
            overview=self._look("/v1/overview"),
            sweep=_seconds(self._sweep),
            memory=sum(each.memory_info().rss for each in process_tree(self._api)) / MIB,
        )

    def _post(self, n: int) -> None:
        body = {"task": "generate", "prompt": f"boat number {n}", "size": "512"}
        self._http.post(f"{self._stack.state['api']}/v1/jobs", json=body).raise_for_status()

    def _sweep(self) -> None:
        self._http.post(f"{self._stack.state['events']}/_functions/sweep").raise_for_status()

    def _look(self, path: str) -> float:
        def ask() -> None:
            self._http.get(self._stack.state["api"] + path).raise_for_status()

        return 1e3 * median(_seconds(ask) for _ in range(LOOKS))

    def _operations(self) -> int:
        counted = self._http.get(f"{self._stack.state['control']}/operations").raise_for_status().json()
        return sum(counted["storage"].values())

    def _processor(self) -> float:
        return sum(sum(each.cpu_times()[:2]) for each in process_tree(self._api))


def _seconds(act: Callable[[], object]) -> float:
    began = time.monotonic()
    act()
    return time.monotonic() - began


def main() -> int:
    sizes: list[int] = _arguments().sizes
    print(describe(), flush=True)
    costs: list[Cost] = []
    with (
        tempfile.TemporaryDirectory(prefix="plantain-backlog-") as directory,
        StackProcess(Path(directory), "--model", "mock", "--workers", "0", quiet=True) as stack,
    ):
        backlog = Backlog(stack)
        for size in sizes:
            backlog.fill(size - MEASURED)
            costs.append(backlog.measure())
    names = "jobs that wait, accepted, a job, operations, a listing, operations, overview, sweep, memory"
    print(table(names.split(", "), [cost.row() for cost in costs]), flush=True)
    return 0 if costs[-1].processor <= MOST_GROWTH * costs[0].processor else 1


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=[1_000, 10_000, 100_000], help="jobs, rising")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
