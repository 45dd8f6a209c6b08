"""``python -m benchmarks.memory``: the peak memory of door and worker at pictures small only as files.

The door is sent a PNG of 64 million pixels in 0.3 MB, 1, 4 and 16 times at once and as often as Terraform
lets one instance take requests; the worker a job of 1 MB with four references of 8000×8000, 1, 4 and 16
times. The processes are the laptop's, with the budgets that they have in the cloud. Exit status 1 when a
peak passes what Terraform gives, or a request is answered otherwise than taken or told to come again.
"""

from __future__ import annotations

import argparse
import base64
import re
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import psutil
from PIL import Image

from benchmarks.figures import table
from benchmarks.machine import describe
from functions.contract.pictures.memory_budget import intake_memory_bytes
from functions.contract.states import State
from local.stack.stack_process import StackProcess

ROOT = Path(__file__).parents[1]
GIB, MIB = 1 << 30, 1 << 20
SIDE = 8000  # pixels
TIMES = (1, 4, 16)
MODELS = 2 * GIB  # what the worker's two processes take before the first job, at the most
SHARE = 0.7  # of the rest, as worker/runtime/memory_budgets.py takes
PATIENCE = 1_800  # seconds that jobs may take in all


@dataclass(frozen=True)
class Limits:
    """What Terraform gives: bytes to `api` and a worker without a GPU, and the requests that `api` takes."""

    door: int
    concurrency: int
    worker: int

    @classmethod
    def read(cls) -> Limits:
        functions = (ROOT / "terraform/functions.tf").read_text("utf-8")
        worker = (ROOT / "terraform/worker.tf").read_text("utf-8")
        api = functions[functions.index("api = {") :]
        memory = re.search(r'memory\s*=\s*"(\d+)(Gi|Mi)"', api)
        at_once = re.search(r"concurrency\s*=\s*(\d+)", api)
        without_gpu = re.search(r"none\s*=\s*\{[^}]*memory\s*=\s*(\d+)", worker)
        assert memory and at_once and without_gpu
        return cls(
            int(memory[1]) * (GIB if memory[2] == "Gi" else MIB), int(at_once[1]), int(without_gpu[1]) * GIB
        )


@dataclass(frozen=True)
class Row:
    """One line of the result."""

    who: str
    times: int
    peak: int
    limit: int
    parts: str = ""

    @property
    def is_within(self) -> bool:
        return self.peak <= self.limit


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--door-only", action="store_true")
    asked = parser.parse_args()
    print(describe(), flush=True)
    limits = Limits.read()
    rows, wrong = measure_door(limits)
    if not asked.door_only:
        further, faults = measure_worker(limits)
        rows, wrong = rows + further, wrong + faults
    head = ("process", "at once", "peak MiB", "limit MiB", "", "of which")
    print(table(head, [_line(row) for row in rows]))
    for fault in wrong:
        print("VIOLATION", fault)
    return 1 if wrong or not all(row.is_within for row in rows) else 0


def _line(row: Row) -> tuple[str, ...]:
    within = "within" if row.is_within else "PASSED"
    return row.who, str(row.times), str(row.peak // MIB), str(row.limit // MIB), within, row.parts


def measure_door(limits: Limits) -> tuple[list[Row], list[str]]:
    """Dry runs: they are checked like any request, and leave the worker alone."""
    request = edit_of(1) | {"dry_run": True}
    rows: list[Row] = []
    wrong: list[str] = []
    with stack(intake_memory_bytes(limits.door)) as running:
        processes = named(running, lambda name: name == "functions-api")
        for times in (*TIMES, limits.concurrency):
            forget_peaks(processes)
            codes = post_all(running, request, times)
            wrong += [f"door: {code} for a good picture" for code in codes if code not in (200, 503)]
            if codes.count(200) == 0:
                wrong.append("door: nothing was taken")
            busy = codes.count(503)
            peak = sum(peaks(family(processes)))
            rows.append(Row("door", times, peak, limits.door, f"{busy} told to come again"))
    return rows, wrong


def measure_worker(limits: Limits) -> tuple[list[Row], list[str]]:
    """Jobs with a small picture to change and four references of the largest size."""
    rows: list[Row] = []
    wrong: list[str] = []
    with stack(int((limits.worker - MODELS) * SHARE)) as running, running.client() as plantain:
        parents = named(running, lambda name: name.startswith("worker"))
        for times in TIMES:
            forget_peaks(parents)
            jobs = [plantain.create(edit_of(4, first=512))["id"] for _ in range(times)]
            wrong += [f"worker: {how}" for how in ended(plantain, jobs) if how != State.SUCCEEDED]
            found = sorted(peaks(family(parents)), reverse=True)
            told = f"parent and engine: {', '.join(str(each // MIB) for each in found[:2])}"
            rows.append(Row("worker", times, sum(found), limits.worker, told))
    return rows, wrong


def edit_of(references: int, *, first: int | None = None) -> dict[str, Any]:
    """An edit with so many pictures of 8000×8000; ``first`` is the side of a smaller one before them."""
    large = Image.new("P", (SIDE, SIDE))
    large.putpalette([40, 90, 160] * 256)
    large.paste(1, (1000, 1000, 5000, 3000))
    out = BytesIO()
    large.convert("RGB").save(out, "PNG", compress_level=9)
    images = [inline(out.getvalue())] * references
    if first is not None:
        small = BytesIO()
        Image.fromarray(np.full((first, first, 3), 90, np.uint8)).save(small, "PNG")
        images = [inline(small.getvalue()), *images]
    return {"task": "edit", "prompt": "make it snow", "model": "mock", "images": images}


def inline(data: bytes) -> dict[str, str]:
    return {"data": base64.b64encode(data).decode()}


def stack(memory: int) -> StackProcess:
    return StackProcess(
        Path(tempfile.mkdtemp(prefix="plantain-memory-")),
        *("--model", "mock"),
        environment={"PLANTAIN_MEMORY_BYTES": str(memory)},
        quiet=True,
    )


def post_all(running: StackProcess, request: dict[str, Any], times: int) -> list[int]:
    """The status of each answer to ``times`` requests at once."""
    with (
        httpx.Client(base_url=running.state["api"], timeout=600) as client,
        ThreadPoolExecutor(times) as pool,
    ):
        answers = [pool.submit(client.post, "/v1/jobs", json=request) for _ in range(times)]
        return [answer.result().status_code for answer in answers]


def ended(plantain: Any, jobs: Iterable[str]) -> list[str]:
    """How each job ended; a code where it failed."""
    until, told = time.monotonic() + PATIENCE, list[str]()
    for job_id in jobs:
        while not State((job := plantain.job(job_id))["state"]).is_terminal and time.monotonic() < until:
            time.sleep(0.5)
        told.append(job["state"] if not job.get("error") else job["error"]["code"])
    return told


# Processes.


def named(running: StackProcess, wanted: Callable[[str], bool]) -> list[psutil.Process]:
    return [psutil.Process(each["pid"]) for each in running.state["processes"] if wanted(each["name"])]


def below(processes: Sequence[psutil.Process]) -> list[psutil.Process]:
    return [child for process in processes for child in process.children(recursive=True)]


def family(processes: Sequence[psutil.Process]) -> list[psutil.Process]:
    return [*processes, *below(processes)]


def forget_peaks(processes: Sequence[psutil.Process]) -> None:
    """Linux counts the peak anew: man 5 proc, clear_refs."""
    for process in family(processes):
        Path(f"/proc/{process.pid}/clear_refs").write_text("5")


def peaks(processes: Sequence[psutil.Process]) -> list[int]:
    """The most that each process has had in memory, in bytes."""
    found: list[int] = []
    for process in processes:
        lines = Path(f"/proc/{process.pid}/status").read_text().splitlines()
        found.append(next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM")))
    return found


if __name__ == "__main__":
    sys.exit(main())
