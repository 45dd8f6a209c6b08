"""The faults that are planted in Terraform."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from benchmarks.planted_fault import Fault
from benchmarks.planted_faults import FAULTS
from tools.check_terraform import TERRAFORM, find_suites


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_each_fault_has_its_place(fault: Fault, tmp_path: Path) -> None:
    """A fault whose place has gone would be noticed only by a run of hours."""
    (tmp_path / fault.file).parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(TERRAFORM / fault.file, tmp_path / fault.file)
    fault.plant(tmp_path)
    assert (tmp_path / fault.file).read_text("utf-8") != (TERRAFORM / fault.file).read_text("utf-8")


def test_no_two_faults_have_one_name() -> None:
    names = [fault.name for fault in FAULTS]
    assert sorted(set(names)) == sorted(names)


def test_each_fault_is_looked_for_by_tests_that_are_there() -> None:
    assert {fault.suite for fault in FAULTS} <= set(find_suites())
