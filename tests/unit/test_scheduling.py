"""Files that share a stack are run in one process, and each file of a group is there."""

from __future__ import annotations

from collections import OrderedDict
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import pytest

from tests.scheduling import FIRST, SHARED, ByStack

ROOT = Path(__file__).parents[2]
GROUPED = {file for files in SHARED.values() for file in files}


def test_every_file_of_a_group_exists() -> None:
    assert {file for file in GROUPED if not (ROOT / file).is_file()} == set()


def test_every_file_that_opens_the_studio_is_in_a_group() -> None:
    """One that is not would start a stack in a process of its own."""
    files = {file.relative_to(ROOT).as_posix() for file in (ROOT / "tests/browser").glob("test_*.py")}
    assert files - GROUPED == set()


@pytest.mark.parametrize("scope", FIRST)
def test_what_begins_first_exists(scope: str) -> None:
    """A file of a group is begun with its group."""
    assert scope in SHARED or (scope not in GROUPED and (ROOT / scope).is_file())


def test_the_longest_are_given_out_first_and_then_the_files_in_their_order() -> None:
    files = ["tests/unit/a.py", FIRST[1], "tests/unit/b.py", FIRST[0]]
    node: Any = Mock()
    scheduling = ByStack.__new__(ByStack)  # its construction needs xdist's options
    scheduling.workqueue = OrderedDict((file, {f"{file}::test": False}) for file in files)
    scheduling.assigned_work = {}
    scheduling.registered_collections = {node: [f"{file}::test" for file in files]}
    for _ in files:
        scheduling._assign_work_unit(node)  # pyright: ignore[reportPrivateUsage]
    assert [call.args[0] for call in node.send_runtest_some.call_args_list] == [[3], [1], [0], [2]]
