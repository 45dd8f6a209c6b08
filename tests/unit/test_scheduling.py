"""Files that share a stack are run in one process, and each file of a group is there."""

from __future__ import annotations

from pathlib import Path

from tests.scheduling import SHARED

ROOT = Path(__file__).parents[2]
GROUPED = {file for files in SHARED.values() for file in files}


def test_every_file_of_a_group_exists() -> None:
    assert {file for file in GROUPED if not (ROOT / file).is_file()} == set()


def test_every_file_that_opens_the_studio_is_in_a_group() -> None:
    """One that is not would start a stack in a process of its own."""
    files = {file.relative_to(ROOT).as_posix() for file in (ROOT / "tests/browser").glob("test_*.py")}
    assert files - GROUPED == set()
