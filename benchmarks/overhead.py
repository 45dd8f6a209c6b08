"""``python -m benchmarks.overhead``: measures the time of a job outside its stages: HTTP, queue, storage,
commits.

It runs jobs of 512 pixels, one after the other, on a warm stack with the mock engine. Every time is of this
machine's clock: when the POST is sent, when the first stage begins and the last one ends (from the manifest),
and when the manifest was stored (from the bucket).
"""

from __future__ import annotations

import argparse
import os
import tempfile
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.figures import percentile, table
from benchmarks.machine import describe
from functions.contract import paths
from functions.contract.manifest import Manifest
from functions.contract.settings import Settings
from functions.contract.storage import storage_client
from functions.contract.storage.bucket import Bucket
from local.client.api_client import PlantainClient
from local.stack.stack_process import StackProcess

START_MS, COMMIT_MS = 15, 10  # the targets, on a machine that does nothing else
WARM_UP = 5  # jobs that are not counted


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--jobs", type=int, default=200)
    jobs = parser.parse_args().jobs
    print(describe(), flush=True)
    with (
        tempfile.TemporaryDirectory(prefix="plantain-overhead-") as directory,
        StackProcess(Path(directory), "--model", "mock", quiet=True) as stack,
        stack.client() as plantain,
    ):
        os.environ |= stack.environment
        settings = Settings.from_environment()
        results = Bucket(storage_client.storage_client(settings), settings.results_bucket)
        measured = [measure_job(plantain, results, n) for n in range(WARM_UP + jobs)][WARM_UP:]
    _report(measured)


def measure_job(plantain: PlantainClient, results: Bucket, n: int) -> tuple[float, float, float]:
    """Returns milliseconds from the POST to its answer and to the first stage, and from the last
    stage to the manifest.
    """
    posted = datetime.now(UTC)
    job = plantain.create({"task": "generate", "prompt": f"boat number {n}", "size": "512", "seed": n})
    answered = datetime.now(UTC)
    plantain.wait(job["id"])
    name = paths.manifest(job["id"])
    manifest = Manifest.parse(results.get(name).data)
    stored = results.stat(name).created
    return (
        _ms(posted, answered),
        _ms(posted, manifest.timings["first_stage"]),
        _ms(manifest.timings["last_stage"], stored),
    )


def _ms(start: datetime, end: datetime) -> float:
    return (end - start).total_seconds() * 1_000


def _report(measured: Sequence[tuple[float, float, float]]) -> None:
    answers, starts, commits = zip(*measured, strict=True)
    parts = (
        ("POST to its answer", answers, "–"),
        ("POST to the first stage", starts, f"≤ {START_MS} ms"),
        ("last stage to the manifest", commits, f"≤ {COMMIT_MS} ms"),
    )
    rows = [
        (name, f"{percentile(values, 50):.1f} ms", f"{percentile(values, 95):.1f} ms", target)
        for name, values, target in parts
    ]
    print(table((f"overhead, {len(measured)} jobs", "p50", "p95", "p50 target"), rows))


if __name__ == "__main__":
    main()
