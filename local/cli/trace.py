"""``plantain trace``: every hop of one job, as a tree."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from functions.contract.errors import NotFound

from ..data import DEFAULT, DataDirectory
from ..traces.seen import kept_in
from ..traces.tree import Branch, branches, of_job
from .jobs import JobArgument
from .output import JsonOption, out, print_json, table


def trace(
    job: JobArgument,
    data: Annotated[
        Path, typer.Option(envvar="PLANTAIN_DATA", help="Where the stack keeps everything.")
    ] = DEFAULT,
    json: JsonOption = False,
) -> None:
    """Every hop of a job, and how long it took: from a stack that `plantain up --trace` started."""
    spans = of_job(kept_in(DataDirectory(data).traces), job)
    if not spans:
        raise NotFound(f"No span of {job} is kept: start the stack with plantain up --trace, and ask again.")
    found = list(branches(spans))
    if json:
        print_json([{"depth": branch.depth, **vars(branch.span)} for branch in found])
        return
    rows = table("span", "where", "after ms", "takes ms", "")
    for branch in found:
        rows.add_row(*_row(branch))
    out.print(rows)
    out.print(f"[dim]trace {spans[0].trace}[/dim]")


def _row(branch: Branch) -> tuple[str, ...]:
    span = branch.span
    failed = f"[red]{escape(span.error)}[/red]" if span.error else ""
    return (
        "  " * branch.depth + escape(span.name),
        span.service.removeprefix("plantain-"),
        f"{branch.offset_ms:.0f}",
        f"{span.milliseconds:.1f}",
        failed,
    )
