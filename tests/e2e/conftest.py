"""The command line against the real stack, in this process, as its users run it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from local.cli import output
from local.stack.stack_process import StackProcess
from tests.command import Command, Result, run_command
from tests.mock_stack import killed_afterwards, mock_stack


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StackProcess]:
    with killed_afterwards(mock_stack(tmp_path_factory.mktemp("stack"))) as running:
        yield running


@pytest.fixture(scope="session")
def http() -> Iterator[httpx.Client]:
    """One client for what is asked again and again: each new one makes an SSL context, 20 ms of a core."""
    with httpx.Client(timeout=30) as client:
        yield client


@pytest.fixture
def plantain(
    stack: StackProcess, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Command:
    """Runs a command against the stack, which it finds by the data directory as on a laptop."""
    monkeypatch.delenv("PLANTAIN_URL", raising=False)
    monkeypatch.setenv("PLANTAIN_DATA", stack.state["data"])
    monkeypatch.setattr(output.out, "width", 200)

    def run(*arguments: str | Path) -> Result:
        return run_command(monkeypatch, capsys, *arguments)

    return run
