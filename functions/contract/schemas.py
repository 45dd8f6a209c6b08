"""Writes the JSON Schemas of every document, and the table of sizes, from the models.

``python -m functions.contract.schemas [--check] [DIR]`` writes DIR (docs/schemas) and, beside it, sizes.md.
With ``--check`` it writes nothing, names the files that differ, and fails if there are any.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import get_args

from pydantic import BaseModel

from .batch import BatchEvent, BatchManifest, BatchRecord
from .document import VERSION
from .errors import ErrorFacts
from .job import JobRecord
from .manifest import Manifest
from .message import JobEvent, JobMessage
from .request import JobRequest
from .sizes import (
    DEFAULT_ASPECT_RATIO,
    DEFAULT_SIZE,
    MAX_EXACT_RATIO,
    MAX_EXACT_SIDE,
    MIN_EXACT_SIDE,
    MULTIPLE,
    SIDE,
    AspectRatio,
    pixel_size,
)
from .tombstone import Tombstone

DOCUMENTS: dict[str, type[BaseModel]] = {
    "job-request": JobRequest,
    "job-record": JobRecord,
    "job-message": JobMessage,
    "manifest": Manifest,
    "tombstone": Tombstone,
    "event": JobEvent,
    "batch-record": BatchRecord,
    "batch-manifest": BatchManifest,
    "batch-event": BatchEvent,
    "error": ErrorFacts,
}
_DIALECT = "https://json-schema.org/draft/2020-12/schema"  # the one that pydantic writes


def schema_text(name: str) -> str:
    """Returns the JSON Schema of one of DOCUMENTS as text, keys sorted. Raises KeyError."""
    described = DOCUMENTS[name].model_json_schema(by_alias=True, mode="validation")
    document = {"$schema": _DIALECT, "$id": f"urn:plantain:schema:{name}:{VERSION}", **described}
    return json.dumps(document, indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def size_table() -> str:
    """Returns the published table of sizes as Markdown: one row for each ratio, one column for each size."""
    rows = [f"| {' | '.join(cells)} |" for cells in _table_rows()]
    return "\n".join([_PREFACE, rows[0], _RULE, *rows[1:], ""])


def _table_rows() -> list[list[str]]:
    return [
        ["`aspect_ratio`", *(f"`{size}`" for size in SIDE)],
        *([ratio, *(_table_cell(size, ratio) for size in SIDE)] for ratio in get_args(AspectRatio)),
    ]


def _table_cell(size: str, ratio: str) -> str:
    width, height = pixel_size(size, ratio)
    return f"{width} × {height}"


_RULE = "|---" * (1 + len(SIDE)) + "|"
_PREFACE = f"""# Sizes

What `size` and `aspect_ratio` mean in pixels (width × height). The size names an area: that of the square.
The ratio shapes it, and both sides are multiples of {MULTIPLE}. A picture generated without either is
{DEFAULT_SIZE} and {DEFAULT_ASPECT_RATIO}.

In their place a request may give the exact `width` and `height`: multiples of {MULTIPLE} from
{MIN_EXACT_SIDE} to {MAX_EXACT_SIDE} pixels, one side at most {MAX_EXACT_RATIO} times the other. The picture
has exactly this size. An upscale takes only a pair of the picture's own shape, to the pixel; an outpaint
fits its picture into the frame.

This page is written by `python -m functions.contract.schemas`.
"""


def expected_files(directory: Path) -> dict[Path, str]:
    """Returns every file that belongs into ``directory``, with its content."""
    schemas = {directory / f"{name}.json": schema_text(name) for name in DOCUMENTS}
    return schemas | {directory.parent / "sizes.md": size_table()}


def differing_files(directory: Path) -> list[Path]:
    """Returns the files that are missing or out of date, and schemas of documents that no longer exist."""
    wanted = expected_files(directory)
    stale = [path for path, text in wanted.items() if not path.is_file() or path.read_text("utf-8") != text]
    return [*stale, *sorted(set(directory.glob("*.json")) - wanted.keys())]


def write_files(directory: Path) -> None:
    directory.mkdir(parents=True, exist_ok=True)
    for path, text in expected_files(directory).items():
        path.write_text(text, "utf-8")


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Write the contract's JSON Schemas and the table of sizes.")
    parser.add_argument("directory", nargs="?", type=Path, default=Path("docs/schemas"))
    parser.add_argument("--check", action="store_true", help="write nothing; fail where the files differ")
    options = parser.parse_args(arguments)
    if not options.check:
        write_files(options.directory)
    differs = differing_files(options.directory)
    for path in differs:
        print(f"{path} differs from the contract: run python -m functions.contract.schemas", file=sys.stderr)
    return 1 if differs else 0


if __name__ == "__main__":
    sys.exit(main())
