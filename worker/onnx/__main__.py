"""``python -m worker.onnx export DIR`` and ``python -m worker.onnx draw DIR PROMPT``."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import get_args

from functions.contract.errors import PlantainError
from functions.contract.request import EXTENSIONS
from functions.contract.settings import SettingsError
from functions.contract.sizes import AspectRatio, Size
from worker.keys import KeyMissing

from .recipe import Precision

_STARTER = Path(__file__).parents[1] / "starter" / "weights"
_FORMATS = {f".{extension}": format for format, extension in EXTENSIONS.items()} | {".jpeg": "jpeg"}


def main(arguments: Sequence[str] | None = None) -> int:
    asked = _parser().parse_args(arguments)
    try:
        return asked.run(asked)
    except PlantainError as error:
        print(f"{error.code}: {error.message}", file=sys.stderr)
    except OSError as error:
        print(f"{error.filename}: {error.strerror}", file=sys.stderr)
    except (SettingsError, KeyMissing) as error:
        print(f"settings: {error}", file=sys.stderr)
    except ModuleNotFoundError as error:
        print(f"{error.name} is missing: pip install '.[onnx]', to export '.[worker,onnx]'", file=sys.stderr)
    return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m worker.onnx", description=__doc__)
    commands = parser.add_subparsers(required=True)
    export = commands.add_parser("export", help="write a model as ONNX files; needs torch")
    export.add_argument("folder", type=Path, help="what to make")
    export.add_argument("--precision", choices=get_args(Precision), default="int8")
    export.add_argument("--model", default=str(_STARTER), help="a directory, gs:// prefix or pinned hub id")
    export.add_argument("--cache", type=Path, default=Path("plantain-data/models"), help="for downloads")
    export.set_defaults(run=_export)
    draw = commands.add_parser("draw", help="draw with them; needs no torch")
    draw.add_argument("folder", type=Path, help="what export made")
    draw.add_argument("prompt", help="what to draw, or what to change")
    draw.add_argument("-o", "--output", type=Path, default=Path("picture.png"))
    draw.add_argument(
        "-i", "--image", type=Path, action="append", default=[], help="a picture to change, then references"
    )
    draw.add_argument("--size", choices=get_args(Size), default="512")
    draw.add_argument("--aspect-ratio", choices=get_args(AspectRatio))
    draw.add_argument("--seed", type=int, default=0)
    draw.add_argument("--steps", type=int)
    draw.add_argument("--guidance", type=float)
    draw.add_argument("--negative-prompt")
    draw.add_argument("--bit-depth", type=int, choices=(8, 16))
    draw.add_argument("--visible-mark", action="store_true", default=None)
    draw.add_argument("--threads", type=int, help="as many as cores, if nothing is said")
    draw.set_defaults(run=_draw)
    return parser


def _export(asked: argparse.Namespace) -> int:
    from .export import export  # brings torch

    began = time.monotonic()
    recipe = export(asked.model, asked.folder, asked.precision, asked.cache)
    size = sum(file.stat().st_size for file in asked.folder.iterdir())
    print(
        f"{asked.folder}: {recipe.model} revision {recipe.revision} in {recipe.precision}, "
        f"{size / 2**20:.1f} MiB, {time.monotonic() - began:.0f} s"
    )
    return 0


def _draw(asked: argparse.Namespace) -> int:
    from .draw import Wish, draw

    format = _FORMATS.get(asked.output.suffix.lower())
    if format is None:
        print(f"{asked.output}: name a file that ends in {', '.join(_FORMATS)}", file=sys.stderr)
        return 2
    names = (
        "size",
        "aspect_ratio",
        "seed",
        "steps",
        "guidance",
        "negative_prompt",
        "bit_depth",
        "visible_mark",
    )
    options = {"format": format} | {name: getattr(asked, name) for name in names}
    began = time.monotonic()
    wish = Wish(asked.prompt, asked.image, options)
    drawn = draw(asked.folder, wish, lambda _step, _of, _preview: None, asked.threads)
    asked.output.write_bytes(drawn.data)
    stages = ", ".join(f"{stage.name} {stage.seconds:.2f}" for stage in drawn.work.stages)
    print(
        f"{asked.output}: {drawn.work.width}×{drawn.work.height}, {time.monotonic() - began:.2f} s ({stages})"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
