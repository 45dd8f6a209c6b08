"""``python -m benchmarks.speed``: measures pictures on a CPU in every precision: time, memory, differences.

Each variant draws in a process of its own, so that its peak memory is its own: a picture of 512, 2K and 4K
pixels a side from the prompt to the signed PNG, by the worker's stages, once warm. Targets are seconds by the
clock. The precisions are compared by what they change, which is everything before the watermark, and in
seconds of the processors, which a busy machine changes less: the watermark is the same code in all of them,
and takes longer on one picture than on another. The differences are those of the pictures before they are
marked, to torch's in float32 from the same seeds. Correction is left out: how often it draws again is another
question. Exit status 1 when a target is missed.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import resource
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import fmean, median

import numpy as np

from benchmarks.figures import table
from benchmarks.machine import describe
from functions.contract import ids
from functions.contract.request import JobRequest
from functions.contract.sizes import SIDE
from worker.engines.protocol import Engine, EnlargersOf, Picture
from worker.offline.build_pipelines import build_marking_pipeline, offline_settings
from worker.offline.pipeline import OfflinePipeline, build_work
from worker.settings import UPSCALER
from worker.stages.encode import build_brief
from worker.stages.work import Work

TARGET_SECONDS = {"512": 0.35, "2K": 1.5, "4K": 3.5}
TARGET_GIB = 1.5
_NOISE = 1.1  # times longer, before one precision counts as slower than another
EXACT, HALF, ONNX_INT8 = "torch float32", "torch bfloat16", "ONNX int8"
VARIANTS = (EXACT, HALF, "torch int8", "ONNX fp16", ONNX_INT8)
USUAL = EXACT  # what the starter's card asks for
PROMPTS = (
    "a red boat on the sea at night",
    "a yellow car in the city by day",
    "a black cat on a wooden table at sunset",
    "a white rocket in the desert",
    "two pink houses in the snow",
    "a green tree to the left of a blue mug",
)


@dataclass(frozen=True)
class DrawingOrder:
    """What one process draws, and with which model."""

    variant: str
    model: str
    exported: Path
    sizes: tuple[str, ...]
    runs: int
    threads: int


@dataclass(frozen=True)
class PictureTiming:
    seconds: float
    """The total time by the clock."""
    drawing: float
    """The time of all processors together, up to the watermark."""
    stages: str
    """Those that took any time, with their seconds."""


@dataclass
class SpeedOutcome:
    seconds: dict[str, float] = field(default_factory=dict[str, float])
    drawing: dict[str, float] = field(default_factory=dict[str, float])
    stages: dict[str, str] = field(default_factory=dict[str, str])
    gib: float = 0.0
    pictures: list[Picture] = field(default_factory=list[Picture])


def main() -> int:
    options = _arguments()
    print(describe(), flush=True)
    with tempfile.TemporaryDirectory(prefix="plantain-speed-") as scratch:
        os.environ["PLANTAIN_DATA"] = scratch
        exported = options.exported or Path(scratch)
        _export_models(options.model, exported)
        orders = [
            DrawingOrder(name, options.model, exported, tuple(options.sizes), options.runs, options.threads)
            for name in VARIANTS
        ]
        found = {order.variant: _in_a_process(order) for order in orders}
    print(_result_table(found, options.sizes), "\n")
    for name, outcome in found.items():
        print(f"{name}: " + "; ".join(f"{size}: {stages}" for size, stages in outcome.stages.items()))
    missed = _missed_targets(found)
    for line in missed:
        print("MISSED", line)
    return 1 if missed else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", default="worker/embedded_model")
    parser.add_argument(
        "--exported", type=Path, help="a folder for the ONNX files; those in it are used again"
    )
    parser.add_argument("--sizes", nargs="+", choices=tuple(SIDE), default=list(TARGET_SECONDS))
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    return parser.parse_args()


def _export_models(model: str, folder: Path) -> None:
    """Exports both precisions in a process of its own, whose memory is not measured."""
    pool = multiprocessing.get_context("spawn").Pool(1)
    with pool:
        for precision in ("fp16", "int8"):
            if not (folder / precision / "recipe.json").is_file():
                took = pool.apply(_export_model, (model, folder / precision, precision))
                print(f"exported  {precision} in {took:.0f} s", flush=True)


def _export_model(model: str, folder: Path, precision: str) -> float:
    from training.onnx_export.export import export_onnx

    began = time.perf_counter()
    export_onnx(model, folder, "fp16" if precision == "fp16" else "int8", folder.parent / "cache")
    return time.perf_counter() - began


def _in_a_process(order: DrawingOrder) -> SpeedOutcome:
    # Each task gets a new process: the memory of one variant does not count for the next.
    with multiprocessing.get_context("spawn").Pool(1, maxtasksperchild=1) as pool:
        outcome = pool.apply(_measure_variant, (order,))
    print(f"measured  {order.variant}", flush=True)
    return outcome


def _measure_variant(order: DrawingOrder) -> SpeedOutcome:
    engine, enlargers = _load_engine(order)
    pipeline = build_marking_pipeline(offline_settings(), engine, enlargers)
    outcome = SpeedOutcome()
    pipeline.run(_new_work(PROMPTS[0], "512", 0))
    for size in order.sizes:
        timed = [_time_picture(_new_work(PROMPTS[0], size, seed), pipeline) for seed in range(order.runs)]
        outcome.seconds[size] = median(each.seconds for each in timed)
        outcome.drawing[size] = median(each.drawing for each in timed)
        outcome.stages[size] = timed[-1].stages
    outcome.gib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    outcome.pictures = [_draw_unmarked(prompt, seed, pipeline) for seed, prompt in enumerate(PROMPTS)]
    return outcome


def _time_picture(work: Work, pipeline: OfflinePipeline) -> PictureTiming:
    began, processors = time.perf_counter(), time.process_time()
    reached: dict[str, float] = {}

    def note(stage: str) -> None:
        reached[stage] = time.process_time()

    done = pipeline.run(work, note)
    return PictureTiming(
        time.perf_counter() - began,
        reached["watermark"] - processors,
        ", ".join(f"{s.name} {s.seconds:.2f}" for s in done.stages if s.seconds >= 0.01),
    )


def _load_engine(order: DrawingOrder) -> tuple[Engine, EnlargersOf]:
    import cv2

    cv2.setNumThreads(order.threads)
    runtime, _, precision = order.variant.partition(" ")
    if runtime == "ONNX":
        from worker.engines.onnx.engine import OnnxEngine

        exported = OnnxEngine(order.exported / precision, threads=order.threads)
        exported.load()
        return exported, exported.exported_enlargers
    import torch

    from worker.engines.diffusion import DiffusersEngine
    from worker.upscaler.tiled_upscaler import Upscaler

    torch.set_num_threads(order.threads)
    engine = DiffusersEngine(order.model, device="cpu", dtype=precision)
    engine.load()
    own = tuple(Upscaler.load(name, "cpu") for name in engine.enlargers)
    other = Upscaler.load(UPSCALER, "cpu")
    return engine, lambda model: own if model else (other,)


def _new_work(prompt: str, size: str, seed: int) -> Work:
    request = JobRequest.model_validate({"task": "generate", "prompt": prompt, "size": size, "seed": seed})
    job_id = ids.job_id_for_key("benchmark", f"{prompt} {size} {seed}")
    side = SIDE[size]
    return build_work(request, model="measured", width=side, height=side, seed=seed, job_id=job_id)


def _draw_unmarked(prompt: str, seed: int, pipeline: OfflinePipeline) -> Picture:
    """Draws the picture at the model's own size, without a watermark."""
    work, engine = _new_work(prompt, "512", seed), pipeline.tools.engine("measured")
    return engine.diffuse(engine.encode(build_brief(work)), seed, pipeline.tools.on_step)


def _result_table(found: Mapping[str, SpeedOutcome], sizes: Sequence[str]) -> str:
    exact = found[EXACT].pictures
    rows = [
        (
            name,
            *(f"{outcome.seconds[size]:.2f} s ({outcome.drawing[size]:.2f})" for size in sizes),
            f"{outcome.gib:.2f} GiB",
            *_differences(outcome.pictures, exact),
        )
        for name, outcome in found.items()
    ]
    targets = (f"≤ {TARGET_SECONDS[size]} s" if size in TARGET_SECONDS else "–" for size in sizes)
    goal = (f"target, for {USUAL}", *targets, f"< {TARGET_GIB} GiB", "–", "–")
    return table(
        (
            "on the CPU: seconds (of processors, up to the watermark)",
            *sizes,
            "peak memory",
            "PSNR, mean (least)",
            "largest difference",
        ),
        [*rows, goal],
    )


def _differences(pictures: Sequence[Picture], exact: Sequence[Picture]) -> tuple[str, str]:
    if pictures is exact:
        return "–", "–"
    pairs = list(zip(pictures, exact, strict=True))
    psnr = [-10 * float(np.log10(max(np.mean((one - other) ** 2), 1e-12))) for one, other in pairs]
    largest = max(float(np.abs(one - other).max()) for one, other in pairs)
    return f"{fmean(psnr):.1f} ({min(psnr):.1f}) dB", f"{largest:.3f}"


def _missed_targets(found: Mapping[str, SpeedOutcome]) -> list[str]:
    usual, half, int8 = found[USUAL], found[HALF], found[ONNX_INT8]
    lines = [
        f"{USUAL}, {size}: {seconds:.2f} s"
        for size, seconds in usual.seconds.items()
        if seconds > TARGET_SECONDS.get(size, float("inf"))
    ]
    if usual.gib >= TARGET_GIB:
        lines.append(f"{USUAL}: {usual.gib:.2f} GiB")
    slower = [size for size, took in int8.drawing.items() if took > _NOISE * half.drawing[size]]
    return [*lines, *(f"{ONNX_INT8} is slower than {HALF} at {size}" for size in slower)]


if __name__ == "__main__":
    sys.exit(main())
