"""The pages for contributors name what is there, and all of it."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.unit.docs.markdown import ROOT, prose

# Folders that a reader need not know: files of one kind under one heading.
UNNAMED = re.compile(
    r"(tests|benchmarks|terraform)/.+/|(worker|training)/(.+/)?weights|worker/embedded_model/|functions/studio/static/.+/|\.|docs/decisions/"
)
FRONT = (
    "CONTRIBUTING.md",
    "docs/architecture.md",
    "SECURITY.md",
    "CHANGELOG.md",
    "README.md",
    "docs/first-steps.md",
)
_LINE = re.compile(r"^( *)([\w.-]+/?)(?= )")


def named_in_the_tree() -> Iterator[str]:
    """Yields the path of each line of docs/architecture.md's tree. Two spaces are one level."""
    text = (ROOT / "docs/architecture.md").read_text("utf-8").partition("## The tree")[2]
    above: list[str] = []
    for line in text.split("```")[1].strip("\n").splitlines():
        match = _LINE.match(line)
        assert match, line
        del above[len(match[1]) // 2 :]
        above.append(match[2])
        yield "".join(above)


def folders() -> set[str]:
    """Returns the folders of the repository, with a slash at the end."""
    files = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    parents = (parent for file in files.splitlines() for parent in Path(file).parents)
    return {f"{parent.as_posix()}/" for parent in parents} - {"./"}


def test_each_line_of_the_tree_is_there() -> None:
    assert [path for path in named_in_the_tree() if not (ROOT / path).exists()] == []


def test_each_folder_has_its_line() -> None:
    top = {path for path in named_in_the_tree() if path.endswith("/")}
    lacking = {path for path in folders() - top if not UNNAMED.match(path)}
    tests = {path for path in folders() if re.fullmatch(r"tests/\w+/", path)}
    assert sorted(lacking | tests - top) == []


@pytest.mark.parametrize("page", FRONT)
def test_each_path_that_a_page_names_is_there(page: str) -> None:
    """A path is what stands in backticks, has a slash, and begins with a folder of the repository."""
    tops = {path.partition("/")[0] for path in folders()}
    spans = re.findall(r"`([\w./-]+)`", prose(ROOT / page))
    paths = [span for span in spans if "/" in span and span.partition("/")[0] in tops and "NAME" not in span]
    earlier = {"worker/starter/weights"}  # the changelog names what it replaced
    assert [path for path in paths if not (ROOT / path).exists() and path not in earlier] == []
