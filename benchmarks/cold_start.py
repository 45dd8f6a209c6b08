"""``python -m benchmarks.cold_start``: measures a worker's start in parts, until it takes jobs.

It runs the laptop's stack without a worker, and starts workers beside it: with the model that comes with
Plantain, and with a larger checkpoint that is downloaded from the stack's Cloud Storage. The larger one is
the same model with a longer vocabulary, filled with random weights: it draws as fast, and has ``--gigabytes``
to download. Each start has an empty cache. The processor's seconds are those of all the worker's processes,
and change least on a busy machine.

``--against TREE`` measures another checkout of Plantain in turns with this one. Make it with
``git worktree add TREE COMMIT``, and give it an environment, ``.venv``. A commit that does not measure the
parts has empty columns.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

import psutil

from benchmarks.figures import table
from benchmarks.lanes import commit_of
from benchmarks.machine import describe
from benchmarks.memory import process_tree
from functions.contract.worker_facts import ColdStartFacts
from local.stack.stack_process import StackProcess

HERE = Path(__file__).resolve().parent.parent
PARTS = tuple(name.removesuffix("_ms") for name in ColdStartFacts.model_fields)
PATIENCE = 1_200  # seconds for one start
STARTER, LARGE = "starter", "large"
BUCKET, PREFIX = "plantain-models", "large"


@dataclass(frozen=True)
class Start:
    """One worker's start: seconds by the clock, of the processors, and of each part that it told."""

    seconds: float
    processors: float
    parts: dict[str, float]


def main() -> int:
    options = _options()
    print(describe(), flush=True)
    trees = [HERE, *([options.against.resolve()] if options.against else [])]
    with (
        tempfile.TemporaryDirectory(prefix="plantain-cold-start-") as scratch,
        StackProcess(Path(scratch, "stack"), "--workers", "0", quiet=True) as stack,
    ):
        if LARGE in options.models:
            size = _upload_large_model(stack.environment, Path(scratch, "large"), options.gigabytes)
            print(f"large     {size / 1e9:.2f} GB in {BUCKET}", flush=True)
        runs = [
            [[_start_worker(tree, model, stack, Path(scratch)) for tree in trees] for model in options.models]
            for _ in range(options.runs)
        ]
    rows = [
        (f"{model}, {commit_of(tree)}", *_cells([run[m][t] for run in runs]))
        for m, model in enumerate(options.models)
        for t, tree in enumerate(trees)
    ]
    print(table(("seconds of a start", "in all", "processors", *PARTS), rows))
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--models", nargs="+", choices=(STARTER, LARGE), default=(STARTER, LARGE))
    parser.add_argument("--gigabytes", type=float, default=2.0, help="of the larger checkpoint")
    parser.add_argument("--runs", type=int, default=3, help="the turns whose median is printed")
    parser.add_argument("--against", type=Path, metavar="TREE", help="another checkout")
    return parser.parse_args()


def _cells(starts: Sequence[Start]) -> tuple[str, ...]:
    def shown(values: list[float]) -> str:
        return f"{median(values):.1f}" if len(values) == len(starts) else ""

    parts = (shown([start.parts[part] for start in starts if part in start.parts]) for part in PARTS)
    return shown([start.seconds for start in starts]), shown([start.processors for start in starts]), *parts


def _start_worker(tree: Path, model: str, stack: StackProcess, scratch: Path) -> Start:
    """Starts a worker of the tree with an empty folder, and ends it when it takes jobs."""
    with tempfile.TemporaryDirectory(dir=scratch) as data:
        ready = Path(data, "ready")
        models = {STARTER: "worker/embedded_model", LARGE: f"gs://{BUCKET}/{PREFIX}"}
        environment = {
            **os.environ,
            **stack.environment,
            "PLANTAIN_DATA": data,
            "PLANTAIN_READY_FILE": str(ready),
            "PLANTAIN_MODELS": json.dumps(models),
            "PLANTAIN_DEFAULT_MODEL": model,
            "PLANTAIN_HANG_SECONDS": str(PATIENCE),
        }
        began = time.monotonic()
        with Path(data, "log").open("w+b") as log:
            worker = subprocess.Popen(
                [str(tree / ".venv/bin/python"), "-m", "worker"], cwd=tree, env=environment, stderr=log
            )
            try:
                while not (ready.exists() and ready.stat().st_size):
                    if worker.poll() is not None or time.monotonic() - began > PATIENCE:
                        raise SystemExit(f"the worker does not start: {_end_of(Path(data, 'log'))}")
                    time.sleep(0.01)
                seconds = time.monotonic() - began
                processes = process_tree([psutil.Process(worker.pid)])
                processors = sum(sum(each.cpu_times()[:2]) for each in processes)
            finally:
                worker.terminate()
                worker.wait()
            log.seek(0)
            said = _ready_line(log.read().decode())
    parts = {part: said[f"{part}_ms"] / 1e3 for part in PARTS if f"{part}_ms" in said}
    print(
        f"started   {model}, {commit_of(tree)}: {seconds:.1f} s, {processors:.1f} s of processors", flush=True
    )
    return Start(seconds, processors, parts)


def _end_of(log: Path) -> str:
    return log.read_text()[-2_000:]


def _ready_line(log: str) -> dict[str, Any]:
    lines = (json.loads(line) for line in log.splitlines() if line.startswith("{"))
    return next((line for line in lines if line.get("message") == "worker.ready"), {})


def _upload_large_model(environment: dict[str, str], folder: Path, gigabytes: float) -> int:
    """Returns the bytes of the larger checkpoint, which another process makes, and stores it."""
    making = [sys.executable, "-c", _MAKE_LARGE_MODEL, str(folder), str(gigabytes)]
    subprocess.run(making, cwd=HERE, check=True, stderr=subprocess.DEVNULL)
    os.environ |= environment
    from google.cloud.storage import Client

    bucket = Client(project="plantain-local").create_bucket(BUCKET)
    files = [path for path in folder.rglob("*") if path.is_file()]
    for path in files:
        bucket.blob(f"{PREFIX}/{path.relative_to(folder).as_posix()}").upload_from_filename(str(path))
    return sum(path.stat().st_size for path in files)


_MAKE_LARGE_MODEL = """
import shutil, sys
import torch
from diffusers import Flux2KleinPipeline

folder, gigabytes = sys.argv[1], float(sys.argv[2])
pipeline = Flux2KleinPipeline.from_pretrained("worker/embedded_model", local_files_only=True)
encoder = pipeline.text_encoder.float()
rows, columns = encoder.get_input_embeddings().weight.shape
encoder.resize_token_embeddings(rows + int(gigabytes * 1e9 / 4 / columns), mean_resizing=False)
torch.nn.init.normal_(encoder.get_input_embeddings().weight[rows:], std=0.02)
pipeline.save_pretrained(folder, max_shard_size="256MB")
shutil.copy("worker/embedded_model/plantain.json", folder)
"""


if __name__ == "__main__":
    sys.exit(main())
