"""A request made of options, sent, followed to its end, and its pictures saved."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NoReturn

import typer
from rich.table import Table

from functions.contract.errors import InvalidRequest
from local.cli.output import FAILED, INVALID, job_lines, out, print_json, report_error
from local.cli.progress import exit_status, follow_job
from local.cli.understanding import understanding_lines
from local.client.api_client import PlantainClient
from local.client.pictures import output_format, save_pictures

LONGEST_KEY = 255


def run_request(
    plantain: PlantainClient,
    request: dict[str, Any],
    *,
    key: str | None = None,
    dry_run: bool = False,
    wait: bool = True,
    output: Path | None = None,
    json: bool = False,
) -> None:
    """Sends ``request`` and exits as the job ends: 0 where it succeeded. A dry run prints the estimate."""
    if dry_run:
        show_estimate(plantain.create({**request, "dry_run": True}), json=json)
        return
    job = plantain.create(request, check_key(key))
    if not wait:
        print_json(job) if json else out.print(job_lines(job))
        return
    finish_job(plantain, job["id"], output=output, json=json)


def finish_job(plantain: PlantainClient, job_id: str, *, output: Path | None, json: bool) -> NoReturn:
    """Follows a job to its end, saves its pictures, prints both and exits: 0 where the job succeeded."""
    job = follow_job(plantain, job_id, quiet=json)
    files = save_job_pictures(plantain, job, output) if output and job["state"] == "succeeded" else []
    if json:
        print_json({**job, "files": [str(path) for path in files]})
    else:
        out.print(job_lines(job))
        if lines := understanding_lines(plantain, job):
            out.print(lines)
        for path in files:
            out.print(f"saved   {path}", soft_wrap=True, markup=False)
    raise typer.Exit(exit_status(job))


def show_estimate(answer: dict[str, Any], *, json: bool) -> None:
    if json:
        print_json(answer)
        return
    rows = Table(box=None, show_header=False, pad_edge=False)
    for name, value in answer["estimate"].items():
        rows.add_row(name.replace("_", " "), "not measured yet" if value is None else str(value))
    out.print(rows)


def save_job_pictures(plantain: PlantainClient, job: dict[str, Any], output: Path) -> list[Path]:
    """Saves the pictures; where that fails, says how to fetch them later, for the job has succeeded."""
    try:
        return save_pictures(plantain, job, output)
    except OSError as error:
        why = f"{error.filename or output}: {error.strerror}"
    except InvalidRequest as error:
        why = error.message.rstrip(".")
    hint = f"The job has succeeded: `plantain download {job['id']}` fetches its pictures."
    raise SystemExit(report_error(f"{why}. {hint}", FAILED, {"code": "file", "job": job["id"]}))


def check_key(key: str | None) -> str | None:
    """Raises BadParameter for an idempotency key that no header can carry."""
    if key is None or (key.isascii() and key.isprintable() and 0 < len(key) <= LONGEST_KEY):
        return key
    raise typer.BadParameter(f"1 to {LONGEST_KEY} printable ASCII characters.", param_hint="--key")


def build_request(
    task: str,
    *,
    label: list[str] | None = None,
    webhook: str | None = None,
    deadline: int | None = None,
    attempts: int | None = None,
    format: str | None = None,
    output: Path | None = None,
    visible_mark: bool = False,
    **fields: Any,
) -> dict[str, Any]:
    """Builds a request of the options that were given; the service chooses the rest.

    A seed of 0 counts as given.
    """
    fields |= {
        "labels": _parse_labels(label),
        "webhook": {"url": webhook} if webhook else None,
        "deadline_seconds": deadline,
        "correction": None if attempts is None else {"attempts": attempts},
        "format": choose_format(format, output),
        "visible_mark": visible_mark or None,
    }
    given = {name: value for name, value in fields.items() if value is not None and value not in ([], {})}
    return {"task": task, **given}


def choose_format(format: str | None, output: Path | None) -> str | None:
    """Returns the format asked for, or the one that ``output`` ends in.

    Exits where nothing could be saved there.
    """
    if output is None:
        return format
    try:
        return output_format(output, format)
    except InvalidRequest as error:
        raise SystemExit(report_error(error.message, INVALID, {"code": "output"})) from None


def _parse_labels(labels: list[str] | None) -> dict[str, str]:
    pairs = [label.partition("=") for label in labels or ()]
    if not all(equals for _, equals, _ in pairs):
        raise typer.BadParameter("Write a label as key=value.", param_hint="--label")
    return {key: value for key, _, value in pairs}


def parse_region(text: str | None, option: str = "--region") -> dict[str, list[float]] | None:
    if text is None:
        return None
    try:
        box = [float(part) for part in text.split(",")]
    except ValueError:
        box = []
    if len(box) != 4:
        raise typer.BadParameter("Write a region as x0,y0,x1,y1, each between 0 and 1.", param_hint=option)
    return {"box": box}
