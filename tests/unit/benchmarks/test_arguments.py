"""A benchmark that is asked for help prints it, and does not run for minutes."""

from __future__ import annotations

from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[3] / "benchmarks"
NAMED = [*sorted(FOLDER.glob("*.py")), *sorted(FOLDER.glob("*/__main__.py"))]
PROGRAMS = [file for file in NAMED if 'if __name__ == "__main__":' in file.read_text()]


@pytest.mark.parametrize("file", PROGRAMS, ids=lambda file: file.relative_to(FOLDER).as_posix())
def test_every_benchmark_reads_its_arguments(file: Path) -> None:
    assert "ArgumentParser(" in file.read_text()
