"""The output of the commands: tables and lines for people on a terminal, JSON on stdout for programs."""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

OK, FAILED, INVALID, UNREACHABLE, INTERRUPTED = 0, 1, 2, 3, 130
STATUSES = {
    OK: "Done: the job succeeded, or the answer is there.",
    FAILED: "The job or the stack failed, a check of `doctor` failed, or a picture is not ours.",
    INVALID: "The command or the request is not valid, a file cannot be read, or the service refused it.",
    UNREACHABLE: "The service does not answer, or cannot serve.",
    INTERRUPTED: "Ctrl-C. A followed job continues.",
}

_LONG = 1_000  # columns where the output is no terminal: a file or a pipe gets whole lines

out = Console(width=None if sys.stdout.isatty() else _LONG)
err = Console(stderr=True, width=None if sys.stderr.isatty() else _LONG)

JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON, for machines.")]

COLOURS = {
    "queued": "cyan",
    "running": "blue",
    "canceling": "yellow",
    "succeeded": "green",
    "failed": "red",
    "blocked": "red",
    "canceled": "yellow",
    "expired": "yellow",
}


def print_json(value: Any) -> None:
    """Prints one line and flushes it: a reader may be waiting for it."""
    print(json.dumps(value, ensure_ascii=False), flush=True)


def report_error(message: str, status: int, problem: dict[str, Any]) -> int:
    """Says what went wrong, on stdout as well where JSON was asked for; ``status`` is for the exit."""
    if "--json" in sys.argv:
        print_json({"error": {"detail": message, **problem}})
    err.print(f"[red]error:[/red] {escape(message)}", soft_wrap=True)
    return status


def coloured_state(text: str) -> str:
    return f"[{COLOURS.get(text, 'white')}]{text}[/]"


def borderless_table(*columns: str) -> Table:
    return Table(*columns, box=None, header_style="bold", pad_edge=False)


def jobs_table(jobs: list[dict[str, Any]]) -> Table:
    rows = borderless_table("job", "state", "task", "stage", "age", "labels")
    for job in jobs:
        labels = " ".join(f"{key}={value}" for key, value in (job.get("labels") or {}).items())
        stage = f"{job['stage']} {step_text(job)}" if job.get("stage") and not job.get("ended") else ""
        rows.add_row(
            job["id"],
            coloured_state(job["state"]),
            job.get("task", ""),
            stage,
            age_text(job["created"]),
            escape(labels),
        )
    return rows


def job_lines(job: dict[str, Any]) -> Table:
    """Returns a job as a table of two columns."""
    rows = Table(box=None, show_header=False, pad_edge=False)
    rows.add_row("job", job["id"])
    rows.add_row("state", coloured_state(job["state"]))
    rows.add_row("task", _task_text(job))
    rows.add_row("created", f"{job['created']} ({age_text(job['created'])} ago)")
    if job.get("stage") and not job.get("ended"):
        rows.add_row("stage", f"{job['stage']} {step_text(job)} {job['progress']:.0%}")
    for image in job.get("images") or ():
        rows.add_row("picture", image["uri"])
    if job.get("error"):
        rows.add_row("error", f"{job['error']['code']}: {escape(job['error']['message'])}")
    return rows


def _task_text(job: dict[str, Any]) -> str:
    """Returns the task with its plan; a job that was refused as an upload has no size and no seed."""
    planned = [f"{job['width']}×{job['height']}", job["model"], f"seed {job['seed']}"] if job["width"] else []
    return ", ".join([job["task"], *planned])


def step_text(job: dict[str, Any]) -> str:
    return f"{job['step']}/{job['steps']}" if job.get("step") and job.get("steps") else ""


def age_text(moment: str) -> str:
    seconds = max(0, int((datetime.now(UTC) - datetime.fromisoformat(moment)).total_seconds()))
    for unit, length in (("d", 86_400), ("h", 3_600), ("min", 60)):
        if seconds >= 2 * length:
            return f"{seconds // length} {unit}"
    return f"{seconds} s"
