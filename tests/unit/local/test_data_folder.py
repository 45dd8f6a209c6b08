"""The data directory."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from local.data_folder import DataDirectory, DataInUse


def test_the_webhook_secret_is_made_once_and_for_the_owner_alone(tmp_path: Path) -> None:
    data = DataDirectory(tmp_path)
    data.make_folders()
    secret = data.webhook_secret()
    assert secret.startswith("whsec_")
    assert DataDirectory(tmp_path).webhook_secret() == secret
    assert stat.S_IMODE((data.keys / "webhook_secret").stat().st_mode) == 0o600


def test_one_stack_uses_a_directory_at_a_time(tmp_path: Path) -> None:
    with (
        DataDirectory(tmp_path).locked(),
        pytest.raises(DataInUse, match="--data"),
        DataDirectory(tmp_path).locked(),
    ):
        pass
    with DataDirectory(tmp_path).locked():
        pass


def test_the_state_is_that_of_a_stack_that_runs(tmp_path: Path) -> None:
    data = DataDirectory(tmp_path)
    assert data.read_state() is None
    data.write_state({"pid": os.getpid(), "api": "http://127.0.0.1:1"})
    assert data.read_state() == {"pid": os.getpid(), "api": "http://127.0.0.1:1"}
    data.remove_state()
    assert data.read_state() is None


@pytest.mark.parametrize("text", ["", "[]", "null", "{}", '{"pid": null}', '{"pid": "1"}', "\x00"])
def test_a_state_that_is_none_counts_for_nothing(tmp_path: Path, text: str) -> None:
    (tmp_path / "stack.json").write_text(text)
    assert DataDirectory(tmp_path).read_state() is None


def test_the_state_of_a_stack_that_was_killed_counts_for_nothing(tmp_path: Path) -> None:
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    data = DataDirectory(tmp_path)
    data.write_state({"pid": gone.pid})
    assert data.read_state() is None
