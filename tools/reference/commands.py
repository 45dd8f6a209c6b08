"""The command line: its commands, and what an exit status says."""

from __future__ import annotations

import typer.main

from local.cli.app import build_app
from local.cli.output import STATUSES
from tools.reference.markdown import code_span, markdown_table


def command_table() -> str:
    commands = typer.main.get_group(build_app()).commands
    rows = [
        [code_span(f"plantain {name}"), _first_paragraph(command.help)] for name, command in commands.items()
    ]
    return markdown_table(["command", "what it does"], rows)


def _first_paragraph(text: str | None) -> str:
    return (text or "").partition("\n\n")[0]


def status_table() -> str:
    return markdown_table(
        ["exit status", "meaning"], [[str(status), says] for status, says in STATUSES.items()]
    )
