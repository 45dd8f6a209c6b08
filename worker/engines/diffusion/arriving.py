"""Models that are still being downloaded: a component is loaded as soon as its own files are there."""

from __future__ import annotations

import json
from importlib import import_module
from pathlib import Path
from typing import Any

import torch

from worker.cold_start.model_download import ModelDownload
from worker.cold_start.start_parts import StartParts
from worker.engines.diffusion.hub import INDEX

_DTYPE = {"diffusers": "torch_dtype", "transformers": "dtype"}  # what their from_pretrained calls it


def load_components(
    download: ModelDownload, device: str, dtype: torch.dtype, start: StartParts
) -> dict[str, Any]:
    """Returns the components with weights on the device, by name, in the order of the pipeline's index.

    While one is copied to the device the next ones are downloaded. All files are there in the end. Components
    of a library that is not named here are left to diffusers. ``start`` measures the waits as its download.
    Raises ModelUnavailable, and the libraries' errors.
    """
    components: dict[str, Any] = {}
    for name, (library, class_name) in _listed(download.directory):
        with start.measure("download"):
            download.wait(name)
        folder = download.directory / name
        if library in _DTYPE and next(folder.glob("*.safetensors"), None):
            component = getattr(import_module(library), class_name)
            loaded = component.from_pretrained(
                folder, use_safetensors=True, local_files_only=True, **{_DTYPE[library]: dtype}
            )
            components[name] = loaded.to(device)
    with start.measure("download"):
        download.wait()
    return components


def _listed(directory: Path) -> list[tuple[str, tuple[str, str]]]:
    """Returns the components of the pipeline's index that it has, with their libraries and classes."""
    index = json.loads((directory / INDEX).read_bytes())
    named = [(name, tuple(value)) for name, value in index.items() if isinstance(value, list)]
    return [(name, value) for name, value in named if len(value) == 2 and all(value)]
