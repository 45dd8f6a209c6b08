"""The command line: its commands, and what an exit status says."""

from __future__ import annotations

import typer.main

from local.cli.app import app
from local.cli.output import STATUSES
from tools.reference.markdown import code, table


def command_table() -> str:
    commands = typer.main.get_group(app).commands
    rows = [[code(f"plantain {name}"), _first(command.help)] for name, command in commands.items()]
    return table(["command", "what it does"], rows)


def _first(text: str | None) -> str:
    return (text or "").partition("\n\n")[0]


def status_table() -> str:
    return table(["exit status", "meaning"], [[str(status), says] for status, says in STATUSES.items()])
