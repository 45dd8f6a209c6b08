"""CUDA's forward compatibility: newer driver libraries in front of an older NVIDIA driver.

torch's wheels are built for CUDA 13, which needs a driver of branch 580. Google documents a driver of branch
535 for Cloud Run's L4. NVIDIA's compatibility package makes that sufficient on data-centre GPUs. It must not
be used with a newer driver (https://docs.nvidia.com/deploy/cuda-compatibility/). Which driver a container
has is known only when it starts.
"""

from __future__ import annotations

import ctypes
import re
from collections.abc import Iterable, MutableMapping
from pathlib import Path

from functions.contract.telemetry.log import log

COMPATIBILITY = Path("/usr/local/cuda/compat")  # in NVIDIA's images, and so in ours
_PROC = Path("/proc/driver/nvidia/version")
# Where platforms put the driver's own libraries: Cloud Run and GKE, and NVIDIA's container runtime.
_MOUNTED = (Path("/usr/local/nvidia/lib64"), Path("/usr/lib/x86_64-linux-gnu"))
_VERSION = re.compile(r"\d{3}\.\d+(?:\.\d+)?")


def prefer_compatible_libraries(
    environment: MutableMapping[str, str],
    driver: str | None,
    compatibility: Path = COMPATIBILITY,
) -> bool:
    """Puts the compatibility package first in ``LD_LIBRARY_PATH`` if the driver is older than it.

    ``driver`` is the loaded driver's version, such as 535.216.03, or None. Returns True if the variable was
    changed. Only processes that start afterwards use it, because the dynamic linker reads it at their start.
    """
    packaged = _library_version([compatibility])
    if driver is None or packaged is None or _branch(driver) >= _branch(packaged):
        return False
    before = environment.get("LD_LIBRARY_PATH")
    environment["LD_LIBRARY_PATH"] = f"{compatibility}:{before}" if before else str(compatibility)
    log("cuda.compatibility", driver=driver, libraries=packaged)
    return True


def driver_version(proc: Path = _PROC, mounted: Iterable[Path] = _MOUNTED) -> str | None:
    """Returns the NVIDIA driver's version, from the kernel or a mounted library; None without a driver."""
    try:
        found = _VERSION.search(proc.read_text().partition("\n")[0])
    except OSError:
        found = None
    return found[0] if found else _library_version(mounted)


def has_cuda_driver(library: str = "libcuda.so.1") -> bool:
    """Returns True if the dynamic linker finds the driver's library, without which torch finds no device."""
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def _library_version(folders: Iterable[Path]) -> str | None:
    """Returns the version in the name of the first libcuda.so.VERSION in ``folders``."""
    names = (file.name for folder in folders for file in sorted(folder.glob("libcuda.so.*")))
    found = (_VERSION.search(name) for name in names)
    return next((match[0] for match in found if match), None)


def _branch(version: str) -> int:
    return int(version.partition(".")[0])
