"""``plantain doctor``: shows what is installed, what is missing, and what to do about it."""

from __future__ import annotations

from itertools import chain

import typer
from rich.markup import escape

from local.cli.doctor_checks import DoctorCheck, run_checks
from local.cli.doctor_models import check_known_models
from local.cli.output import FAILED, JsonOption, out, print_json

MARKS = {"ok": "[green]ok  [/green]", "warn": "[yellow]warn[/yellow]", "fail": "[red]fail[/red]"}


def doctor(json: JsonOption = False) -> None:
    """Checks this machine, the stack and the API. Exit status 1 when something does not work."""
    found: list[DoctorCheck] = []
    for check in chain(run_checks(), check_known_models()):
        found.append(check)
        if not json:
            out.print(f"{MARKS[check.outcome]} {check.name:<24} {escape(check.says)}", soft_wrap=True)
    if json:
        print_json([check._asdict() for check in found])
    if any(check.outcome == "fail" for check in found):
        raise typer.Exit(FAILED)
