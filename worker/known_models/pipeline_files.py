"""Which files of a repository a pipeline is loaded from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase
from pathlib import PurePosixPath

_FILES = ("model_index.json", "plantain.json")
_ENDINGS = ("json", "txt", "model", "jinja", "safetensors")
_OTHER_COPIES = ("*.fp16*", "*.bf16*", "*.non_ema*", "*onnx*", "*openvino*", "*flax*")


def pipeline_patterns(index: Mapping[str, object]) -> list[str]:
    """Returns the patterns of a pipeline's files: its index, and the folders that the index names.

    Many repositories keep more: single files of the original code, pickles, other precisions.
    """
    parts = [part for part in index if part.isidentifier() and part[0] != "_" and _is_loaded(index[part])]
    return [*_FILES, *(f"{part}/*.{ending}" for part in parts for ending in _ENDINGS)]


def other_copies() -> list[str]:
    """Returns the patterns of other precisions' and frameworks' copies, which are not wanted."""
    return list(_OTHER_COPIES)


def select_pipeline_files(index: Mapping[str, object], paths: Iterable[str]) -> list[str]:
    """Returns those of ``paths`` that the pipeline is loaded from, sorted."""
    wanted = pipeline_patterns(index)
    return sorted(
        path
        for path in paths
        if len(PurePosixPath(path).parts) <= 2  # a pipeline's folders have none below them, nor above
        and _matches(path, wanted)
        and not _matches(path, _OTHER_COPIES)
    )


def _matches(path: str, patterns: Iterable[str]) -> bool:
    return any(fnmatchcase(path, pattern) for pattern in patterns)


def _is_loaded(part: object) -> bool:
    """Returns True for an entry such as ``["diffusers", "AutoencoderKL"]``; ``[null, null]`` has no files."""
    return isinstance(part, list) and bool(part) and part[0] is not None
