"""``plantain trace``: shows every step of one job, across all processes, as a tree."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from functions.contract.errors import NotFound
from functions.contract.ids import check_job_id
from local.cli.jobs import JobArgument
from local.cli.output import JsonOption, borderless_table, err, out, print_json
from local.data_folder import DEFAULT, DataDirectory
from local.traces.received_spans import read_spans
from local.traces.span_tree import SpanBranch, list_branches, spans_of_job

SENT = "a few seconds after they end"
_FRESH_NS = 10 * 10**9  # OpenTelemetry sends every 5 s


def trace(
    job: JobArgument,
    data: Annotated[
        Path, typer.Option(envvar="PLANTAIN_DATA", help="The folder that keeps everything of the stack.")
    ] = DEFAULT,
    json: JsonOption = False,
) -> None:
    """Shows every step of a job and how long it took. The stack must run with `plantain up --trace`."""
    check_job_id(job)
    file = DataDirectory(data).traces
    spans = spans_of_job(read_spans(file), job)
    if not spans:
        raise NotFound(_explain_missing(job, file))
    if time.time_ns() - max(span.end for span in spans) < _FRESH_NS:
        err.print(f"Spans of {job} are still coming: each process sends its own {SENT}. Ask again.")
    found = list(list_branches(spans))
    if json:
        print_json([{"depth": branch.depth, **vars(branch.span)} for branch in found])
        return
    rows = borderless_table("span", "where", "after ms", "takes ms", "")
    for branch in found:
        rows.add_row(*_span_row(branch))
    out.print(rows)
    out.print(f"[dim]trace {spans[0].trace}[/dim]")


def _explain_missing(job: str, file: Path) -> str:
    if not file.exists():
        return (
            f"{file.parent} keeps no spans: start the stack with `plantain up --trace`, or name with --data "
            "the folder that it keeps everything in."
        )
    return (
        f"No span of {job} is in {file.parent} yet: each process sends its own {SENT}. Ask again, or name "
        "with --data the folder of the stack that ran it."
    )


def _span_row(branch: SpanBranch) -> tuple[str, ...]:
    span = branch.span
    failed = f"[red]{escape(span.error)}[/red]" if span.error else ""
    return (
        "  " * branch.depth + escape(span.name),
        span.service.removeprefix("plantain-"),
        f"{branch.offset_ms:.0f}",
        f"{span.milliseconds:.1f}",
        failed,
    )
