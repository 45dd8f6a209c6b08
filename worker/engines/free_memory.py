"""The memory that is free on this machine, or in its container."""

from __future__ import annotations

from pathlib import Path

from functions.contract.pictures.memory_budget import container_memory_bytes

_CGROUP = Path("/sys/fs/cgroup/memory.current")


def available_bytes() -> int:
    """Returns the lesser of what Linux calls available and what the container's cgroup has left."""
    if not Path("/proc/meminfo").exists():
        return container_memory_bytes() // 2
    meminfo = dict(line.split(":", 1) for line in Path("/proc/meminfo").read_text().splitlines())
    free = int(meminfo["MemAvailable"].split()[0]) * 1024
    used = int(_CGROUP.read_text()) if _CGROUP.exists() else 0
    return max(0, min(free, container_memory_bytes() - used))
