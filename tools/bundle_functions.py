"""``python -m tools.bundle_functions FOLDER``: zips the functions' source, byte for byte reproducible.

Terraform names the object after the hash of the zip, so that functions are built again when their source has
changed, and only then. The zip therefore has nothing that differs between two checkouts: no times, owners or
modes, and no order of a directory. Files are stored without compression, whose result depends on zlib.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import sys
from argparse import ArgumentParser
from collections.abc import Iterator, Sequence
from pathlib import Path
from zipfile import ZIP_STORED, ZipFile, ZipInfo

SOURCE = Path(__file__).parents[1] / "functions"
_EPOCH = (1980, 1, 1, 0, 0, 0)  # the earliest moment that a zip can say
_UNIX = 3
_MODE = 0o100644 << 16  # a plain file that its owner may write
_CACHES = frozenset({".pyc", ".pyo"})


def zip_functions(source: Path = SOURCE) -> bytes:
    """Returns the zip of everything below ``source`` except caches and hidden files: a function's source
    root.
    """
    buffer = io.BytesIO()
    with ZipFile(buffer, "w", ZIP_STORED) as archive:
        for file in _source_files(source):
            archive.writestr(_zip_entry(file.relative_to(source).as_posix()), file.read_bytes())
    return buffer.getvalue()


def _source_files(source: Path) -> Iterator[Path]:
    found = (path for path in source.rglob("*") if path.is_file() and _is_source(path.relative_to(source)))
    return iter(sorted(found, key=lambda path: path.relative_to(source).as_posix()))


def _is_source(path: Path) -> bool:
    hidden = any(part.startswith(".") or part == "__pycache__" for part in path.parts)
    return not hidden and path.suffix not in _CACHES


def _zip_entry(name: str) -> ZipInfo:
    entry = ZipInfo(name, _EPOCH)
    entry.create_system, entry.external_attr = _UNIX, _MODE
    return entry


def write_bundle(folder: Path, source: Path = SOURCE) -> Path:
    """Writes ``functions-HASH.zip``; an existing file of that name already has the same bytes."""
    data = zip_functions(source)
    target = folder / f"functions-{hashlib.sha256(data).hexdigest()[:16]}.zip"
    folder.mkdir(parents=True, exist_ok=True)
    target.write_bytes(data)
    return target


def write_tfvars(variables: Path, zip: Path) -> None:
    """Sets ``functions_zip`` in a file of variables, as a path relative to that file."""
    path = os.path.relpath(zip, variables.parent)
    variables.write_text(json.dumps({"functions_zip": Path(path).as_posix()}) + "\n")


def main(arguments: Sequence[str] | None = None) -> int:
    parser = ArgumentParser(
        prog="python -m tools.bundle_functions", description="Zips the functions' source."
    )
    parser.add_argument("folder", type=Path, help="where the zip goes, named after its hash")
    parser.add_argument("--tfvars", type=Path, help="a .auto.tfvars.json in which to set functions_zip")
    asked = parser.parse_args(arguments)
    zip = write_bundle(asked.folder)
    if asked.tfvars:
        write_tfvars(asked.tfvars, zip)
    print(zip)
    return 0


if __name__ == "__main__":
    sys.exit(main())
