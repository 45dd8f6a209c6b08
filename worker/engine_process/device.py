"""The device that models compute on: chosen once, when a process that holds models starts."""

from __future__ import annotations

import platform
from importlib.util import find_spec
from pathlib import Path

from functions.contract.errors import ModelUnavailable
from functions.contract.manifest import DeviceFacts
from worker.engine_process.driver_libraries import driver_version

_CPU_INFO = Path("/proc/cpuinfo")


def find_device(wanted: str | None) -> DeviceFacts:
    """Returns the device that ``wanted`` names (``cpu``, ``cuda`` or ``cuda:N``); None: CUDA if there is one.

    Raises ModelUnavailable for a CUDA device that is not there: a GPU that is paid for is not replaced by the
    processor beside it without a word.
    """
    if find_spec("torch") is None:
        if wanted not in (None, "cpu"):
            raise ModelUnavailable(f"PLANTAIN_DEVICE is {wanted}, and torch is not installed.")
        return DeviceFacts(kind="cpu", name=_processor())
    return _of_torch(wanted)


def _of_torch(wanted: str | None) -> DeviceFacts:
    import torch

    usable = torch.cuda.is_available()
    if wanted == "cpu" or (wanted is None and not usable):
        return DeviceFacts(kind="cpu", name=_processor())
    if not usable:
        raise ModelUnavailable(f"PLANTAIN_DEVICE is {wanted}, and there is no such device: {_reason()}.")
    try:
        found = torch.device(wanted or "cuda")
        return DeviceFacts(kind="cuda", name=torch.cuda.get_device_name(found))
    except (RuntimeError, AssertionError, ValueError) as error:
        raise ModelUnavailable(f"PLANTAIN_DEVICE is {wanted}, and there is no such device.") from error


def _reason() -> str:
    """Says why torch finds no CUDA device, as far as it can be told."""
    import torch

    built_for = torch.version.cuda
    if built_for is None:
        return f"torch {torch.__version__} is a build without CUDA"
    version = driver_version()
    if version is None:
        return f"torch is built for CUDA {built_for}, and no NVIDIA driver is loaded"
    return f"torch is built for CUDA {built_for}, and the NVIDIA driver is {version} (docs/containers.md)"


def _processor() -> str:
    """Returns the processor's name as the kernel gives it, or the architecture's."""
    try:
        lines = _CPU_INFO.read_text().splitlines()
    except OSError:
        lines = []
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, "") or platform.processor() or platform.machine()
