"""``python -m benchmarks.enlarging``: what the super-resolution networks add to bicubic interpolation.

Held-out pictures are made smaller without aliases, enlarged again, and compared with what they were:
photographs from scikit-image's wheel and renders that no training saw. The targets are for the usual kernel,
bicubic; the others are told beside it. Seams are the difference between tiled and whole. Then whole jobs: a
given picture is enlarged, marked and written as a PNG of 16 bits, each in a process of its own. Processor
seconds are given too: on a busy machine they are the ones to compare. Exit status 1 when a target is missed.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import random
import resource
import sys
import time
from dataclasses import dataclass
from datetime import timedelta
from statistics import mean

import cv2
import numpy as np
import torch
from torch.nn import functional

from benchmarks.figures import table
from benchmarks.machine import describe
from functions.contract import paths
from functions.contract.document import now
from functions.contract.request import JobRequest
from functions.contract.sizes import SIDE
from worker.engines.mock import MockEngine
from worker.stages.line import LINE, run_lane
from worker.stages.work import IntakeTools, Tools, Work
from worker.starter.scene import BUCKETS, render, sample_scene
from worker.upscaler.enlarge import Upscaler
from worker.upscaler.lessons import HELD_OUT_PHOTOGRAPHS, KERNELS, photograph, smaller
from worker.verification import Examiner
from worker.watermark import Watermarker

RENDERS = 24
_BORDER = 8  # pixels that are not compared: what lies beyond the edge is anybody's guess
_GAINS = {"renders": 1.5, "photographs": 0.5}  # dB at x2
_SEAM = 1 / 255
_JOBS = (("1K", "2K", 15.0), ("1K", "4K", 30.0))  # from, to, and the seconds that it may take
_GIB = 4.0

Picture = np.ndarray


def renders() -> list[Picture]:
    """Held-out scenes, about 512 pixels a side."""
    dice = random.Random("held-out renders for enlarging")
    drawn: list[Picture] = []
    for _ in range(RENDERS):
        width, height = dice.choice(BUCKETS)
        scene = sample_scene(dice, wide=width >= height, held_out=True)
        drawn.append(render(scene, 8 * width, 8 * height).astype(np.float32) / 255)
    return drawn


def gains(pictures: list[Picture], upscaler: Upscaler, kernel: str) -> tuple[float, float]:
    """The means of PSNR in dB: bicubic interpolation's, and the network's."""
    found: list[tuple[float, float]] = []
    for large in pictures:
        rows, columns = (side // upscaler.factor * upscaler.factor for side in large.shape[:2])
        large = np.ascontiguousarray(large[:rows, :columns])
        small = smaller(_tensor(large), upscaler.factor, kernel)
        found.append(
            (_psnr(_bicubic(small, upscaler.factor), large), _psnr(upscaler.enlarge(_array(small)), large))
        )
    bicubic, network = (mean(column) for column in zip(*found, strict=True))
    return bicubic, network


def seam(upscaler: Upscaler) -> float:
    """The largest difference that tiles of odd sizes make."""
    picture = photograph("chelsea.png")[:203, :251]
    whole = upscaler.enlarge(picture, tile=512)
    return max(float(np.abs(upscaler.enlarge(picture, tile=tile) - whole).max()) for tile in (37, 64, 100))


@dataclass(frozen=True)
class Cost:
    """Of a whole job: seconds, those of all processors together, and the most memory that was taken."""

    seconds: float
    processor_seconds: float
    gib: float


def job(network: str, before: str, after: str) -> Cost:
    """A photograph of the size ``before``, enlarged to ``after``, marked, and written."""
    upscaler = Upscaler.load(network, "cpu")
    marker = Watermarker(bytes(32), 1)
    tools = Tools(
        engine=lambda _: MockEngine(),
        enlarger=lambda model: None if model else upscaler,
        marker=marker,
        on_step=lambda _step, _steps, _preview: None,
        keep=lambda _: None,
        examiner=Examiner([marker], trust=None),
    )
    picture = cv2.resize(
        photograph("chelsea.png"), (SIDE[before], SIDE[before]), interpolation=cv2.INTER_CUBIC
    )
    work = _work(np.clip(picture, 0, 1), after)
    began, processors = time.perf_counter(), time.process_time()
    work = run_lane("intake", work, lambda _: None, LINE, IntakeTools())
    work = run_lane("engine", work, lambda _: None, LINE, tools)
    run_lane("finish", work, lambda _: None, LINE, None)
    took = time.perf_counter() - began, time.process_time() - processors
    return Cost(*took, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20)


def _work(picture: Picture, size: str) -> Work:
    asked = {"task": "upscale", "size": size, "bit_depth": 16, "images": [{"uri": "gs://bucket/name"}]}
    return Work(
        job_id=paths.job_id_for_key("benchmark", f"enlarging to {size}"),
        request=JobRequest.model_validate(asked),
        model="mock",
        width=SIDE[size],
        height=SIDE[size],
        seed=0,
        attempt=1,
        deadline=now() + timedelta(hours=1),
        images=(picture,),
    )


def _tensor(picture: Picture) -> torch.Tensor:
    return torch.from_numpy(picture).permute(2, 0, 1)[None]


def _array(tensor: torch.Tensor) -> Picture:
    return tensor[0].permute(1, 2, 0).contiguous().numpy()


def _bicubic(small: torch.Tensor, factor: int) -> Picture:
    return _array(functional.interpolate(small, scale_factor=factor, mode="bicubic").clamp(0, 1))


def _psnr(made: Picture, wanted: Picture) -> float:
    inner = slice(_BORDER, -_BORDER)
    return float(-10 * np.log10(np.mean((made - wanted)[inner, inner] ** 2)))


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument(
        "--network", default="picture-x2", help="a name in worker/upscaler/weights, or a file"
    )
    asked = arguments.parse_args()
    print(describe())
    upscaler = Upscaler.load(asked.network, "cpu")
    missed = [*_quality(upscaler), *_jobs(asked.network)]
    for line in missed:
        print("MISSED", line)
    return 1 if missed else 0


def _quality(upscaler: Upscaler) -> list[str]:
    """Prints the gains and the seams, and says which are short of their targets."""
    sets = {"renders": renders(), "photographs": [photograph(name) for name in HELD_OUT_PHOTOGRAPHS]}
    rows: list[tuple[str, ...]] = []
    missed: list[str] = []
    for kernel in KERNELS:
        for name, pictures in sets.items():
            bicubic, network = gains(pictures, upscaler, kernel)
            gain, target = network - bicubic, _GAINS[name] if kernel == KERNELS[0] else None
            asked = "" if target is None else f"{target:+.1f}"
            held_out = f"{len(pictures)} {name}"
            rows.append((held_out, kernel, f"{bicubic:.2f}", f"{network:.2f}", f"{gain:+.2f}", asked))
            missed += [f"{held_out}: {gain:+.2f} dB"] if target is not None and gain < target else []
    columns = ("held out", "made smaller by", "bicubic dB", f"{upscaler.name} dB", "gain", "asked")
    print(table(columns, rows), "\n", flush=True)
    seams = seam(upscaler)
    print(f"seams: {seams * 255:.4f} of 1/255 at most (asked: below 1)\n", flush=True)
    return [*missed, *(["seams"] if seams >= _SEAM else [])]


def _jobs(network: str) -> list[str]:
    """Prints what whole jobs take, and says which took too much."""
    rows: list[tuple[str, ...]] = []
    missed: list[str] = []
    for before, after, limit in _JOBS:
        with multiprocessing.get_context("spawn").Pool(1, maxtasksperchild=1) as pool:
            cost = pool.apply(job, (network, before, after))
        seconds, processors, gib = f"{cost.seconds:.1f}", f"{cost.processor_seconds:.1f}", f"{cost.gib:.2f}"
        rows.append((f"{before} to {after}", seconds, processors, gib, f"{limit:.0f} s, {_GIB:.0f} GiB"))
        missed += [rows[-1][0]] if cost.seconds > limit or cost.gib > _GIB else []
    columns = ("job", "seconds", "of processors", "GiB at most", "asked")
    print(table(columns, rows), f"\n{os.getloadavg()[0]:.1f} processes wanted to run besides.")
    return missed


if __name__ == "__main__":
    sys.exit(main())
