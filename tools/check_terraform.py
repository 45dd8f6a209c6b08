"""Runs a check on ``terraform/``: once with the tests in ``tests``, and once with each of ``tests/suites``.

Run it as ``python -m tools.check_terraform CHECK``; CHECK is a command that takes a folder, such as tfcheck.
Without a registry one run of ``terraform test`` can open few connections to the stand-in for the provider
(docs/traps.md). So a suite has a process of its own, in a copy of the folder in which it is the only test.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

TERRAFORM = Path(__file__).parents[1] / "terraform"
BASIC = ""  # no suite: the tests that lie in tests/ itself


def find_suites(folder: Path = TERRAFORM) -> list[str]:
    """Returns BASIC and the names of the suites."""
    return [BASIC, *sorted(file.name for file in (folder / "tests" / "suites").glob("*.tftest.hcl"))]


@contextmanager
def copy_with_suite(suite: str, folder: Path = TERRAFORM) -> Generator[Path]:
    """Gives a copy of ``folder`` whose only tests are the suite's, for as long as the context lasts."""
    with tempfile.TemporaryDirectory() as scratch:
        copy = Path(scratch) / "terraform"
        ignored = shutil.ignore_patterns(".terraform*", "*.tfvars*")
        shutil.copytree(folder, copy, symlinks=True, ignore=ignored)
        if suite != BASIC:
            for file in (copy / "tests").glob("*.tftest.hcl"):
                file.unlink()
            (copy / "tests" / "suites" / suite).rename(copy / "tests" / suite)
        yield copy


def main() -> int:
    (check,) = sys.argv[1:]
    # A third of terraform's time is garbage collection, which a check has the memory to do without.
    environment = {"GOGC": "400", **os.environ}
    status = 0
    for suite in find_suites():
        print(f"terraform: {suite or 'tests'}", flush=True)
        with copy_with_suite(suite) as copy:
            status |= subprocess.run([check, str(copy)], env=environment, check=False).returncode
    return status


if __name__ == "__main__":
    sys.exit(main())
