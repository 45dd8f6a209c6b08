"""``plantain status``, ``jobs``, ``watch``, ``download``, ``cancel`` and ``delete``: commands on existing
jobs.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.live import Live

from functions.contract.states import State
from local.cli.output import (
    FAILED,
    INVALID,
    OK,
    JsonOption,
    err,
    job_lines,
    jobs_table,
    out,
    print_json,
    report_error,
)
from local.cli.progress import exit_status, follow_job
from local.cli.run_request import choose_format, save_job_pictures
from local.cli.understanding import understanding_lines
from local.client.api_client import PlantainClient, RequestRefused

JobArgument = Annotated[str, typer.Argument(help="The job's id.")]
NEWEST = 15
LOOK_SECONDS = 0.5


def status(job: JobArgument, json: JsonOption = False) -> None:
    """Shows the state of a job."""
    with PlantainClient.from_environment() as plantain:
        found = plantain.job(job)
        lines = None if json else understanding_lines(plantain, found)
    print_json(found) if json else out.print(job_lines(found))
    if lines:
        out.print(lines)
    if found.get("ended"):
        raise typer.Exit(exit_status(found))


def list_jobs(
    state: Annotated[str | None, typer.Option(help="Only jobs in this state.")] = None,
    label: Annotated[
        list[str] | None, typer.Option(metavar="KEY=VALUE", help="Only jobs with this label.")
    ] = None,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="The most jobs to list, newest first.")] = 20,
    json: JsonOption = False,
) -> None:
    """Lists the newest jobs."""
    labels = tuple(":".join(text.split("=", 1)) for text in label or ())
    with PlantainClient.from_environment() as plantain:
        found = _list_pages(plantain, state, labels, limit)
        found = _refresh_unended(plantain, found)
    print_json(found) if json else out.print(jobs_table(found))


def watch(
    job: Annotated[str | None, typer.Argument(help="The job's id; without it, the newest jobs.")] = None,
    json: JsonOption = False,
) -> None:
    """Follows a job to its end, or the newest jobs until Ctrl-C."""
    with PlantainClient.from_environment() as plantain:
        if job is None:
            _watch_newest(plantain, json=json)
            return
        ended = follow_job(plantain, job, quiet=json)
    print_json(ended) if json else out.print(job_lines(ended))
    raise typer.Exit(exit_status(ended))


def cancel(job: JobArgument, json: JsonOption = False) -> None:
    """Cancels a job: one that is running stops between two steps."""
    with PlantainClient.from_environment() as plantain:
        found = plantain.cancel(job)
    print_json(found) if json else out.print(job_lines(found))


def delete(
    jobs: Annotated[list[str], typer.Argument(metavar="JOB…", help="Ids of jobs that have ended.")],
    json: JsonOption = False,
) -> None:
    """Removes everything of jobs that have ended: pictures, inputs, prompts. Only hashes are kept.

    A job that cannot be deleted does not stop the others; the exit status is then 2.
    """
    status = OK
    with PlantainClient.from_environment() as plantain:
        for job in jobs:
            try:
                tombstone = plantain.delete(job)
            except RequestRefused as refusal:
                status = report_error(f"{job}: {refusal}", INVALID, {**refusal.problem, "id": job})
            else:
                print_json(tombstone) if json else out.print(f"{tombstone['id']} deleted")
    raise typer.Exit(status)


def download(
    job: JobArgument,
    output: Annotated[
        Path, typer.Option("-o", "--output", help="As this file, or into this folder, which must exist.")
    ] = Path(),
    json: JsonOption = False,
) -> None:
    """Saves the pictures of a job that has succeeded. Several are numbered from 0, as in the API."""
    choose_format(None, output)
    with PlantainClient.from_environment() as plantain:
        found = plantain.job(job)
        if not found["images"]:
            said = f"{job} has no pictures: it is {found['state']}."
            raise SystemExit(report_error(said, FAILED, {"code": "no_pictures"}))
        files = save_job_pictures(plantain, found, output)
    if json:
        print_json({"id": job, "files": [str(path) for path in files]})
        return
    for path in files:
        out.print(f"saved   {path}", soft_wrap=True, markup=False)


def _list_pages(
    plantain: PlantainClient, state: str | None, labels: tuple[str, ...], limit: int
) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    cursor = None
    while len(found) < limit:
        page = plantain.jobs(state=state, labels=labels, limit=min(limit - len(found), 100), cursor=cursor)
        found += page["jobs"]
        cursor = page.get("next_cursor")
        if not cursor:
            break
    return found


def _refresh_unended(plantain: PlantainClient, jobs: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Returns the jobs with the newest unended ones read again: a listing shows only how jobs began and
    ended.
    """
    unended = [job["id"] for job in jobs if not State(job["state"]).is_terminal][:NEWEST]
    now = {job_id: plantain.job(job_id) for job_id in unended}
    return [now.get(job["id"], job) for job in jobs]


def _watch_newest(plantain: PlantainClient, *, json: bool) -> None:
    """Shows the newest jobs until Ctrl-C, which is the usual end and therefore no error."""
    try:
        if json:
            for changed in _state_changes(plantain):
                print_json(changed)
            return
        with Live(console=out, auto_refresh=False, transient=False) as live:
            for jobs in _poll_newest(plantain):
                live.update(jobs_table(jobs), refresh=True)
    except KeyboardInterrupt:
        err.print()


def _poll_newest(plantain: PlantainClient) -> Iterator[list[dict[str, Any]]]:
    while True:
        yield _refresh_unended(plantain, plantain.jobs(limit=NEWEST)["jobs"])
        time.sleep(LOOK_SECONDS)


def _state_changes(plantain: PlantainClient) -> Iterator[dict[str, Any]]:
    """Yields each job when it is first seen and whenever its state has changed."""
    seen: dict[str, str] = {}
    for jobs in _poll_newest(plantain):
        for job in reversed(jobs):
            if seen.get(job["id"]) != job["state"]:
                seen[job["id"]] = job["state"]
                yield job
