"""``python -m benchmarks.compiling``: what compiled blocks gain on a CPU, and what they change.

The embedded model draws with and without compiled blocks, in turns, on one processor. The compilation's own
time is that of an empty cache and that of a full one.
"""

from __future__ import annotations

import argparse
import multiprocessing
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

import numpy as np
import torch

from benchmarks.figures import table
from benchmarks.machine import describe
from worker.engines.diffusion import DiffusersEngine
from worker.engines.diffusion.acceleration.compiled_blocks import Compilation
from worker.engines.protocol import Brief, Picture
from worker.settings import EMBEDDED_MODEL

_RUNS = 5
_BRIEF = Brief(prompt="a red boat on the sea at night", width=512, height=512)

Figures = tuple[float, float, Picture]
"""Processor seconds of the warm-up and of a drawing, and the picture."""


def main() -> int:
    argparse.ArgumentParser(prog="python -m benchmarks.compiling", description=__doc__).parse_args()
    print(describe(), flush=True)
    with tempfile.TemporaryDirectory(prefix="plantain-compiling-") as cache:
        plain = _in_a_process("off", cache)
        first, again = (_in_a_process("blocks", cache) for _ in range(2))
    rows = [
        _row("as they are", plain, plain),
        _row("compiled, the cache empty", first, plain),
        _row("compiled, the cache full", again, plain),
    ]
    header = ("the embedded model's blocks, float32", "warm-up", "a drawing", "largest difference, of 255")
    print(table(header, rows))
    return 0


def _row(name: str, found: Figures, plain: Figures) -> tuple[str, ...]:
    largest = 255 * float(np.abs(found[2] - plain[2]).max())
    return name, f"{found[0]:.1f} s", f"{1000 * found[1]:.0f} ms", f"{largest:.3f}"


def _in_a_process(compilation: Compilation, cache: str) -> Figures:
    with multiprocessing.get_context("spawn").Pool(1, maxtasksperchild=1) as pool:
        return pool.apply(_measure, (compilation, cache))


def _measure(compilation: Compilation, cache: str) -> Figures:
    torch.set_num_threads(1)
    engine = DiffusersEngine(EMBEDDED_MODEL, device="cpu", compilation=compilation, compiled=Path(cache))
    engine.load()
    warming = _seconds(engine.warm_up)
    encoded, pictures = engine.encode(_BRIEF), list[Picture]()

    def draw() -> None:
        pictures.append(engine.diffuse(encoded, 1, lambda _step, _of, _preview: None))

    return warming, median(_seconds(draw) for _ in range(_RUNS)), pictures[-1]


def _seconds(task: Callable[[], object]) -> float:
    began = time.process_time()
    task()
    return time.process_time() - began


if __name__ == "__main__":
    sys.exit(main())
