"""Memory admission: what a job's pictures take in both processes, and what there is for all of them."""

from __future__ import annotations

from pathlib import Path

from functions.contract.job import JobRecord
from functions.contract.pictures.memory_budget import MemoryBudget, container_memory_bytes
from functions.contract.tasks import WITHOUT_PICTURES

REFERENCE_PIXELS = 2048 * 2048  # no engine sees more of a picture that it only looks at
_BYTES_PER_PIXEL = 3 * 4  # float32 RGB
_PROCESSES = 2  # the parent holds what the engine works on
_WORKING = 5  # copies of one picture: what upscale, watermark and encoding hold beside it
_SHARE = 0.7  # of what is free once the models are loaded
_DECODED = 0.3  # of that: what decoders may take at once, beside the pictures that are decoded
_CGROUP = Path("/sys/fs/cgroup/memory.current")


def most_pixels(record: JobRecord, n: int) -> int | None:
    """What the ``n``-th input is shrunk to as it is decoded; None: it is needed as it is.

    The picture that is changed is seen at the result's size, or at the most that an engine looks at.
    """
    task = record.request.task
    if task in ("verify", "upscale"):
        return None
    if n == 0 and task == "outpaint":
        return record.width * record.height
    changed = n == 0 and task == "edit"
    return max(REFERENCE_PIXELS, record.width * record.height) if changed else REFERENCE_PIXELS


def job_bytes(record: JobRecord) -> int:
    """Bytes that a job's pictures take outside the model, at the most and in both processes."""
    request, own = record.request, record.width * record.height
    kept = sum(most_pixels(record, n) or own for n in range(len(request.images)))
    is_masked = request.mask or request.region or request.region_prompt or request.task == "outpaint"
    if request.task in WITHOUT_PICTURES:
        return estimate(0, 0, 0, kept)
    return estimate(record.width, record.height, request.picture_count, kept + (own if is_masked else 0))


def estimate(width: int, height: int, count: int, inputs: int = 0) -> int:
    """Bytes for ``count`` pictures of a size, and for ``inputs`` pixels of others."""
    drawn = width * height * (_PROCESSES * count + _WORKING)
    return _BYTES_PER_PIXEL * (drawn + _PROCESSES * inputs)


def available_bytes() -> int:
    """What is free of the container's memory: what Linux says is available, or its cgroup has left."""
    if not Path("/proc/meminfo").exists():
        return container_memory_bytes() // 2
    meminfo = dict(line.split(":", 1) for line in Path("/proc/meminfo").read_text().splitlines())
    free = int(meminfo["MemAvailable"].split()[0]) * 1024
    used = int(_CGROUP.read_text()) if _CGROUP.exists() else 0
    return max(0, min(free, container_memory_bytes() - used))


def budgets(total: int | None) -> tuple[MemoryBudget, MemoryBudget]:
    """The budget of the jobs in hand, and the decoders', out of ``total`` bytes or what is free."""
    total = total or int(available_bytes() * _SHARE)
    decoded = int(total * _DECODED)
    return MemoryBudget(total - decoded), MemoryBudget(decoded)
