"""``python -m benchmarks.load``: many mock jobs, a tenth of their messages delivered twice, workers killed.

It posts the jobs over HTTP, kills one of the workers with SIGKILL every few seconds, and then counts what is
in the buckets: one manifest, one set of pictures and one event id for each job, and nothing else. Exit status
1 when anything is missing, too many or left over.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass, field
from pathlib import Path

import httpx
from google.cloud import pubsub_v1
from google.cloud.pubsub_v1.subscriber.message import Message

from benchmarks.figures import percentile, table
from benchmarks.machine import describe
from functions.contract import paths
from functions.contract.manifest import Manifest
from functions.contract.message import JobEvent
from functions.contract.settings import Settings
from functions.contract.storage import storage_client
from functions.contract.storage.bucket import Bucket
from local.client.api_client import PlantainClient
from local.stack.stack_process import StackProcess
from local.topology import EVENTS_TAIL

POSTERS, READERS = 16, 8
COUNT_SECONDS = 30
STALL_SECONDS = 180  # the run is stopped when no job has ended for so long


@dataclass(frozen=True)
class LoadOptions:
    """The options of a run."""

    jobs: int
    workers: int
    in_flight: int
    kill_every: float
    duplicate: float
    lease_seconds: float


@dataclass
class ReceivedEvents:
    """The events of the ends of jobs, as a subscriber of the events topic gets them."""

    slots: threading.Semaphore
    ids: Counter[str] = field(default_factory=Counter[str])
    jobs: set[str] = field(default_factory=set[str])
    last: float = field(default_factory=time.monotonic)

    def take(self, event: JobEvent) -> None:
        self.ids[event.id] += 1
        if event.data.job_id not in self.jobs:
            self.jobs.add(event.data.job_id)
            self.last = time.monotonic()
            self.slots.release()


def main() -> int:
    load = _arguments()
    print(describe(), flush=True)
    with (
        tempfile.TemporaryDirectory(prefix="plantain-load-") as directory,
        _start_stack(Path(directory), load) as stack,
    ):
        os.environ |= stack.environment
        settings = Settings.from_environment()
        received = ReceivedEvents(threading.Semaphore(load.in_flight))
        began = time.monotonic()
        with (
            _listening(settings, received),
            _counting(received, load.jobs),
            _killing(stack, load.kill_every) as kills,
        ):
            posted = _post_all(stack, load, received)
            _wait_for_ends(posted, received)
        seconds = time.monotonic() - began
        _wait_until_closed(settings)
        manifests, violations = check_results(settings, posted, received)
    _print_report(load, manifests, received, seconds, len(kills))
    for violation in violations:
        print("VIOLATION", violation)
    return 1 if violations else 0


def _arguments() -> LoadOptions:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--jobs", type=int, default=10_000)
    parser.add_argument("--workers", type=int, default=3)
    parser.add_argument("--in-flight", type=int, default=100, help="jobs accepted and not ended, at most")
    parser.add_argument("--kill-every", type=float, default=8.0, help="seconds between kills; 0: none")
    parser.add_argument("--duplicate", type=float, default=0.1, help="share of messages delivered twice")
    parser.add_argument("--lease-seconds", type=float, default=5.0)
    return LoadOptions(**vars(parser.parse_args()))


def _start_stack(directory: Path, load: LoadOptions) -> StackProcess:
    return StackProcess(
        directory,
        *("--model", "mock", "--workers", str(load.workers), "--no-exactly-once"),
        *("--fault", f"pubsub.duplicate={load.duplicate}"),
        environment={
            "PLANTAIN_LEASE_SECONDS": str(load.lease_seconds),
            "PLANTAIN_SWEEP_AFTER_SECONDS": "10",
            "PLANTAIN_MAX_ATTEMPTS": "20",
        },
        quiet=True,
    )


# The run.


def _post_all(stack: StackProcess, load: LoadOptions, received: ReceivedEvents) -> list[str]:
    """Posts every job and returns the ids; at most ``in_flight`` jobs are open at a time."""
    with stack.client() as plantain, ThreadPoolExecutor(POSTERS) as pool:
        futures = [pool.submit(_post_job, plantain, n, received) for n in range(load.jobs)]
        return [future.result() for future in futures]


def _post_job(plantain: PlantainClient, n: int, received: ReceivedEvents) -> str:
    while not received.slots.acquire(timeout=1):
        _check_moving(received)
    request = {"task": "generate", "prompt": f"boat number {n}", "size": "512", "model": "mock", "seed": n}
    return plantain.create(request)["id"]


def _wait_for_ends(posted: list[str], received: ReceivedEvents) -> None:
    while len(received.jobs) < len(posted):
        _check_moving(received)
        time.sleep(0.1)


def _check_moving(received: ReceivedEvents) -> None:
    if time.monotonic() - received.last > STALL_SECONDS:
        raise TimeoutError(f"No job has ended for {STALL_SECONDS} s; {len(received.jobs)} did before.")


@contextmanager
def _listening(settings: Settings, received: ReceivedEvents) -> Generator[None]:
    subscriber = pubsub_v1.SubscriberClient()
    lock = threading.Lock()

    def take(message: Message) -> None:
        with lock:
            received.take(JobEvent.parse(message.data))
        message.ack()

    future = subscriber.subscribe(settings.subscription_path(EVENTS_TAIL), take)
    try:
        yield
    finally:
        future.cancel()
        future.result()
        subscriber.close()


@contextmanager
def _counting(received: ReceivedEvents, jobs: int) -> Generator[None]:
    """Prints at regular intervals how many jobs have ended."""
    with _call_regularly(COUNT_SECONDS, lambda: print(f"{len(received.jobs)} of {jobs} ended", flush=True)):
        yield


@contextmanager
def _killing(stack: StackProcess, every: float) -> Generator[list[int]]:
    """Kills a ready worker every ``every`` seconds; yields the list of process ids that were killed."""
    killed: list[int] = []

    def kill() -> None:
        processes = httpx.get(stack.state["control"]).json()["processes"]
        ready = [each["pid"] for each in processes if each["name"].startswith("worker") and each["ready"]]
        if ready:
            chosen = random.choice(ready)
            with suppress(ProcessLookupError):
                os.kill(chosen, signal.SIGKILL)
                killed.append(chosen)

    with _call_regularly(every, kill) if every else nullcontext():
        yield killed


@contextmanager
def _call_regularly(seconds: float, act: Callable[[], None]) -> Generator[None]:
    stop = threading.Event()

    def run() -> None:
        while not stop.wait(seconds):
            act()

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def _wait_until_closed(settings: Settings) -> None:
    """Waits until no job is open: a manifest is written before the record and the marker."""
    jobs = Bucket(storage_client.storage_client(settings), settings.jobs_bucket)
    deadline = time.monotonic() + STALL_SECONDS
    while any(True for _ in jobs.list(paths.OPEN, limit=1)) and time.monotonic() < deadline:
        time.sleep(0.5)


# What must hold afterwards.


def check_results(
    settings: Settings, posted: list[str], received: ReceivedEvents
) -> tuple[list[Manifest], list[str]]:
    """Returns every job's manifest, and a line for each violation."""
    client = storage_client.storage_client(settings)
    results, jobs = Bucket(client, settings.results_bucket), Bucket(client, settings.jobs_bucket)
    names = {found.name for found in results.list("")}
    wanted = {paths.manifest(job) for job in posted}
    with ThreadPoolExecutor(READERS) as pool:
        found = list(pool.map(results.get, sorted(wanted & names)))
    manifests = [Manifest.parse(each.data) for each in found]
    pictures = {image.name for manifest in manifests for image in manifest.images}
    violations = [
        *_violation("jobs posted twice under one id", (job for job, n in Counter(posted).items() if n > 1)),
        *_violation("manifests missing", wanted - names),
        *_violation("pictures missing", pictures - names),
        *_violation("stray objects in the results bucket", names - wanted - pictures),
        *_violation("jobs that did not succeed", (m.job_id for m in manifests if m.state != "succeeded")),
        *_violation("jobs without exactly one picture", (m.job_id for m in manifests if len(m.images) != 1)),
        *_violation("events missing", {m.event_id for m in manifests} - received.ids.keys()),
        *_violation("events that belong to no job", received.ids.keys() - {m.event_id for m in manifests}),
        *_violation("open markers left", (found.name for found in jobs.list(paths.OPEN))),
        *_violation("checkpoints left", (found.name for found in jobs.list("checkpoints/"))),
    ]
    return manifests, violations


def _violation(what: str, names: Iterable[str]) -> list[str]:
    found = sorted(names)
    return [f"{len(found)} {what}: {', '.join(found[:3])} …"] if found else []


def _print_report(
    load: LoadOptions, manifests: list[Manifest], received: ReceivedEvents, seconds: float, kills: int
) -> None:
    waits = [(manifest.ended - manifest.origin.created).total_seconds() for manifest in manifests]
    attempts = Counter(manifest.origin.attempt for manifest in manifests)
    pictures = sum(len(manifest.images) for manifest in manifests)
    rows = [
        ("jobs", f"{load.jobs}"),
        ("messages delivered twice", f"{load.duplicate:.0%}"),
        ("workers, killed with SIGKILL", f"{load.workers}, {kills}×"),
        ("manifests", f"{len(manifests)}"),
        ("pictures", f"{pictures}"),
        ("distinct event ids", f"{len(received.ids)}"),
        ("jobs that needed more than one attempt", f"{len(manifests) - attempts[1]}"),
        ("time", f"{seconds:.1f} s"),
        ("jobs/s", f"{load.jobs / seconds:.1f}"),
    ]
    if waits:
        rows += [(f"accept to manifest, p{n}", f"{percentile(waits, n):.2f} s") for n in (50, 95)]
    print(table(("load", f"{load.in_flight} in flight"), rows))


if __name__ == "__main__":
    sys.exit(main())
