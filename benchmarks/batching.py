"""``python -m benchmarks.batching``: pictures that share a pass against pictures drawn alone.

Two tables. ``drawing``: an engine draws pictures one by one, and then in one pass; the difference is the
greatest of any value, in levels of 255. ``jobs``: callers of a whole stack wait for pictures, with
PLANTAIN_MAX_BATCH 1 and with ``--most``; a job's time is that between two ends.

Without further options the mock engine takes 1.8 s for a pass and 0.2 s for each picture in it: a device that
gains. ``--source`` names another model: a folder, a hub id or a ``gs://`` prefix, drawn on ``--device``.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.figures import table
from benchmarks.machine import describe
from local.client.api_client import PlantainClient
from local.stack.stack_process import StackProcess
from worker.engines.catalogue import Catalogue
from worker.engines.protocol import Brief, Picture
from worker.engines.shared_pass import PassDrawing, PassEngine
from worker.settings import WorkerSettings

MODEL = "measured"
PROMPT = "a red boat on the sea"
SIZE = 512  # px


def main() -> int:
    options = _options()
    print(describe(), flush=True)
    if "drawing" in options.tables:
        header = ("pictures", "alone", "in one pass", "gain", "difference")
        print(table(header, _compare_drawing(options)), flush=True)
    if "jobs" in options.tables:
        alone, together = (_seconds_of_a_job(options, most) for most in (1, options.most))
        rows = [
            ("1", f"{alone:.2f} s", ""),
            (str(options.most), f"{together:.2f} s", f"{alone / together:.1f} ×"),
        ]
        print(table(("PLANTAIN_MAX_BATCH", "a job", "gain"), rows))
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--source", default="mock:1.8+0.2", help="of the model, as in PLANTAIN_MODELS")
    parser.add_argument("--device", help="PLANTAIN_DEVICE")
    parser.add_argument("--steps", type=int)
    parser.add_argument("--most", type=int, default=8, help="pictures in one pass")
    parser.add_argument("--callers", type=int, default=24)
    parser.add_argument("--jobs", type=int, default=40)
    parser.add_argument("--tables", nargs="+", choices=("drawing", "jobs"), default=("drawing", "jobs"))
    return parser.parse_args()


# Drawing.


def _compare_drawing(options: argparse.Namespace) -> list[tuple[str, ...]]:
    engine = Catalogue(_settings(options)).engine(MODEL)
    if not isinstance(engine, PassEngine):
        sys.exit(f"{options.source} draws no pictures together.")
    engine.warm_up()
    numbers = [2**n for n in range(options.most.bit_length()) if 2**n <= options.most]
    rows: list[tuple[str, ...]] = []
    for number in numbers:
        drawings = [
            PassDrawing(engine.encode(_brief(options)), seed, lambda _step, _steps, _preview: None)
            for seed in range(number)
        ]
        engine.diffuse_together(drawings)  # prepares the device for this shape
        alone, pictures = _timed(lambda d=drawings: [engine.diffuse(e.encoded, e.seed, e.on_step) for e in d])
        shared, others = _timed(lambda d=drawings: engine.diffuse_together(d))
        difference = max(_difference(one, other) for one, other in zip(pictures, others, strict=True))
        seconds = (f"{each / number:.3f} s" for each in (alone, shared))
        rows.append((str(number), *seconds, f"{alone / shared:.1f} ×", f"{difference:.2g}"))
    return rows


def _settings(options: argparse.Namespace) -> WorkerSettings:
    return WorkerSettings(
        profile="local",
        project="p",
        uploads_bucket="u",
        results_bucket="r",
        jobs_bucket="j",
        models={MODEL: options.source},
        default_model=MODEL,
        device=options.device,
        max_batch=options.most,
    )


def _brief(options: argparse.Namespace) -> Brief:
    return Brief(prompt=PROMPT, width=SIZE, height=SIZE, steps=options.steps)


def _timed(draw: Callable[[], Any]) -> tuple[float, Any]:
    began = time.perf_counter()
    drawn = draw()
    return time.perf_counter() - began, drawn


def _difference(one: Picture, other: object) -> float:
    if isinstance(other, Exception):
        raise other
    return 255 * float(np.abs(one - np.asarray(other)).max())


# Jobs.


def _seconds_of_a_job(options: argparse.Namespace, most: int) -> float:
    """Returns the seconds between two ends, while callers keep the worker busy."""
    environment = {
        "PLANTAIN_MODELS": json.dumps({MODEL: options.source}),
        "PLANTAIN_DEFAULT_MODEL": MODEL,
        "PLANTAIN_MAX_BATCH": str(most),
        "PLANTAIN_UPSCALER": "off",
        **({"PLANTAIN_DEVICE": options.device} if options.device else {}),
    }
    with (
        tempfile.TemporaryDirectory(prefix="plantain-batching-") as data,
        StackProcess(Path(data), environment=environment, quiet=True) as stack,
        stack.client() as plantain,
        ThreadPoolExecutor(options.callers) as callers,
    ):
        _run_job(plantain, options, 0)
        jobs = [callers.submit(_run_job, plantain, options, seed) for seed in range(options.jobs)]
        ends = sorted(job.result() for job in jobs)
    return (ends[-1] - ends[0]) / (options.jobs - 1)


def _run_job(plantain: PlantainClient, options: argparse.Namespace, seed: int) -> float:
    """Returns the moment of the job's end, in seconds."""
    request: dict[str, Any] = {"task": "generate", "prompt": PROMPT, "size": str(SIZE), "model": MODEL}
    steps = {"steps": options.steps} if options.steps else {}
    job = plantain.create(request | steps | {"seed": seed, "correction": {"attempts": 1}})
    plantain.wait(job["id"])
    return datetime.fromisoformat(plantain.manifest(job["id"])["ended"]).timestamp()


if __name__ == "__main__":
    sys.exit(main())
