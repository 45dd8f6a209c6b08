"""``python -m benchmarks.operations``: what a job costs in operations of Cloud Storage and Pub/Sub.

It runs the laptop's stack with the mock engine, whose servers count what the cloud would bill. It makes a job
of each task a few times and prints the least that one has cost: the sweep comes in between, and a job that
takes long writes its progress. The caller does not ask for the job's state meanwhile: each such call is one
operation of class B more.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections import Counter
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx
from google.api_core.exceptions import DeadlineExceeded
from google.cloud import pubsub_v1

from benchmarks.figures import table
from benchmarks.machine import describe
from functions.contract.message import JobEvent
from functions.contract.settings import Settings
from local.client.api_client import PlantainClient
from local.stack.stack_process import StackProcess
from local.storage.operations import CLASSES, OperationClass
from local.topology import EVENTS_TAIL

MILLION = 1_000_000
PRICES: dict[OperationClass, float] = {"A": 5.0, "B": 0.4, "free": 0.0}
"""Dollars of a million operations on a regional bucket of the class Standard (2026-11)."""
MESSAGE_DOLLARS = 40 / 2**40 * 1000 * MILLION
"""Dollars of a million messages, published or delivered: 40 $ a TiB, and each counts as 1,000 bytes."""

Json = dict[str, Any]


class OperationMeter:
    """Counts what jobs cost on a running stack.

    Args:
        control: the address of the stack's control endpoint.
        settings: the stack's settings; Google's clients of this process find its emulators.
    """

    def __init__(self, control: str, settings: Settings) -> None:
        self._control = control
        self._subscription = settings.subscription_path(EVENTS_TAIL)
        self._subscriber = pubsub_v1.SubscriberClient()

    def read(self) -> Counter[str]:
        """Returns the operations of all jobs since the stack's start, by their names."""
        counted = httpx.get(f"{self._control}/operations").raise_for_status().json()
        return Counter({**counted["storage"], **counted["pubsub"]})

    def cost_of(self, plantain: PlantainClient, request: Json) -> tuple[Counter[str], str]:
        """Makes one job. Returns what was counted until its event, which is the last step, and its id."""
        before = self.read()
        job_id = str(plantain.create(request)["id"])
        while job_id not in self._ended_jobs():
            pass  # each look waits for messages itself
        return self.read() - before, job_id

    def _ended_jobs(self) -> set[str]:
        """Returns the jobs whose events have come since the last look; waits for the first of them."""
        with suppress(DeadlineExceeded):
            found = self._subscriber.pull(
                subscription=self._subscription, max_messages=100, timeout=10
            ).received_messages
            if found:
                acks = [message.ack_id for message in found]
                self._subscriber.acknowledge(subscription=self._subscription, ack_ids=acks)
            return {JobEvent.model_validate_json(message.message.data).data.job_id for message in found}
        return set()


def billed(counted: Mapping[str, int]) -> Counter[str]:
    """Returns the counts by what the bill calls them: ``A``, ``B``, ``free``, and ``messages``."""
    found: Counter[str] = Counter()
    for name, count in counted.items():
        found["messages" if name.startswith("messages.") else CLASSES[name]] += count
    return found


def dollars(bill: Mapping[str, int]) -> float:
    """Returns the dollars of a million jobs that each cost as ``billed`` says."""
    operations = sum(price * bill.get(name, 0) for name, price in PRICES.items())
    return operations + MESSAGE_DOLLARS * bill.get("messages", 0)


def main() -> int:
    arguments = _arguments()
    print(describe(), flush=True)
    with (
        tempfile.TemporaryDirectory(prefix="plantain-operations-") as directory,
        StackProcess(Path(directory), "--model", "mock", quiet=True) as stack,
    ):
        os.environ |= stack.environment  # Google's clients read it
        meter = OperationMeter(stack.state["control"], Settings.from_environment())
        with stack.client() as plantain:
            _print_costs(meter, plantain, arguments.rounds)
    return 0


def _print_costs(meter: OperationMeter, plantain: PlantainClient, rounds: int) -> None:
    _, made = meter.cost_of(plantain, {"task": "generate", "prompt": "a red boat", "size": "512"})
    rows: list[tuple[str, ...]] = []
    for name, request in tasks(plantain.job(made)["images"][0]["uri"]).items():
        bill = least([billed(meter.cost_of(plantain, request)[0]) for _ in range(rounds)])
        counts = (str(bill[each]) for each in ("A", "B", "free", "messages"))
        rows.append((name, *counts, f"{dollars(bill):.0f} $"))
    head = ("task", "class A", "class B", "free", "messages", "a million jobs")
    print(table(head, rows), flush=True)


def least(found: list[Counter[str]]) -> Counter[str]:
    """Returns the least count of each kind: what else the stack did is in some of them only."""
    return Counter({name: min(each[name] for each in found) for name in set().union(*found)})


def tasks(picture: str) -> dict[str, Json]:
    """Returns a request of each task; ``picture`` is the URI of one of 512 pixels."""
    image = {"images": [{"uri": picture}]}
    return {
        "generate": {"task": "generate", "prompt": "a red boat", "size": "512"},
        "generate, 4 pictures": {"task": "generate", "prompt": "a red boat", "size": "512", "count": 4},
        "edit": {"task": "edit", "prompt": "make it blue", **image},
        "outpaint": {
            "task": "outpaint",
            "prompt": "a wide sea",
            "aspect_ratio": "16:9",
            "size": "512",
            **image,
        },
        "upscale": {"task": "upscale", "size": "1K", **image},
        "verify": {"task": "verify", **image},
    }


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=4, help="jobs of each task")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
