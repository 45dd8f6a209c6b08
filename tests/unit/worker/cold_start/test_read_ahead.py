"""Weights of a mounted bucket are read ahead within a limit."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from worker.cold_start import read_ahead as module
from worker.cold_start.read_ahead import read_ahead
from worker.engines.diffusion.room import is_mounted


@pytest.fixture
def model(tmp_path: Path) -> Path:
    for name, size in (("transformer", 3 << 20), ("vae", (1 << 20) + 5)):
        (tmp_path / name).mkdir()
        (tmp_path / name / "weights.safetensors").write_bytes(bytes(size))
    (tmp_path / "tokenizer.json").write_bytes(bytes(100))
    return tmp_path


def test_every_byte_of_the_weights_is_read(model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "RANGE_BYTES", 1 << 20)
    assert read_ahead(model, 8 << 20, threading.Event()) == (4 << 20) + 5


def test_a_model_above_the_limit_is_left_to_its_loader(model: Path) -> None:
    assert read_ahead(model, 4 << 20, threading.Event()) == 0


def test_a_worker_that_ends_reads_no_further(model: Path) -> None:
    stop = threading.Event()
    stop.set()
    assert read_ahead(model, 8 << 20, stop) == 0


@pytest.mark.parametrize(
    ("kind", "mounted"), [("fuse.gcsfuse", True), ("nfs4", True), ("ext4", False), ("tmpfs", False)]
)
def test_a_mounted_bucket_is_known_by_its_file_system(tmp_path: Path, kind: str, mounted: bool) -> None:
    mounts = tmp_path / "mountinfo"
    mounts.write_text(f"20 1 0:1 / / rw - ext4 /dev/vda rw\n21 20 0:2 / {tmp_path}/m rw - {kind} models rw\n")
    (tmp_path / "m").mkdir()
    assert is_mounted(tmp_path / "m", mounts) is mounted
