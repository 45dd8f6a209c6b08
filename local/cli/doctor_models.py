"""The known models in ``plantain doctor``: which of them this machine runs, and how long a picture takes."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from functools import cache, partial
from importlib.util import find_spec
from typing import NamedTuple

from functions.contract.errors import ModelUnavailable
from local.cli.doctor_checks import DoctorCheck
from worker.engines.free_memory import available_bytes
from worker.known_models.known_model import KnownModel, known_models
from worker.known_models.machine_needs import needed_bytes

_BYTES = {"float32": 4, "bfloat16": 2}  # for each parameter

Speed = Callable[[str], float]
"""Returns the operations a second that a dtype reaches here."""


class Machine(NamedTuple):
    """Where models would be loaded: ``dtypes`` are those that it would use, the usual one first."""

    memory: int
    dtypes: tuple[str, ...]
    speed: Speed


def check_known_models() -> Iterator[DoctorCheck]:
    """Yields a line for each known model that fits, and one for those that do not."""
    machine = _find_machine()
    if machine is not None:
        yield from judge_models(known_models().values(), machine)


def judge_models(models: Iterable[KnownModel], machine: Machine) -> Iterator[DoctorCheck]:
    """Yields how long ``machine`` takes with each model, or that it has no room for it."""
    too_large: list[str] = []
    for model in models:
        dtype = next((each for each in machine.dtypes if _memory_of(model, each) <= machine.memory), None)
        if dtype is None:
            too_large.append(f"{model.name} ({_memory_of(model, machine.dtypes[-1]) / 1e9:.0f} GB)")
        else:
            yield DoctorCheck(f"runs: {model.name}", "ok", _time_text(model, dtype, machine))
    if too_large:
        says = f"{', '.join(too_large)}; {machine.memory / 1e9:.0f} GB are here"
        yield DoctorCheck("too large here", "ok", says)


def _memory_of(model: KnownModel, dtype: str) -> int:
    return needed_bytes(model, _BYTES[dtype])


def _time_text(model: KnownModel, dtype: str, machine: Machine) -> str:
    speed = machine.speed(dtype)
    seconds = model.picture_tflops * 1e12 / speed
    choice = "" if dtype == machine.dtypes[0] else f" with PLANTAIN_DTYPE={dtype}"
    drawn = f"clip of {model.clip}" if model.clip else f"picture of {model.side} px"
    return (
        f"at least {format_seconds(seconds)} a {drawn}{choice}: "
        f"{model.picture_tflops:.3g} TFLOP (calculated) at {speed / 1e12:.2g} TFLOP/s (measured on products "
        f"in {dtype})"
    )


def format_seconds(seconds: float) -> str:
    """Returns ``0.4 s``, ``12 s``, ``3 min`` or ``2.5 h``."""
    if seconds < 10:
        return f"{seconds:.1g} s"
    if seconds < 100:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 2 * 3_600 else f"{seconds / 3_600:.1f} h"


def _find_machine() -> Machine | None:
    """Returns the device that a worker would use; None without torch, and for a device that is absent."""
    if find_spec("torch") is None or find_spec("diffusers") is None:
        return None
    import torch

    from worker.engines.diffusion.speed import measure_products
    from worker.stage_processes.device import find_device

    try:
        found = find_device(os.environ.get("PLANTAIN_DEVICE"))
    except ModelUnavailable:
        return None  # `device` says so
    speed = cache(partial(measure_products, found.kind))
    if found.kind == "cuda":
        return Machine(torch.cuda.get_device_properties(0).total_memory, ("bfloat16",), speed)
    return Machine(available_bytes(), ("float32", "bfloat16"), speed)
