"""The device's benchmark, at a size for a CPU."""

from __future__ import annotations

import pytest

from benchmarks.device.__main__ import main
from benchmarks.device.drawing_passes import count_operations
from benchmarks.device.random_model import FOUR_BILLION

pytestmark = pytest.mark.slow

_SMALL = ["--device", "cpu", "--small", "--runs", "1", "--steps", "1", "--jobs", "0"]


def test_it_measures_passes_and_a_whole_job(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*_SMALL, "--batches", "2", "--weights", "float32"]) == 0
    lines = [
        line for line in capsys.readouterr().out.splitlines() if "float32" in line and line.startswith("|")
    ]
    measured = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    names = [cells[0] for cells in measured]
    assert names[:2] == ["64 px, float32, 2 in a pass", "96 px, float32, 2 in a pass"]
    assert names[-1] == "512, float32"
    assert all(float(cells[3]) >= float(cells[1]) >= 0 for cells in measured[:2])
    assert "diffuse" in measured[-1][-1]


def test_the_floor_is_that_of_klein() -> None:
    """docs/models.md has 154 · 10¹² for the same network with its text encoder and decoder."""
    assert 120e12 < count_operations(FOUR_BILLION, 1024, steps=4) < 154e12


def test_four_billion_weights_need_a_gpu() -> None:
    with pytest.raises(SystemExit):
        main(["--device", "cpu"])
