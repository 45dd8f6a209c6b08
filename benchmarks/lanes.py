"""``python -m benchmarks.lanes``: measures how much of the time the device draws, while several callers wait.

It runs jobs one after the other, and then jobs of several callers at once. The share is the time for which a
job alone keeps the device busy, of the time between two ends: 100 % is the model alone. The mock
engine takes a second for a picture. Networks enlarge its pictures on the CPU, unless ``--upscaler off`` is
given.

``--against TREE`` measures another checkout of Plantain in turns with this one. Make it with
``git worktree add TREE COMMIT``, and give it an environment, ``.venv``.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.figures import table
from benchmarks.machine import describe
from benchmarks.memory import find_processes, forget_peaks, peak_bytes, process_tree
from local.client.api_client import PlantainClient
from local.stack.stack_process import StackProcess

SIZES = ("512", "1K", "2K", "4K")
DEVICE = ("locate", "suggest", "sequence", "encode", "diffuse", "correct", "upscale")
HERE = Path(__file__).resolve().parent.parent
RUN_IN_TREE = (
    "import runpy, sys; _, tree, *sys.argv = sys.argv; sys.path.insert(0, tree); "
    "runpy.run_path(sys.argv[0], run_name='__main__')"
)

Figures = dict[str, float]
"""Of one size: seconds of a job alone, of the device in it, and between two ends of many; bytes of memory."""


def main() -> int:
    options = _options()
    if options.measure:
        print(json.dumps({size: _measure_size(options, size) for size in options.sizes}))
        return 0
    print(describe(), flush=True)
    trees = [HERE, *([options.against.resolve()] if options.against else [])]
    runs = [[_measure_in(tree) for tree in trees] for _ in range(options.runs)]
    rows = [
        (f"{size}, {commit_of(tree)}", *_cells([run[n][size] for run in runs]))
        for size in options.sizes
        for n, tree in enumerate(trees)
    ]
    callers = f"{options.callers} callers: between two ends"
    print(table((options.model, "a job alone", "its device", callers, "share", "peak memory"), rows))
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", default="mock")
    parser.add_argument("--seconds", type=float, default=1.0, help="that the mock engine takes for a picture")
    parser.add_argument("--sizes", nargs="+", choices=SIZES, default=("512", "1K", "2K"))
    parser.add_argument("--upscaler", help="PLANTAIN_UPSCALER")
    parser.add_argument("--callers", type=int, default=6)
    parser.add_argument("--jobs", type=int, default=20)
    parser.add_argument("--runs", type=int, default=1, help="the turns whose median is printed")
    parser.add_argument("--against", type=Path, metavar="TREE", help="another checkout")
    parser.add_argument("--measure", action="store_true", help="print this tree's figures as JSON")
    return parser.parse_args()


def _cells(found: Sequence[Figures]) -> tuple[str, ...]:
    alone, device, each, memory = (
        median(figures[name] for figures in found) for name in ("alone", "device", "each", "memory")
    )
    seconds = (f"{took:.2f} s" for took in (alone, device, each))
    return *seconds, f"{device / each:.0%}", f"{memory / 2**30:.2f} GiB"


def _measure_in(tree: Path) -> dict[str, Figures]:
    """Runs this file with the tree's packages and its environment."""
    python = str(tree / ".venv/bin/python")
    arguments = [str(tree), __file__, "--measure", *sys.argv[1:]]
    done = subprocess.run(
        [python, "-c", RUN_IN_TREE, *arguments], cwd=tree, stdout=subprocess.PIPE, text=True, check=True
    )
    return json.loads(done.stdout)


def _measure_size(options: argparse.Namespace, size: str) -> Figures:
    upscaler = {"PLANTAIN_UPSCALER": options.upscaler} if options.upscaler else {}
    with (
        tempfile.TemporaryDirectory(prefix="plantain-lanes-") as data,
        StackProcess(Path(data), "--model", options.model, environment=upscaler, quiet=True) as stack,
        stack.client() as plantain,
    ):
        request = _request(options, size)
        _run_job(plantain, request, 0)
        workers = find_processes(stack, lambda name: name.startswith("worker"))
        forget_peaks(workers)
        alone = [_run_job(plantain, request, n) for n in range(3)]
        with ThreadPoolExecutor(options.callers) as callers:
            jobs = [callers.submit(_run_job, plantain, request, 3 + n) for n in range(options.jobs)]
            ends = sorted(_moment_of_end(job.result()[1]) for job in jobs)
        return {
            "alone": median(seconds for seconds, _ in alone),
            "device": median(_device_seconds(manifest) for _, manifest in alone),
            "each": (ends[-1] - ends[0]) / (options.jobs - 1),
            "memory": sum(peak_bytes(process_tree(workers))),
        }


def _request(options: argparse.Namespace, size: str) -> dict[str, Any]:
    request: dict[str, Any] = {
        "task": "generate",
        "prompt": "a red boat on the sea",
        "size": size,
        "model": options.model,
        "correction": {"attempts": 1},
    }
    return request | ({"labels": {"mock.seconds": str(options.seconds)}} if options.model == "mock" else {})


def _run_job(plantain: PlantainClient, request: dict[str, Any], seed: int) -> tuple[float, dict[str, Any]]:
    """Returns the seconds from the POST to the manifest, and the manifest."""
    began = time.perf_counter()
    job = plantain.create(request | {"seed": seed})
    plantain.wait(job["id"])
    seconds = time.perf_counter() - began
    return seconds, plantain.manifest(job["id"])


def _moment_of_end(manifest: dict[str, Any]) -> float:
    return datetime.fromisoformat(manifest["ended"]).timestamp()


def _device_seconds(manifest: dict[str, Any]) -> float:
    return sum(stage["seconds"] for stage in manifest["stages"] if stage["name"] in DEVICE)


def commit_of(tree: Path) -> str:
    command = ["git", "-C", str(tree), "describe", "--always", "--dirty"]
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip() or tree.name


if __name__ == "__main__":
    sys.exit(main())
