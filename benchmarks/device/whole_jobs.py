"""Whole jobs: from the prompt to a stored PNG, beside the device's stages, and the device's idle time."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from benchmarks.lanes import DEVICE
from functions.contract import ids
from functions.contract.request import JobRequest
from functions.contract.sizes import SIDE
from worker.engines.diffusion import DiffusersEngine
from worker.engines.diffusion.acceleration.compiled_blocks import Compilation
from worker.offline.build_pipelines import build_marking_pipeline, offline_settings
from worker.offline.pipeline import build_work
from worker.settings import UPSCALER
from worker.upscaler.tiled_upscaler import Upscaler

_NAME = "random"
_PROMPT = "a red boat on the sea at night"


def job_row(
    directory: Path, device: str, weights: str, size: str, compilation: Compilation, runs: int
) -> tuple[str, ...]:
    """Returns the seconds of the last of ``runs`` jobs, to a stored file, and those of its stages."""
    engine = DiffusersEngine(
        directory, device=device, dtype=weights, compilation=compilation, compiled=directory / "compiled"
    )
    engine.load()
    engine.warm_up()
    upscaler = Upscaler.load(UPSCALER, device)
    os.environ["PLANTAIN_DATA"] = str(directory / "data")
    pipeline = build_marking_pipeline(offline_settings(), engine, lambda _model: (upscaler,))
    seconds, done = 0.0, None
    for seed in range(runs):
        request = JobRequest.model_validate(
            {"task": "generate", "prompt": _PROMPT, "size": size, "seed": seed}
        )
        job_id = ids.job_id_for_key("benchmark", f"{size} {seed}")
        side = SIDE[size]
        began = time.perf_counter()
        done = pipeline.run(
            build_work(request, model=_NAME, width=side, height=side, seed=seed, job_id=job_id)
        )
        (directory / f"{seed}.png").write_bytes(done.pictures[0].data)
        seconds = time.perf_counter() - began
    assert done is not None
    on_device = sum(stage.seconds for stage in done.stages if stage.name in DEVICE)
    stages = ", ".join(f"{each.name} {each.seconds:.2f}" for each in done.stages if each.seconds >= 0.01)
    return f"{size}, {weights}", f"{seconds:.2f}", f"{on_device:.2f}", f"{on_device / seconds:.0%}", stages


def idle_rows(directory: Path, weights: str, sizes: Sequence[str], jobs: int) -> Iterator[tuple[str, ...]]:
    """Yields, for each size, the share of the time between jobs of six callers in which the device is idle.

    A stack is started for each, with its API, its worker and its emulators (``benchmarks.lanes``).
    """
    environment = os.environ | {
        "PLANTAIN_MODELS": json.dumps({_NAME: str(directory)}),
        "PLANTAIN_DEFAULT_MODEL": _NAME,
        "PLANTAIN_DTYPE": weights,
    }
    command = [sys.executable, "-m", "benchmarks.lanes", "--measure", "--model", _NAME, "--jobs", str(jobs)]
    done = subprocess.run(
        [*command, "--sizes", *sizes], env=environment, stdout=subprocess.PIPE, text=True, check=True
    )
    for size, found in json.loads(done.stdout).items():
        idle = max(0.0, 1 - found["device"] / found["each"])
        yield f"{size}, {weights}", f"{found['device']:.2f}", f"{found['each']:.2f}", f"{idle:.0%}"
