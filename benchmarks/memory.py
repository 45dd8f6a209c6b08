"""``python -m benchmarks.memory``: measures the peak memory of API and worker for large pictures in small
files.

The API gets a PNG of 64 million pixels in 0.3 MB, 1, 4 and 16 times at once and as often as Terraform lets
one instance take requests. The worker gets a job of 1 MB with four references of 8000×8000, 1, 4 and 16
times. The processes are the laptop's, with the memory budgets of the cloud. Exit status 1 when a peak is
above Terraform's limit, or a request is neither accepted nor answered with 503.
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
MODELS = 2 * GIB  # what the worker's three processes take before the first job, at the most
SHARE = 0.7  # of the rest, as worker/runtime/memory_budgets.py takes
PATIENCE = 1_800  # seconds that jobs may take in all


@dataclass(frozen=True)
class TerraformLimits:
    """Terraform's limits: bytes for `api` and for a worker without a GPU, and the concurrency of `api`."""

    door: int
    concurrency: int
    worker: int

    @classmethod
    def read(cls) -> TerraformLimits:
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
class MemoryRow:
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
    options = parser.parse_args()
    print(describe(), flush=True)
    limits = TerraformLimits.read()
    rows, wrong = measure_door(limits)
    if not options.door_only:
        further, faults = measure_worker(limits)
        rows, wrong = rows + further, wrong + faults
    head = ("process", "at once", "peak MiB", "limit MiB", "", "of which")
    print(table(head, [_line(row) for row in rows]))
    for fault in wrong:
        print("VIOLATION", fault)
    return 1 if wrong or not all(row.is_within for row in rows) else 0


def _line(row: MemoryRow) -> tuple[str, ...]:
    within = "within" if row.is_within else "PASSED"
    return row.who, str(row.times), str(row.peak // MIB), str(row.limit // MIB), within, row.parts


def measure_door(limits: TerraformLimits) -> tuple[list[MemoryRow], list[str]]:
    """Sends dry runs, which are checked like any request and do not reach the worker."""
    request = edit_request(1) | {"dry_run": True}
    rows: list[MemoryRow] = []
    wrong: list[str] = []
    with start_stack(intake_memory_bytes(limits.door)) as running:
        processes = find_processes(running, lambda name: name == "functions-api")
        for times in (*TIMES, limits.concurrency):
            forget_peaks(processes)
            codes = post_all(running, request, times)
            wrong += [f"API: {code} for a good picture" for code in codes if code not in (200, 503)]
            if codes.count(200) == 0:
                wrong.append("API: nothing was taken")
            busy = codes.count(503)
            peak = sum(peak_bytes(process_tree(processes)))
            rows.append(MemoryRow("API", times, peak, limits.door, f"{busy} refused with 503"))
    return rows, wrong


def measure_worker(limits: TerraformLimits) -> tuple[list[MemoryRow], list[str]]:
    """Runs edits of a small picture with four references of the largest size."""
    rows: list[MemoryRow] = []
    wrong: list[str] = []
    with start_stack(int((limits.worker - MODELS) * SHARE)) as running, running.client() as plantain:
        parents = find_processes(running, lambda name: name.startswith("worker"))
        for times in TIMES:
            forget_peaks(parents)
            jobs = [plantain.create(edit_request(4, first=512))["id"] for _ in range(times)]
            wrong += [f"worker: {how}" for how in wait_for_ends(plantain, jobs) if how != State.SUCCEEDED]
            found = sorted(peak_bytes(process_tree(parents)), reverse=True)
            details = f"its processes: {', '.join(str(each // MIB) for each in found[:3])}"
            rows.append(MemoryRow("worker", times, sum(found), limits.worker, details))
    return rows, wrong


def edit_request(references: int, *, first: int | None = None) -> dict[str, Any]:
    """Returns an edit with so many pictures of 8000×8000; ``first`` is the side of a smaller one
    before them.
    """
    large = Image.new("P", (SIDE, SIDE))
    large.putpalette([40, 90, 160] * 256)
    large.paste(1, (1000, 1000, 5000, 3000))
    out = BytesIO()
    large.convert("RGB").save(out, "PNG", compress_level=9)
    images = [inline_image(out.getvalue())] * references
    if first is not None:
        small = BytesIO()
        Image.fromarray(np.full((first, first, 3), 90, np.uint8)).save(small, "PNG")
        images = [inline_image(small.getvalue()), *images]
    return {"task": "edit", "prompt": "make it snow", "model": "mock", "images": images}


def inline_image(data: bytes) -> dict[str, str]:
    return {"data": base64.b64encode(data).decode()}


def start_stack(memory: int) -> StackProcess:
    return StackProcess(
        Path(tempfile.mkdtemp(prefix="plantain-memory-")),
        *("--model", "mock"),
        environment={"PLANTAIN_MEMORY_BYTES": str(memory)},
        quiet=True,
    )


def post_all(running: StackProcess, request: dict[str, Any], times: int) -> list[int]:
    """Sends ``times`` requests at once and returns the status of each answer."""
    with (
        httpx.Client(base_url=running.state["api"], timeout=600) as client,
        ThreadPoolExecutor(times) as pool,
    ):
        answers = [pool.submit(client.post, "/v1/jobs", json=request) for _ in range(times)]
        return [answer.result().status_code for answer in answers]


def wait_for_ends(plantain: Any, jobs: Iterable[str]) -> list[str]:
    """Returns the state in which each job ended, or its error code."""
    until, ends = time.monotonic() + PATIENCE, list[str]()
    for job_id in jobs:
        while not State((job := plantain.job(job_id))["state"]).is_terminal and time.monotonic() < until:
            time.sleep(0.5)
        ends.append(job["state"] if not job.get("error") else job["error"]["code"])
    return ends


# Processes.


def find_processes(running: StackProcess, wanted: Callable[[str], bool]) -> list[psutil.Process]:
    return [psutil.Process(each["pid"]) for each in running.state["processes"] if wanted(each["name"])]


def list_children(processes: Sequence[psutil.Process]) -> list[psutil.Process]:
    return [child for process in processes for child in process.children(recursive=True)]


def process_tree(processes: Sequence[psutil.Process]) -> list[psutil.Process]:
    return [*processes, *list_children(processes)]


def forget_peaks(processes: Sequence[psutil.Process]) -> None:
    """Resets the peak that Linux records: man 5 proc, clear_refs."""
    for process in process_tree(processes):
        Path(f"/proc/{process.pid}/clear_refs").write_text("5")


def peak_bytes(processes: Sequence[psutil.Process]) -> list[int]:
    """Returns the peak memory of each process in bytes."""
    found: list[int] = []
    for process in processes:
        lines = Path(f"/proc/{process.pid}/status").read_text().splitlines()
        found.append(next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM")))
    return found


if __name__ == "__main__":
    sys.exit(main())
