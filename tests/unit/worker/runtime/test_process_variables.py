"""What the worker tells the libraries of its processes; an operator's own values stay."""

from __future__ import annotations

import subprocess
import sys

import pytest

from worker.runtime.bootstrap import set_process_variables

# Frees 24 MiB a hundred times: with its memory kept, the process has few page faults.
_FREE_OFTEN = """
import ctypes, resource
malloc, free = ctypes.CDLL(None).malloc, ctypes.CDLL(None).free
malloc.restype, malloc.argtypes, free.argtypes = ctypes.c_void_p, [ctypes.c_size_t], [ctypes.c_void_p]
for _ in range(100):
    place = malloc(24 << 20)
    ctypes.memset(place, 1, 24 << 20)
    free(place)
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt)
"""


def count_page_faults(environment: dict[str, str]) -> int:
    done = subprocess.run(
        [sys.executable, "-c", _FREE_OFTEN], env=environment, capture_output=True, text=True, check=True
    )
    return int(done.stdout)


def test_an_operators_own_values_stay() -> None:
    environment = {"OPENBLAS_NUM_THREADS": "8"}
    set_process_variables(environment)
    assert environment["OPENBLAS_NUM_THREADS"] == "8"
    assert environment["OMP_WAIT_POLICY"] == "PASSIVE"


@pytest.mark.skipif(sys.platform != "linux", reason="the variables are glibc's")
def test_memory_that_is_freed_is_used_again() -> None:
    kept: dict[str, str] = {}
    set_process_variables(kept)
    given_back = {"MALLOC_MMAP_THRESHOLD_": "65536"}
    assert 10 * count_page_faults(kept) < count_page_faults(given_back)
