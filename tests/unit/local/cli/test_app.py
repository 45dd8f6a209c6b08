"""The command line as a whole: a command is there, whether it is built alone or with all the others."""

from __future__ import annotations

import subprocess
import sys

import pytest
import typer.main
from typer.testing import CliRunner

from local.cli.app import COMMANDS, build_app

PROGRAM = """
import sys
from local.cli.app import main
sys.argv = ["plantain", "status", "--help"]
try:
    main()
finally:
    print([name for name in sys.modules if name in ("local.cli.batch", "local.cli.trace")])
"""


def test_all_commands_are_there_by_their_names() -> None:
    assert set(typer.main.get_group(build_app()).commands) == set(COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_alone_has_its_help(name: str) -> None:
    shown = CliRunner().invoke(build_app(name), [name, "--help"])
    assert shown.exit_code == 0, shown.output
    assert f"plantain {name}" in shown.output


def test_a_command_imports_no_other() -> None:
    ended = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True)
    assert ended.stdout.splitlines()[-1] == "[]"
