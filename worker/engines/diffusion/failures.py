"""Turns torch's failures into the contract's errors."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager

import torch

from functions.contract.errors import EngineFailed, OutOfMemory

# The CPU allocator, cuBLAS and cuDNN say it in plain RuntimeErrors.
_NO_MEMORY = ("not enough memory", "DefaultCPUAllocator", "out of memory", "ALLOC_FAILED")


@contextmanager
def typed_failures() -> Generator[None]:
    """Raises OutOfMemory or EngineFailed for torch's RuntimeErrors; everything else passes as it is."""
    try:
        yield
    except (RuntimeError, MemoryError) as error:
        if isinstance(error, MemoryError) or any(sign in str(error) for sign in _NO_MEMORY):
            _free_cached_blocks()
            raise OutOfMemory(
                "The picture needs more memory than the device has left; ask for a smaller size."
            ) from None
        raise EngineFailed(f"The engine failed while it drew: {first_line(error)}") from error


def first_line(error: BaseException) -> str:
    """Returns the start of an error's text: enough to search for, without traces and paths."""
    lines = str(error).strip().splitlines()
    return lines[0][:200] if lines else type(error).__name__


def _free_cached_blocks() -> None:
    """Frees torch's cached blocks for a smaller attempt."""
    if torch.cuda.is_available():
        torch.cuda.empty_cache()
