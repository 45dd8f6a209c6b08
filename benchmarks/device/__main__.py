"""``python -m benchmarks.device``: what a GPU could do, what diffusers does with it, and what Plantain does.

It makes a FLUX.2 klein of 4 billion random weights and prints three tables. The first has a pass of 1, 2, 4
and 8 pictures at 1K and 2K: the least time, which is the floating-point operations divided by what a product
of matrices in bfloat16 reaches here; the time of diffusers as it comes, in bfloat16; and Plantain's, in
bfloat16 and in fp8. The second has a job from the prompt to a stored 4K PNG, beside its stages on the device.
The third has the share of the time in which the device is idle between jobs of six callers.

``--small`` measures a model of a few thousand weights at 64 and 96 px, on a CPU in a minute or two.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path
from typing import get_args

import torch

from benchmarks.device.drawing_passes import PassPlan, pass_rows
from benchmarks.device.random_model import FOUR_BILLION, SMALL, save_random_model
from benchmarks.device.whole_jobs import idle_rows, job_row
from benchmarks.figures import table
from benchmarks.machine import describe
from worker.engines.diffusion.acceleration.compiled_blocks import Compilation

_PASS_HEADER = (
    "seconds of a pass",
    "floor",
    "diffusers",
    "ours",
    "times faster",
    "of the floor",
    "pictures/s",
)
_JOB_HEADER = ("prompt to stored PNG", "seconds", "stages on the device", "their share", "stages")
_IDLE_HEADER = ("jobs of six callers", "device seconds of one", "between two ends", "device idle")


def main(arguments: list[str]) -> int:
    options = _parse(arguments)
    print(describe(), flush=True)
    if options.device == "cuda":
        print(f"device    {torch.cuda.get_device_name()}", flush=True)
    shape = SMALL if options.small else FOUR_BILLION
    dtype = torch.bfloat16 if options.device == "cuda" else torch.float32
    with tempfile.TemporaryDirectory(prefix="plantain-device-", dir=options.scratch) as scratch:
        model = save_random_model(Path(scratch), shape, options.device, dtype)
        plan = PassPlan(
            options.device,
            sides=(64, 96) if options.small else (1024, 2048),
            batches=options.batches,
            weights=options.weights,
            steps=options.steps,
            runs=options.runs,
            compilation=options.compile,
        )
        print(table(_PASS_HEADER, pass_rows(model, shape, plan)), flush=True)
        size = "512" if options.small else "4K"
        rows = [
            job_row(model, options.device, each, size, options.compile, options.runs)
            for each in options.weights
        ]
        print("\n" + table(_JOB_HEADER, rows), flush=True)
        if options.jobs:
            sizes = ("512",) if options.small else ("1K", "4K")
            idle = [row for each in options.weights for row in idle_rows(model, each, sizes, options.jobs)]
            print("\n" + table(_IDLE_HEADER, idle), flush=True)
    return 0


def _parse(arguments: list[str]) -> argparse.Namespace:
    has_gpu = torch.cuda.is_available()
    parser = argparse.ArgumentParser(prog="python -m benchmarks.device", description=__doc__)
    parser.add_argument("--device", choices=("cuda", "cpu"), default="cuda" if has_gpu else "cpu")
    parser.add_argument("--small", action="store_true", help="a model of a few thousand weights")
    parser.add_argument("--weights", nargs="+", help="PLANTAIN_DTYPE, one after the other")
    parser.add_argument("--batches", nargs="+", type=int, default=[1, 2, 4, 8])
    parser.add_argument("--steps", type=int, default=4)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--jobs", type=int, default=20, help="of six callers; 0 leaves the last table out")
    parser.add_argument("--compile", choices=get_args(Compilation), default="auto", help="PLANTAIN_COMPILE")
    parser.add_argument("--scratch", help="a folder with room for 17 GB")
    options = parser.parse_args(arguments)
    if options.device == "cpu" and not options.small:
        parser.error("4 billion weights need a GPU: add --small, or --device cuda where there is one")
    usual = ["bfloat16", "fp8"] if options.device == "cuda" else ["float32", "int8"]
    options.weights = options.weights or usual
    return options


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
