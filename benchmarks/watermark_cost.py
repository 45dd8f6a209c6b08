"""``python -m benchmarks.watermark_cost``: the processor time of a mark and its proofs, on one core.

``--against TREE`` measures another checkout of Plantain in turns with this one, and prints its figures
beside them. Make it with ``git worktree add TREE COMMIT``.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median

import cv2
import numpy as np

from benchmarks.figures import table
from benchmarks.machine import describe
from benchmarks.watermarking.pictures import photograph
from benchmarks.watermarking.recovery import KEY
from worker.pictures.pixel_levels import levels_to_floats, quantize
from worker.watermark import Watermarker

# Milliseconds of embedding and proofs together, by the side in pixels.
TARGETS = {512: 80, 2048: 150, 4096: 400}
PICTURES = ("astronaut.png", "coffee.png")
HERE = Path(__file__).resolve().parent.parent

RUN_IN_TREE = (
    "import runpy, sys; _, tree, *sys.argv = sys.argv; sys.path.insert(0, tree); "
    "runpy.run_path(sys.argv[0], run_name='__main__')"
)

# Milliseconds, by what was done.
Costs = dict[str, float]


def main() -> int:
    arguments = _arguments()
    if arguments.measure:
        print(json.dumps(_measure(arguments.sides)))
        return 0
    print(describe(), "\n", flush=True)
    trees = [HERE, *([arguments.against] if arguments.against else [])]
    runs: list[list[Costs]] = [
        [_measure_in(tree, arguments.sides) for tree in trees] for _ in range(arguments.runs)
    ]
    middle = [{name: median(run[n][name] for run in runs) for name in runs[0][n]} for n in range(len(trees))]
    rows = [(name, *(f"{costs[name]:.0f} ms" for costs in middle), _target_of(name)) for name in middle[0]]
    print(table(("one core, processor time", *(_commit_of(tree) for tree in trees), "target"), rows))
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--against", type=Path, metavar="TREE", help="another checkout")
    parser.add_argument("--sides", type=int, nargs="+", choices=TARGETS, default=tuple(TARGETS))
    parser.add_argument("--runs", type=int, default=3, help="the turns whose median is printed")
    parser.add_argument("--measure", action="store_true", help="print this tree's figures as JSON")
    return parser.parse_args()


def _measure_in(tree: Path, sides: Sequence[int]) -> Costs:
    """Runs this file in a process of one thread, with the tree's watermark."""
    environment = os.environ | {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    command = [
        sys.executable,
        "-c",
        RUN_IN_TREE,
        str(tree),
        __file__,
        "--measure",
        "--sides",
        *map(str, sides),
    ]
    done = subprocess.run(command, env=environment, cwd=tree, stdout=subprocess.PIPE, text=True, check=True)
    return json.loads(done.stdout)


def _measure(sides: Sequence[int]) -> Costs:
    cv2.setNumThreads(1)
    marker, costs = Watermarker(KEY, 1), Costs()
    for name in PICTURES:
        for side in sides:
            size = (side, side)
            levels = cv2.resize(photograph(name), size, interpolation=cv2.INTER_CUBIC)
            rgb = levels_to_floats(np.asarray(levels, np.uint8))
            marked = levels_to_floats(quantize(marker.embed(rgb, 1), 8))
            label = f"{name.partition('.')[0]}, {side}²"
            costs[f"embed, {label}"] = embed = _milliseconds(lambda rgb=rgb: marker.embed(rgb, 1))
            costs[f"proofs, {label}"] = proofs = _milliseconds(lambda rgb=marked: marker.read_back(rgb, 1))
            costs[f"both, {label}"] = embed + proofs
            costs[f"mark in all, {label}"] = _milliseconds(lambda rgb=rgb: marker.mark(rgb, 1), 1)
    return costs


def _milliseconds(act: Callable[[], object], runs: int = 3) -> float:
    act()
    times: list[float] = []
    for _ in range(runs):
        began = time.process_time()
        act()
        times.append(time.process_time() - began)
    return median(times) * 1_000


def _target_of(name: str) -> str:
    targets = (f"{most} ms" for side, most in TARGETS.items() if f"{side}²" in name)
    return next(targets) if name.startswith("both") else "–"


def _commit_of(tree: Path) -> str:
    command = ["git", "-C", str(tree), "rev-parse", "--short", "HEAD"]
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip() or tree.name


if __name__ == "__main__":
    sys.exit(main())
