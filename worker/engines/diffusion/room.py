"""Room for a model's files: on a disk, or in memory where the disk is memory, as on Cloud Run."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from pathlib import Path

from functions.contract.errors import ModelUnavailable
from functions.contract.pictures.memory_budget import container_memory_bytes
from functions.contract.telemetry.log import log
from worker.engines.free_memory import available_bytes

_MOUNTS = Path("/proc/self/mountinfo")
_IN_MEMORY = {"tmpfs", "ramfs"}
_ELSEWHERE = ("fuse", "nfs")  # mounted buckets and shares: on Cloud Run all else is memory
_CLOUD_RUN = ("K_SERVICE", "CLOUD_RUN_WORKER_POOL", "CLOUD_RUN_JOB")  # set in each kind of container
_MIB = 1 << 20


def check_room(source: str, size: int | None, directory: Path) -> None:
    """Checks that ``size`` bytes of the model ``source`` fit below ``directory``, which need not exist yet.

    Warns where they take the container's memory, with the sizes in MiB; None is a size that is not known.
    Raises ModelUnavailable for what does not fit.
    """
    place = _existing(directory)
    if is_memory(place):
        _check_memory(source, size, place)
    elif size is not None and size > (free := shutil.disk_usage(place).free):
        raise ModelUnavailable(
            f"{source} has {size // _MIB} MiB, and {free // _MIB} MiB are free for {place}: make room, or "
            "name another place with PLANTAIN_DATA."
        )


def is_memory(directory: Path, environment: Mapping[str, str] = os.environ, mounts: Path = _MOUNTS) -> bool:
    """Returns True if files below ``directory`` take memory instead of a disk."""
    kind = _file_system(_existing(directory).resolve(), mounts)
    if kind in _IN_MEMORY:
        return True
    return any(environment.get(name) for name in _CLOUD_RUN) and not kind.startswith(_ELSEWHERE)


def is_mounted(directory: Path, mounts: Path = _MOUNTS) -> bool:
    """Returns True if ``directory`` is on a mounted bucket or share, where each read is a request."""
    return _file_system(directory.resolve(), mounts).startswith(_ELSEWHERE)


def _check_memory(source: str, size: int | None, place: Path) -> None:
    total, free = container_memory_bytes() // _MIB, available_bytes() // _MIB
    needed = None if size is None else size // _MIB
    if needed is not None and needed > free:
        raise ModelUnavailable(
            f"{source} has {needed} MiB, and {place} is memory, of which {free} of {total} MiB are free. "
            "Mount the model's bucket (docs/deploy.md, Weights), or give the worker more memory."
        )
    log("worker.model_in_memory", "WARNING", model=source, model_mib=needed, free_mib=free, memory_mib=total)


def _existing(directory: Path) -> Path:
    return next(place for place in (directory, *directory.absolute().parents) if place.exists())


def _file_system(place: Path, mounts: Path) -> str:
    """Returns the type of the file system that ``place`` is on; "" where the kernel does not name it."""
    kinds: dict[Path, str] = {}
    for line in mounts.read_text("utf-8", "replace").splitlines() if mounts.exists() else ():
        fields, _, kind = line.partition(" - ")
        kinds[Path(fields.split(" ")[4].replace("\\040", " "))] = kind.split(" ")[
            0
        ]  # the last mount hides others
    return next((kinds[parent] for parent in (place, *place.parents) if parent in kinds), "")
