"""Following a job to its end, with a bar that says which stage and step it is at."""

from __future__ import annotations

from typing import Any

from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from local.cli.output import FAILED, INTERRUPTED, OK, err, step_text
from local.client.api_client import PlantainClient


def follow_job(plantain: PlantainClient, job_id: str, *, quiet: bool) -> dict[str, Any]:
    """Returns the job once it has ended. Ctrl-C leaves the job alone and prints how to continue."""
    try:
        return plantain.wait(job_id) if quiet or not err.is_terminal else _follow_with_bar(plantain, job_id)
    except KeyboardInterrupt:
        err.print(
            f"The job continues: `plantain watch {job_id}` follows it, `plantain cancel {job_id}` ends it."
        )
        raise SystemExit(INTERRUPTED) from None


def _follow_with_bar(plantain: PlantainClient, job_id: str) -> dict[str, Any]:
    """Follows a job with a bar, which pulses until there is progress, so that it moves from the beginning."""
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f}%"),
        TimeElapsedColumn(),
    )
    job: dict[str, Any] = {}
    done = 0.0
    with Progress(*columns, console=err, transient=True) as progress:
        bar = progress.add_task("queued", total=None)
        for job in plantain.follow(job_id):
            done = max(done, job["progress"])  # a job that lost its worker begins again; the bar waits for it
            progress.update(
                bar, description=describe_progress(job), total=1.0 if done else None, completed=done
            )
    return job


def describe_progress(job: dict[str, Any]) -> str:
    """Returns ``diffuse 3/4`` while the job runs, otherwise its state."""
    if job["state"] != "running" or not job.get("stage"):
        return str(job["state"])
    return f"{job['stage']} {step_text(job)}".rstrip()


def exit_status(job: dict[str, Any]) -> int:
    return OK if job["state"] == "succeeded" else FAILED
