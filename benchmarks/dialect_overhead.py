"""Measures what a dialect costs above our own API, for ``python -m benchmarks.dialects``.

Like is compared with like: a caller of our own API waits (``Prefer: wait``) and downloads the picture; one of
OpenAI's and Gemini's interface has it in the answer, in base64. They ask in turns.
"""

from __future__ import annotations

import base64
import logging
import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from statistics import fmean, median

import httpx
import psutil

from benchmarks.figures import table
from benchmarks.instant_worker import InstantWorker
from benchmarks.memory import find_processes
from functions.contract.settings import Settings
from functions.services import connect_services
from local.stack.stack_process import StackProcess

_WARM = 3  # rounds before those that count
_PNG = b"\x89PNG"


@dataclass(frozen=True)
class Sample:
    """One request: its time until its caller has the picture, and what it cost the API, in milliseconds."""

    wall: float
    processor: float


def measure_overhead(stack: StackProcess, http: httpx.Client, rounds: int) -> float:
    """Prints how much longer a picture takes through a dialect than through our own API; returns the largest
    median of the paired differences in milliseconds. The stack has no worker.
    """
    logging.disable(logging.WARNING)  # the stand-in's lines about every job
    os.environ |= stack.environment
    [api] = find_processes(stack, lambda name: name == "functions-api")
    found: dict[str, list[Sample]] = {name: [] for name in CALLERS}
    with InstantWorker(connect_services(Settings.from_environment())):
        for n in range(rounds + _WARM):
            for name, ask in CALLERS.items():
                found[name].append(_sample(partial(ask, http, f"{name} number {n}"), api))
    return _report(found)


def _report(found: dict[str, list[Sample]]) -> float:
    own, *others = (samples[_WARM:] for samples in found.values())
    rows, mores = [(next(iter(CALLERS)), *_averages(own), "", "")], list[float]()
    for name, samples in zip(list(CALLERS)[1:], others, strict=True):
        pairs = list(zip(samples, own, strict=True))
        mores.append(median(each.wall - base.wall for each, base in pairs))
        cost = fmean(each.processor - base.processor for each, base in pairs)
        rows.append((name, *_averages(samples), f"{mores[-1]:+.1f} ms", f"{cost:+.1f} ms"))
    head = (f"{len(own)} rounds", "picture after", "processor", "more, median of pairs", "more processor")
    print(table(head, rows), flush=True)
    return max(mores)


def _sample(ask: Callable[[], bytes], api: psutil.Process) -> Sample:
    spent, began = _processor_seconds(api), time.perf_counter()
    if not ask().startswith(_PNG):
        raise SystemExit("A caller got no picture.")
    wall = time.perf_counter() - began
    return Sample(1e3 * wall, 1e3 * (_processor_seconds(api) - spent))


def _processor_seconds(api: psutil.Process) -> float:
    """Returns what the server and its worker processes, which answer the requests, have used."""
    return sum(sum(each.cpu_times()[:2]) for each in (api, *api.children(recursive=True)))


def _averages(samples: Sequence[Sample]) -> tuple[str, str]:
    """Returns the median of the times, and the mean of the processor's: it is counted in steps of 10 ms."""
    processor = fmean(each.processor for each in samples)
    return f"{median(each.wall for each in samples):.1f} ms", f"{processor:.1f} ms"


def _picture_of_our_own(http: httpx.Client, prompt: str) -> bytes:
    body = {"task": "generate", "size": "512", "prompt": prompt}
    job = http.post("/v1/jobs", json=body, headers={"Prefer": "wait=60"}).raise_for_status().json()
    return http.get(job["images"][0]["url"]).raise_for_status().content


def _picture_of_openai(http: httpx.Client, prompt: str) -> bytes:
    body = {"size": "512x512", "prompt": prompt}
    answer = http.post("/v1/images/generations", json=body).raise_for_status().json()
    return base64.b64decode(answer["data"][0]["b64_json"])


def _picture_of_gemini(http: httpx.Client, prompt: str) -> bytes:
    config = {"imageConfig": {"imageSize": "512px"}}
    body = {"contents": [{"parts": [{"text": prompt}]}], "generationConfig": config}
    answer = http.post("/v1beta/models/mock:generateContent", json=body).raise_for_status().json()
    parts = answer["candidates"][0]["content"]["parts"]
    [picture] = (part["inlineData"] for part in parts if "inlineData" in part)
    return base64.b64decode(picture["data"])


CALLERS: dict[str, Callable[[httpx.Client, str], bytes]] = {
    "our own": _picture_of_our_own,
    "OpenAI's": _picture_of_openai,
    "Gemini's": _picture_of_gemini,
}
"""Each asks for a picture, waits for it and returns its bytes. The others are compared with the first."""
