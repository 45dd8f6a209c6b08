"""The device that models compute on. It is chosen once, when the engine process starts."""

from __future__ import annotations

import platform
from importlib.util import find_spec
from pathlib import Path

from functions.contract.errors import ModelUnavailable
from functions.contract.worker_facts import DeviceFacts
from worker.stage_processes.driver_libraries import driver_version, has_cuda_driver

_CPU_INFO = Path("/proc/cpuinfo")


def find_device(wanted: str | None) -> DeviceFacts:
    """Returns the device that ``wanted`` names (``cpu``, ``cuda`` or ``cuda:N``); None: CUDA if there is one.

    Raises ModelUnavailable for a CUDA device that is missing: the CPU never silently replaces a GPU.
    """
    # torch takes a second and 190 MB to import: it is asked only where its answer can be yes.
    if wanted == "cpu" or (wanted is None and not has_cuda_driver()):
        return DeviceFacts(kind="cpu", name=_processor_name())
    if find_spec("torch") is None:
        if wanted is not None:
            raise ModelUnavailable(f"PLANTAIN_DEVICE is {wanted}, and torch is not installed.")
        return DeviceFacts(kind="cpu", name=_processor_name())
    return _find_with_torch(wanted)


def _find_with_torch(wanted: str | None) -> DeviceFacts:
    import torch

    usable = torch.cuda.is_available()
    if wanted is None and not usable:
        return DeviceFacts(kind="cpu", name=_processor_name())
    if not usable:
        raise ModelUnavailable(
            f"PLANTAIN_DEVICE is {wanted}, and there is no such device: {_missing_cuda_reason()}."
        )
    try:
        found = torch.device(wanted or "cuda")
        return DeviceFacts(kind="cuda", name=torch.cuda.get_device_name(found))
    except (RuntimeError, AssertionError, ValueError) as error:
        raise ModelUnavailable(f"PLANTAIN_DEVICE is {wanted}, and there is no such device.") from error


def _missing_cuda_reason() -> str:
    """Returns why torch finds no CUDA device, as far as that is known."""
    import torch

    built_for = torch.version.cuda
    if built_for is None:
        return f"torch {torch.__version__} is a build without CUDA"
    version = driver_version()
    if version is None:
        return f"torch is built for CUDA {built_for}, and no NVIDIA driver is loaded"
    return f"torch is built for CUDA {built_for}, and the NVIDIA driver is {version} (docs/containers.md)"


def _processor_name() -> str:
    """Returns the processor's name as the kernel gives it, or the architecture's."""
    try:
        lines = _CPU_INFO.read_text().splitlines()
    except OSError:
        lines = []
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, "") or platform.processor() or platform.machine()
