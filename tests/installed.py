"""Plantain as its users install it: a wheel and the packages of some extras, outside of the repository."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from importlib import metadata
from pathlib import Path, PurePosixPath

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
SOURCE = ("functions", "worker", "local", "training", "tools", "pyproject.toml", "README.md", "LICENSE")


def build_wheel(folder: Path) -> Path:
    """Builds from a copy, without asking a package index, and returns the wheel's path."""
    source = folder / "source"
    source.mkdir(parents=True)
    for name in SOURCE:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, source / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / name, source / name)
    options = ("--no-deps", "--no-index", "--no-build-isolation", "--quiet", "--wheel-dir", str(folder))
    subprocess.run([sys.executable, "-m", "pip", "wheel", *options, str(source)], check=True)
    (wheel,) = folder.glob("plantain-*.whl")
    return wheel


def install(wheel: Path, extras: Sequence[str], folder: Path) -> Path:
    """Returns the Python of a new environment with the wheel and the packages that ``extras`` ask for.

    The packages are links to those of this environment: nothing is downloaded.
    """
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder)], check=True)
    python = folder / "bin" / "python"
    pip = [sys.executable, "-m", "pip", "--python", str(python), "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, "install", "--no-deps", "--no-index", str(wheel)], check=True)
    (packages,) = folder.glob("lib/python3*/site-packages")
    (information,) = packages.glob("plantain-*.dist-info")
    plantain = metadata.PathDistribution(information)
    link_packages([metadata.distribution(name) for name in needed(plantain, extras)], packages)
    return python


def needed(distribution: metadata.Distribution, extras: Sequence[str] = ()) -> set[str]:
    """Returns the canonical names of all packages that ``distribution`` needs, also indirectly."""
    own = canonicalize_name(distribution.metadata["Name"])
    found: set[str] = set()
    waiting = list(_requirements(distribution, extras))
    seen: set[str] = set()
    while waiting:
        requirement = waiting.pop()
        if str(requirement) in seen:
            continue
        seen.add(str(requirement))
        name = canonicalize_name(requirement.name)
        if name == own:
            waiting += _requirements(distribution, sorted(requirement.extras))
            continue
        found.add(name)
        waiting += _requirements(metadata.distribution(name), sorted(requirement.extras))
    return found


def _requirements(distribution: metadata.Distribution, extras: Iterable[str]) -> list[Requirement]:
    wanted = [Requirement(line) for line in distribution.requires or ()]
    return [
        each
        for each in wanted
        if each.marker is None or any(each.marker.evaluate({"extra": extra}) for extra in ("", *extras))
    ]


def link_packages(distributions: Sequence[metadata.Distribution], folder: Path) -> None:
    """Links what each distribution installed: a folder whole, unless several distributions share it."""
    files = [[PurePosixPath(path) for path in each.files or ()] for each in distributions]
    owners = Counter(top for paths in files for top in {path.parts[0] for path in paths})
    for distribution, paths in zip(distributions, files, strict=True):
        inside = [path for path in paths if path.parts[0] != ".." and path.suffix != ".pth"]
        for part in {path if owners[path.parts[0]] > 1 else PurePosixPath(path.parts[0]) for path in inside}:
            target, link = Path(str(distribution.locate_file(part.as_posix()))), folder / part
            if target.exists() and not link.exists():
                link.parent.mkdir(parents=True, exist_ok=True)
                link.symlink_to(target)
