"""Reads a mounted model's weights into the kernel's cache, several ranges at once.

A mounted bucket answers a single reader, such as a file that is mapped into memory, with one request after
the other. The kernel keeps what was read: the loader then finds it in memory.
https://cloud.google.com/storage/docs/cloud-storage-fuse/overview
"""

from __future__ import annotations

import os
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from functions.contract.telemetry.log import log
from worker.cold_start.object_ranges import RANGE_BYTES, READERS

_BUFFER_BYTES = 1 << 20  # of each reader


def read_ahead(directory: Path, limit: int, stop: threading.Event) -> int:
    """Returns how many bytes of ``directory``'s weights were read ahead: none if there are over ``limit``.

    ``stop`` ends it early.
    """
    files = sorted(directory.rglob("*.safetensors"))
    size = sum(file.stat().st_size for file in files)
    if not 0 < size <= limit:
        return 0
    began = time.monotonic()
    with ThreadPoolExecutor(READERS, thread_name_prefix="read-ahead") as pool:
        ranges = [
            pool.submit(_read_range, file, start, stop)
            for file in files
            for start in range(0, file.stat().st_size, RANGE_BYTES)
        ]
        read = sum(each.result() for each in ranges)
    log("worker.model_read_ahead", bytes=read, seconds=round(time.monotonic() - began, 3))
    return read


def _read_range(file: Path, start: int, stop: threading.Event) -> int:
    """Returns the bytes that were read; fewer where the file cannot be read, which the loader then tells."""
    buffer, read = bytearray(_BUFFER_BYTES), 0
    try:
        handle = os.open(file, os.O_RDONLY)
    except OSError:
        return 0
    try:
        while read < RANGE_BYTES and not stop.is_set() and (got := os.preadv(handle, [buffer], start + read)):
            read += got
    except OSError:
        return read
    finally:
        os.close(handle)
    return read
