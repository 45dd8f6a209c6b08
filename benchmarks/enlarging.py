"""``python -m benchmarks.enlarging``: measures what the super-resolution networks add to bicubic
interpolation.

Held-out pictures are made smaller without aliases, enlarged again, and compared with the originals:
photographs from scikit-image's wheel and renders that no training saw. The targets are for the bicubic
kernel; the others are shown for comparison. Seams are the difference between tiled and whole.
Then whole jobs are measured, each in a process of its own: a picture, given or drawn, is enlarged, marked and
written as a PNG of 16 bits. On a busy machine compare the processor seconds. Exit status 1 when a target is
missed.
"""

from __future__ import annotations

import argparse
import math
import multiprocessing
import os
import random
import resource
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import mean

import cv2
import numpy as np
import torch
from torch.nn import functional

from benchmarks.figures import table
from benchmarks.machine import describe
from functions.contract import ids
from functions.contract.request import JobRequest
from functions.contract.sizes import SIDE
from training.scenes.scene_sampling import BUCKETS, render_scene, sample_scene
from training.upscaler.dataset import HELD_OUT_PHOTOGRAPHS, KERNELS, downscale_pictures, load_photograph
from worker.engines.mock import MockEngine
from worker.offline.pipeline import OfflinePipeline, build_work
from worker.stages.pipeline import STAGES
from worker.stages.tools import EngineTools
from worker.stages.work import PictureInProgress, Work
from worker.upscaler.tiled_upscaler import Upscaler
from worker.watermark import Watermarker

RENDERS = 24
_BORDER = 8  # pixels that are not compared: beyond the edge of the picture nothing is known
_GAINS = {"renders": 1.5, "photographs": 0.5}  # dB at x2
_SEAM = 1 / 255
# What comes, its pixels a side, the size that is wanted, and the seconds that it may take.
_JOBS = (
    ("drawn", 256, "512", 4.0),
    ("drawn", 256, "1K", None),
    ("drawn", 256, "2K", 15.0),
    ("drawn", 256, "4K", 30.0),
    ("given", 1024, "2K", 15.0),
    ("given", 1024, "4K", 30.0),
)
_OWN = "illustration-x4"  # for what is drawn
_AFTER_DRAWING = ("screen_output", "upscale", "watermark", "seal")
_GIB = 4.0

Picture = np.ndarray


def held_out_renders() -> list[Picture]:
    """Returns held-out scenes, about 512 pixels a side."""
    rng = random.Random("held-out renders for enlarging")
    drawn: list[Picture] = []
    for _ in range(RENDERS):
        width, height = rng.choice(BUCKETS)
        scene = sample_scene(rng, wide=width >= height, held_out=True)
        drawn.append(render_scene(scene, 8 * width, 8 * height).astype(np.float32) / 255)
    return drawn


def measure_gains(pictures: list[Picture], upscaler: Upscaler, kernel: str) -> tuple[float, float]:
    """Returns the mean PSNR in dB of bicubic interpolation and of the network."""
    found: list[tuple[float, float]] = []
    for large in pictures:
        rows, columns = (side // upscaler.factor * upscaler.factor for side in large.shape[:2])
        large = np.ascontiguousarray(large[:rows, :columns])
        small = downscale_pictures(_tensor(large), upscaler.factor, kernel)
        found.append(
            (_psnr(_bicubic(small, upscaler.factor), large), _psnr(upscaler.enlarge(_array(small)), large))
        )
    bicubic, network = (mean(column) for column in zip(*found, strict=True))
    return bicubic, network


def largest_seam(upscaler: Upscaler) -> float:
    """Returns the largest difference that tiles of odd sizes make."""
    picture = load_photograph("chelsea.png")[:203, :251]
    whole = upscaler.enlarge(picture, tile=512)
    return max(float(np.abs(upscaler.enlarge(picture, tile=tile) - whole).max()) for tile in (37, 64, 100))


@dataclass(frozen=True)
class JobCost:
    """The cost of a whole job: seconds, seconds of all processors together, and peak memory."""

    seconds: float
    processor_seconds: float
    gib: float
    method: str


def enlarge_and_measure(network: str, kind: str, side: int, size: str, threads: int) -> JobCost:
    """Enlarges a photograph of ``side`` pixels to ``size``, marks it, and writes it."""
    torch.set_num_threads(threads)
    cv2.setNumThreads(threads)
    networks = {True: Upscaler.load(_OWN, "cpu"), False: Upscaler.load(network, "cpu")}
    marker = Watermarker(bytes(32), 1)
    tools = EngineTools(
        engine=lambda _: MockEngine(),
        enlargers=lambda model: (networks[model is not None],),
        marker=marker,
        on_step=lambda _step, _steps, _preview: None,
        save_checkpoint=lambda _: None,
    )
    photo = cv2.resize(load_photograph("chelsea.png"), (side, side), interpolation=cv2.INTER_CUBIC)
    work, without = _work(kind, np.clip(photo, 0, 1), size)
    pipeline = OfflinePipeline(tools, without=without)
    began, processors = time.perf_counter(), time.process_time()
    work = pipeline.run(work)
    took = time.perf_counter() - began, time.process_time() - processors
    upscale = work.pictures[0].upscale
    gib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    return JobCost(*took, gib, upscale.method if upscale else "")


def _work(kind: str, picture: Picture, size: str) -> tuple[Work, Sequence[str]]:
    """Returns the work, and the stages to leave out: for a generation those up to the drawing."""
    given = kind == "given"
    asked = {"task": "generate", "prompt": "a cat"}
    if given:
        asked = {"task": "upscale", "images": [{"uri": "gs://bucket/name"}]}
    work = build_work(
        JobRequest.model_validate({**asked, "size": size, "bit_depth": 16}),
        job_id=ids.job_id_for_key("benchmark", f"enlarging to {size}"),
        model="mock",
        width=SIDE[size],
        height=SIDE[size],
        seed=0,
        images=(picture,) if given else (),
        pictures=[] if given else [PictureInProgress(n=0, seed=0, rgb=picture)],
    )
    return work, () if given else [stage.name for stage in STAGES if stage.name not in _AFTER_DRAWING]


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
    arguments.add_argument("--threads", type=int, default=os.cpu_count(), help="of the jobs")
    arguments.add_argument("--jobs", action="store_true", help="nothing but the jobs")
    options = arguments.parse_args()
    print(describe())
    missed = [] if options.jobs else _report_quality(Upscaler.load(options.network, "cpu"))
    missed += _report_jobs(options.network, options.threads)
    for line in missed:
        print("MISSED", line)
    return 1 if missed else 0


def _report_quality(upscaler: Upscaler) -> list[str]:
    """Prints the gains and the seams, and says which are short of their targets."""
    sets = {
        "renders": held_out_renders(),
        "photographs": [load_photograph(name) for name in HELD_OUT_PHOTOGRAPHS],
    }
    rows: list[tuple[str, ...]] = []
    missed: list[str] = []
    for kernel in KERNELS:
        for name, pictures in sets.items():
            bicubic, network = measure_gains(pictures, upscaler, kernel)
            gain, target = network - bicubic, _GAINS[name] if kernel == KERNELS[0] else None
            target_text = "" if target is None else f"{target:+.1f}"
            held_out = f"{len(pictures)} {name}"
            rows.append((held_out, kernel, f"{bicubic:.2f}", f"{network:.2f}", f"{gain:+.2f}", target_text))
            missed += [f"{held_out}: {gain:+.2f} dB"] if target is not None and gain < target else []
    columns = ("held out", "made smaller by", "bicubic dB", f"{upscaler.name} dB", "gain", "target")
    print(table(columns, rows), "\n", flush=True)
    seams = largest_seam(upscaler)
    print(f"seams: {seams * 255:.4f} of 1/255 at most (target: below 1)\n", flush=True)
    return [*missed, *(["seams"] if seams >= _SEAM else [])]


def _report_jobs(network: str, threads: int) -> list[str]:
    """Prints what whole jobs take, and says which took too much."""
    rows: list[tuple[str, ...]] = []
    missed: list[str] = []
    for kind, side, size, limit in _JOBS:
        with multiprocessing.get_context("spawn").Pool(1, maxtasksperchild=1) as pool:
            cost = pool.apply(enlarge_and_measure, (network, kind, side, size, threads))
        figures = f"{cost.seconds:.1f}", f"{cost.processor_seconds:.1f}", f"{cost.gib:.2f}"
        target_text = f"{limit:.0f} s, {_GIB:.0f} GiB" if limit else ""
        rows.append((f"{kind}, {side} px to {size}", cost.method, *figures, target_text))
        missed += [rows[-1][0]] if cost.seconds > (limit or math.inf) or cost.gib > _GIB else []
    columns = ("job", "by", "seconds", "processor seconds", "GiB at most", "target")
    print(table(columns, rows), f"\n{os.getloadavg()[0]:.1f} processes wanted to run besides.")
    return missed


if __name__ == "__main__":
    sys.exit(main())
