"""Room for a model's files."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import pytest

from functions.contract.errors import ModelUnavailable
from functions.contract.telemetry import log as lines
from worker.engines.diffusion import room
from worker.engines.diffusion.room import check_room, is_memory

MOUNTS = """\
22 1 0:20 / / rw,relatime shared:1 - overlay overlay rw
23 22 0:21 / {tmp} rw,nosuid master:2 shared:7 - tmpfs tmpfs rw
24 22 0:22 / {models} ro - fuse.gcsfuse models ro
25 22 0:23 / {gap} rw - ext4 /dev/sda1 rw
26 23 0:24 / {tmp}/disk rw - ext4 /dev/sdb1 rw
"""
GIB = 1 << 30


@pytest.fixture
def places(tmp_path: Path) -> dict[str, Path]:
    names = {name: tmp_path / name for name in ("tmp", "models", "tmp/disk", "a gap", "other")}
    for path in names.values():
        path.mkdir(parents=True)
    return names


@pytest.fixture
def mounts(tmp_path: Path, places: dict[str, Path]) -> Path:
    file = tmp_path / "mountinfo"
    gap = str(places["a gap"]).replace(" ", "\\040")
    file.write_text(MOUNTS.format(tmp=places["tmp"], models=places["models"], gap=gap))
    return file


@pytest.mark.parametrize(
    ("place", "on_disk", "on_cloud_run"),
    [
        ("tmp", True, True),
        ("tmp/disk", False, True),
        ("models", False, False),
        ("a gap", False, True),
        ("other", False, True),
    ],
)
def test_what_is_memory(
    place: str, on_disk: bool, on_cloud_run: bool, places: dict[str, Path], mounts: Path
) -> None:
    assert is_memory(places[place] / "not" / "yet", {}, mounts) is on_disk
    for variable in ("K_SERVICE", "CLOUD_RUN_WORKER_POOL", "CLOUD_RUN_JOB"):
        assert is_memory(places[place], {variable: "worker"}, mounts) is on_cloud_run


def test_where_mounts_are_not_told_there_is_a_disk(tmp_path: Path) -> None:
    assert not is_memory(tmp_path, {}, tmp_path / "none")
    assert is_memory(tmp_path, {"CLOUD_RUN_WORKER_POOL": "worker"}, tmp_path / "none")


Lines = list[tuple[str, Mapping[str, object]]]


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> Lines:
    heard: Lines = []

    def hear(event: str, facts: Mapping[str, object]) -> None:
        heard.append((event, facts))

    monkeypatch.setattr(lines, "_listeners", [hear])
    return heard


@pytest.fixture
def in_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """Cloud Run, with 32 GiB of which 20 are free."""
    monkeypatch.setenv("CLOUD_RUN_WORKER_POOL", "worker")
    monkeypatch.setattr(room, "container_memory_bytes", lambda: 32 * GIB)
    monkeypatch.setattr(room, "available_bytes", lambda: 20 * GIB)


@pytest.mark.usefixtures("in_memory")
@pytest.mark.parametrize("size", [20 * GIB, 1, None])
def test_what_takes_memory_is_warned_of_with_the_sizes(size: int | None, tmp_path: Path, told: Lines) -> None:
    check_room("gs://models/klein", size, tmp_path / "gs" / "models")
    needed = None if size is None else size >> 20
    facts = {"model": "gs://models/klein", "model_mib": needed, "free_mib": 20_480, "memory_mib": 32_768}
    assert told == [("worker.model_in_memory", facts)]


@pytest.mark.usefixtures("in_memory")
def test_what_does_not_fit_in_memory_is_refused_with_the_sizes(tmp_path: Path) -> None:
    with pytest.raises(ModelUnavailable, match=r"24576 MiB.*20480 of 32768 MiB are free.*Weights"):
        check_room("gs://models/klein", 24 * GIB, tmp_path / "gs")


class Usage(NamedTuple):
    free: int


def test_what_does_not_fit_on_the_disk_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, told: Lines
) -> None:
    def on_a_disk(place: Path) -> bool:
        del place
        return False

    def a_gibibyte(place: Path) -> Usage:
        del place
        return Usage(free=GIB)

    monkeypatch.setattr(room, "is_memory", on_a_disk)
    monkeypatch.setattr(shutil, "disk_usage", a_gibibyte)
    check_room("gs://models/klein", GIB, tmp_path / "gs")
    check_room("owner/name", None, tmp_path / "gs")
    with pytest.raises(ModelUnavailable, match=r"1024 MiB are free.*PLANTAIN_DATA"):
        check_room("gs://models/klein", GIB + 1, tmp_path / "gs")
    assert told == []
