"""A command of ``plantain``, run in this process, and what it left: its exit status and what it printed."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from local.cli import main


class Result(NamedTuple):
    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


Command = Callable[..., Result]


def run_command(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *arguments: str | Path
) -> Result:
    """Runs ``plantain`` through the entry point that the shell calls."""
    monkeypatch.setattr(sys, "argv", ["plantain", *map(str, arguments)])
    with pytest.raises(SystemExit) as ended:
        main()
    captured = capsys.readouterr()
    return Result(int(ended.value.code or 0), captured.out, captured.err)
