"""The machine and the versions that a figure was measured with, printed beside it."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
from importlib import metadata
from pathlib import Path

PACKAGES = ("functions-framework", "google-cloud-pubsub", "google-cloud-storage", "grpcio", "torch")


def describe() -> str:
    """Returns the machine, the versions, and the command of this run."""
    lines = (
        f"command   {' '.join((_program(), *sys.argv[1:]))}",
        f"machine   {_processor()}, {os.cpu_count()} CPUs, {_memory()}, {platform.platform(terse=True)}",
        f"load      {', '.join(f'{load:.1f}' for load in os.getloadavg())} (1, 5, 15 min, before the run)",
        f"versions  Python {platform.python_version()}, {', '.join(_versions())}, Plantain {_commit()}",
    )
    return "\n".join(lines)


def _program() -> str:
    specification = sys.modules["__main__"].__spec__
    return f"python -m {specification.name.removesuffix('.__main__')}" if specification else sys.argv[0]


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    return next(
        (line.partition(": ")[2] for line in lines if line.startswith("model name")), platform.machine()
    )


def _memory() -> str:
    return f"{os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / 2**30:.0f} GiB"


def _versions() -> list[str]:
    installed = {found.name.lower() for found in metadata.distributions() if found.name}
    return [f"{name} {metadata.version(name)}" for name in PACKAGES if name in installed]


def _commit() -> str:
    found = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False
    )
    return found.stdout.strip() or "unknown"
