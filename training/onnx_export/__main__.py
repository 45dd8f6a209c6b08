"""``python -m training.onnx_export FOLDER`` writes a FLUX.2 klein pipeline as a folder of ONNX files."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import get_args

from functions.contract.errors import PlantainError
from worker.engines.onnx.recipe import Precision
from worker.settings import EMBEDDED_MODEL


def main(arguments: Sequence[str] | None = None) -> int:
    """Exports the model. Returns 0, or 1 if it cannot be exported: standard error says why."""
    asked = _build_parser().parse_args(arguments)
    try:
        return _export_and_report(asked)
    except PlantainError as error:
        print(f"{error.code}: {error.message}", file=sys.stderr)
    except OSError as error:
        print(f"{error.filename}: {error.strerror}", file=sys.stderr)
    except ModuleNotFoundError as error:
        print(
            f"{error.name} is missing: install Plantain with its extras `worker` and `onnx`", file=sys.stderr
        )
    return 1


def _build_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m training.onnx_export", description=__doc__)
    parser.add_argument("folder", type=Path, help="the folder to write")
    parser.add_argument("--precision", choices=get_args(Precision), default="int8")
    parser.add_argument(
        "--model", default=str(EMBEDDED_MODEL), help="a directory, a gs:// prefix or a pinned hub id"
    )
    parser.add_argument("--cache", type=Path, default=Path("plantain-data/models"), help="for downloads")
    return parser


def _export_and_report(asked: argparse.Namespace) -> int:
    from .export import export_onnx  # brings torch

    began = time.monotonic()
    recipe = export_onnx(asked.model, asked.folder, asked.precision, asked.cache)
    size = sum(file.stat().st_size for file in asked.folder.iterdir())
    print(
        f"{asked.folder}: {recipe.model} revision {recipe.revision} in {recipe.precision}, "
        f"{size / 2**20:.1f} MiB, {time.monotonic() - began:.0f} s"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
