"""Compiles the blocks that a denoiser repeats: one compilation serves all of them.

https://docs.pytorch.org/tutorials/recipes/regional_compilation.html
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any, Literal

import torch

Compilation = Literal["auto", "off", "blocks", "graphs"]
"""``auto`` is blocks on CUDA if there is a C compiler, which Triton needs, and else off."""

_DENOISERS = ("transformer", "transformer_2", "unet")
_SHAPES = 16  # that are compiled for one block, before the rest run as they are


def choose_compilation(wanted: Compilation, device: str, compiler: str | None) -> Compilation:
    """Returns what is done on the device: off, blocks or graphs. ``compiler`` is a C compiler's path."""
    on_gpu = device.startswith("cuda")
    if wanted == "auto":
        return "blocks" if on_gpu and compiler else "off"
    return "blocks" if wanted == "graphs" and not on_gpu else wanted


def find_compiler() -> str | None:
    """Returns the path of a C compiler: the one in ``CC``, or what is installed."""
    return shutil.which(os.environ.get("CC") or "cc") or shutil.which("gcc")


def compile_blocks(pipeline: Any, cache: Path, backend: str = "inductor") -> list[str]:
    """Compiles the repeated blocks of the pipeline's denoisers, at their first call; returns their names.

    What is compiled is kept below ``cache``, unless ``TORCHINDUCTOR_CACHE_DIR`` names another folder. The
    first two sizes are compiled on their own and for any size, so that further sizes compile nothing. Where
    compiling fails, torch runs the block as it is.
    """
    os.environ.setdefault("TORCHINDUCTOR_CACHE_DIR", str(cache))
    torch._dynamo.config.suppress_errors = True  # pyright: ignore[reportPrivateUsage, reportAttributeAccessIssue]
    torch._dynamo.config.recompile_limit = _SHAPES  # pyright: ignore[reportPrivateUsage, reportAttributeAccessIssue]
    found = [name for name in _DENOISERS if _has_repeated_blocks(getattr(pipeline, name, None))]
    for name in found:
        getattr(pipeline, name).compile_repeated_blocks(backend=backend)
    return found


def _has_repeated_blocks(denoiser: Any) -> bool:
    return bool(getattr(denoiser, "_repeated_blocks", None))
