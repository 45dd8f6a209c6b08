"""The packages that a worker on this machine needs, and which of them are missing."""

from __future__ import annotations

from collections.abc import Iterable
from importlib import metadata

from functions.contract.engine_limits import Engine, engine_of
from functions.contract.errors import PlantainError

EVERY_WORKER = ("numpy", "opencv-python-headless", "isal", "c2pa-python", "cryptography")
FOR_ENGINE: dict[Engine, tuple[str, ...]] = {
    "diffusers": ("torch", "diffusers", "transformers", "accelerate", "safetensors"),
    "onnx": ("onnxruntime", "tokenizers"),
    "gemini": ("google-genai",),
    "mock": (),
}


class WorkerNotInstalled(PlantainError):
    """This machine has the command line, but not the worker."""

    code, title = "worker_not_installed", "The worker is not installed"
    remedy = "Install Plantain with its extra `worker`, or start the stack with `--workers 0`."


def packages_for(source: str) -> tuple[str, ...]:
    """Returns the packages that draw with a model, by the model's source in ``PLANTAIN_MODELS``."""
    return EVERY_WORKER + FOR_ENGINE[engine_of(source)]


def check_worker_packages(source: str) -> None:
    """Raises WorkerNotInstalled, which names the packages that are missing."""
    extra = "onnx" if engine_of(source) == "onnx" else "worker"
    if missing := missing_packages(packages_for(source)):
        raise WorkerNotInstalled(
            f"A worker needs {', '.join(missing)}: install Plantain with its extra `{extra}`. "
            "Without a worker, `plantain up --workers 0` runs the API and the emulators; jobs stay queued."
        )


def missing_packages(names: Iterable[str]) -> list[str]:
    """Returns those of ``names`` that are not installed."""
    return [name for name in names if installed_version(name) is None]


def installed_version(package: str) -> str | None:
    """Returns the version of ``package`` on this machine, or None where it is not installed."""
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None
