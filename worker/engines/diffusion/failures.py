"""What torch says when it fails, as the errors of the contract."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager

import torch

from functions.contract.errors import EngineFailed, OutOfMemory

# How the CPU allocator, cuBLAS and cuDNN say it: as plain RuntimeErrors.
_NO_MEMORY = ("not enough memory", "DefaultCPUAllocator", "out of memory", "ALLOC_FAILED")


@contextmanager
def typed_failures() -> Generator[None]:
    """Raises OutOfMemory or EngineFailed for torch's RuntimeErrors; everything else passes as it is."""
    try:
        yield
    except (RuntimeError, MemoryError) as error:
        if isinstance(error, MemoryError) or any(sign in str(error) for sign in _NO_MEMORY):
            _release()
            raise OutOfMemory(
                "The picture needs more memory than the device has left; ask for a smaller size."
            ) from None
        raise EngineFailed(f"The engine failed while it drew: {first_line(error)}") from error


def first_line(error: BaseException) -> str:
    """The start of an error's text: enough to search for, without traces and paths below it."""
    lines = str(error).strip().splitlines()
    return lines[0][:200] if lines else type(error).__name__


def _release() -> None:
    """Gives cached blocks back, so that a smaller attempt finds them."""
    if torch.cuda.is_available():
        torch.cuda.empty_cache()
