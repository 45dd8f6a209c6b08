"""``python -m worker.offline FOLDER PROMPT``: draws with exported ONNX files; needs no torch."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import get_args

from functions.contract.errors import PlantainError
from functions.contract.formats import EXTENSIONS
from functions.contract.settings import SettingsError
from functions.contract.sizes import AspectRatio, Size
from worker.watermark.watermark_keys import KeyMissing

_FORMATS = {f".{extension}": format for format, extension in EXTENSIONS.items()} | {".jpeg": "jpeg"}


def main(arguments: Sequence[str] | None = None) -> int:
    asked = _build_parser().parse_args(arguments)
    try:
        return _draw_file(asked)
    except PlantainError as error:
        print(f"{error.code}: {error.message}", file=sys.stderr)
    except OSError as error:
        print(f"{error.filename}: {error.strerror}", file=sys.stderr)
    except (SettingsError, KeyMissing) as error:
        print(f"settings: {error}", file=sys.stderr)
    except ModuleNotFoundError as error:
        print(f"{error.name} is missing: install Plantain with its extra `onnx`", file=sys.stderr)
    return 1


def _build_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m worker.offline", description=__doc__)
    parser.add_argument("folder", type=Path, help="what python -m training.onnx_export wrote")
    parser.add_argument("prompt", help="what to draw, or what to change")
    parser.add_argument("-o", "--output", type=Path, default=Path("picture.png"))
    parser.add_argument(
        "-i",
        "--image",
        type=Path,
        action="append",
        default=[],
        help="the picture to change; repeat it for references",
    )
    parser.add_argument("--size", choices=get_args(Size), help="default: 512, unless a width is given")
    parser.add_argument("--aspect-ratio", choices=get_args(AspectRatio))
    parser.add_argument("--width", type=int, help="exact pixels, with --height, in place of a size")
    parser.add_argument("--height", type=int)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--steps", type=int)
    parser.add_argument("--guidance", type=float)
    parser.add_argument("--negative-prompt")
    parser.add_argument("--bit-depth", type=int, choices=(8, 16))
    parser.add_argument("--visible-mark", action="store_true", default=None)
    parser.add_argument("--threads", type=int, help="default: one for each core")
    return parser


def _draw_file(asked: argparse.Namespace) -> int:
    from worker.offline.exported_model import OfflineRequest, draw_with_exported_model

    format = _FORMATS.get(asked.output.suffix.lower())
    if format is None:
        print(f"{asked.output}: name a file that ends in {', '.join(_FORMATS)}", file=sys.stderr)
        return 2
    names = (
        "size",
        "aspect_ratio",
        "width",
        "height",
        "seed",
        "steps",
        "guidance",
        "negative_prompt",
        "bit_depth",
        "visible_mark",
    )
    options = {"format": format} | {name: getattr(asked, name) for name in names}
    if asked.width is None and asked.height is None:
        options["size"] = asked.size or "512"
    began = time.monotonic()
    request = OfflineRequest(asked.prompt, asked.image, options)
    work = draw_with_exported_model(asked.folder, request, asked.threads)
    asked.output.write_bytes(work.pictures[0].data)
    stages = ", ".join(f"{stage.name} {stage.seconds:.2f}" for stage in work.stages)
    print(f"{asked.output}: {work.width}×{work.height}, {time.monotonic() - began:.2f} s ({stages})")
    return 0


if __name__ == "__main__":
    sys.exit(main())
