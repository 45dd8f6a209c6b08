"""One tiny FLUX.2 klein, exported once, with the enlargers that the starter has."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest

from tests.unit.worker.engines.diffusion.conftest import klein_directory as klein_directory
from training.onnx_export.export import convert_precision, export_onnx
from worker.engines.diffusion import DiffusersEngine
from worker.engines.onnx.engine import OnnxEngine
from worker.engines.onnx.recipe import Precision
from worker.engines.protocol import Picture

# Three conftests import these fixtures, and pytest sets a session's fixture up once for each of them.
_MODELS: list[Path] = []
_EXPORTS: list[Path] = []


@pytest.fixture(scope="session")
def model(klein_directory: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Guided, with a shift that follows the tokens: what the starter's student no longer is."""
    if not _MODELS:
        directory = Path(shutil.copytree(klein_directory, tmp_path_factory.mktemp("model") / "klein"))
        card = json.loads((directory / "plantain.json").read_text())
        enlargers = {"enlarger": "starter-x4", "further_enlarger": "illustration-x4"}
        (directory / "plantain.json").write_text(json.dumps(card | enlargers))
        _MODELS.append(directory)
    return _MODELS[0]


@pytest.fixture(scope="session")
def exported(model: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[[Precision], Path]:
    """The folder of a precision; the graphs are traced once."""
    if not _EXPORTS:
        folder = tmp_path_factory.mktemp("exported")
        export_onnx(str(model), folder / "fp32", "fp32", folder / "cache")
        _EXPORTS.append(folder)
    root = _EXPORTS[0]

    def of(precision: Precision) -> Path:
        folder = root / precision
        if not folder.exists():
            shutil.copytree(root / "fp32", folder)
            convert_precision(folder, precision)
        return folder

    return of


@pytest.fixture(scope="session")
def engine(exported: Callable[[Precision], Path]) -> Callable[[Precision], OnnxEngine]:
    def of(precision: Precision) -> OnnxEngine:
        made = OnnxEngine(exported(precision), threads=1)
        made.load()
        return made

    return of


@pytest.fixture(scope="session")
def torch_engine(model: Path) -> DiffusersEngine:
    made = DiffusersEngine(model, device="cpu", dtype="float32")
    made.load()
    return made


@pytest.fixture(scope="session")
def photo() -> Callable[..., Picture]:
    """A picture of soft blobs: ``photo(width, height, seed)``."""

    def make(width: int = 96, height: int = 96, seed: int = 0) -> Picture:
        blobs = np.random.default_rng(seed).random((6, 6, 3), np.float32)
        large = cv2.resize(blobs, (width, height), interpolation=cv2.INTER_CUBIC)
        return np.clip(np.asarray(large, np.float32), 0, 1)

    return make
