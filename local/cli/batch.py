"""``plantain batch``: a file of requests, one a line, sent, followed to its end and summed up."""

from __future__ import annotations

import json as jsonlib
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
)
from rich.table import Table

from functions.contract import ids
from functions.contract.batch import BatchState
from local.cli.output import (
    FAILED,
    INTERRUPTED,
    INVALID,
    OK,
    JsonOption,
    borderless_table,
    coloured_state,
    err,
    out,
    print_json,
    report_error,
)
from local.cli.run_request import check_key
from local.client.api_client import PlantainClient

LOOK_SECONDS = (0.3, 3.0)  # between looks: counting a large batch's items takes the service some calls
_GROWTH = 1.3
_SHOWN = 20  # lines with an error
JSONL = "application/jsonl"


def batch(
    file: Annotated[
        str,
        typer.Argument(metavar="FILE.jsonl", help="A request on each line, or the id of a batch to follow."),
    ],
    vertex: Annotated[
        bool, typer.Option("--vertex", help="Run it as a Vertex AI batch prediction job.")
    ] = False,
    defaults: Annotated[
        str | None,
        typer.Option(metavar="JSON", help='Values for the fields that lines leave out: {"size": "1K"}.'),
    ] = None,
    webhook: Annotated[
        str | None, typer.Option(metavar="URL", help="An address that is called when the batch has ended.")
    ] = None,
    key: Annotated[
        str | None, typer.Option(help="An idempotency key: the same key is the same batch.")
    ] = None,
    no_wait: Annotated[
        bool, typer.Option("--no-wait", help="Return as soon as the batch has started.")
    ] = False,
    cancel: Annotated[bool, typer.Option("--cancel", help="Cancel the batch of this id.")] = False,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Write the summary to this file.")
    ] = None,
    json: JsonOption = False,
) -> None:
    """Sends many requests at once. Exit status 0 only where every line gave its pictures."""
    is_begun = ids.BATCH_ID.match(file) is not None
    if cancel and not is_begun:
        raise SystemExit(
            report_error("--cancel takes the id of a batch, not a file", INVALID, {"code": "usage"})
        )
    if not is_begun and file.startswith("batch_") and not Path(file).exists():
        raise SystemExit(
            report_error(f"{file} is neither a file nor a batch's id", INVALID, {"code": "usage"})
        )
    if output and not output.parent.is_dir():
        said = f"There is no folder {output.parent}: make it first."
        raise SystemExit(report_error(said, INVALID, {"code": "output"}))
    key = check_key(key)
    with PlantainClient.from_environment() as plantain:
        if is_begun:
            found = plantain.cancel_batch(file) if cancel else plantain.batch(file)
        else:
            found = _create_batch(
                plantain, Path(file), _batch_request(vertex=vertex, defaults=defaults, webhook=webhook), key
            )
        if no_wait:
            print_json(found) if json else out.print(found["id"])
            return
        ended = _follow_batch(plantain, found["id"], quiet=json)
        summary = plantain.batch_manifest(ended["id"])
    if output:
        output.write_text(jsonlib.dumps(summary, indent=2, ensure_ascii=False) + "\n", "utf-8")
    print_json(summary) if json else _print_summary(summary)
    raise typer.Exit(_exit_status(summary))


def _batch_request(*, vertex: bool, defaults: str | None, webhook: str | None) -> dict[str, Any]:
    request: dict[str, Any] = {"lane": "vertex-batch"} if vertex else {}
    if webhook:
        request["webhook"] = {"url": webhook}
    if defaults:
        try:
            request["defaults"] = jsonlib.loads(defaults)
        except (ValueError, RecursionError):
            raise SystemExit(report_error("--defaults is not JSON.", INVALID, {"code": "usage"})) from None
    return request


def _create_batch(
    plantain: PlantainClient, file: Path, request: dict[str, Any], key: str | None
) -> dict[str, Any]:
    upload = plantain.upload(file.read_bytes(), JSONL)
    return plantain.create_batch({**request, "upload": upload}, key)


def _follow_batch(plantain: PlantainClient, batch_id: str, *, quiet: bool) -> dict[str, Any]:
    """Returns the batch once it has ended. Ctrl-C leaves the batch alone and prints how to continue."""
    try:
        found = _poll_batch(plantain, batch_id)
        return _last_state(found) if quiet or not err.is_terminal else _follow_with_bar(found)
    except KeyboardInterrupt:
        err.print(
            f"The batch continues: `plantain batch {batch_id}` follows it, with --cancel it ends.",
            highlight=False,
        )
        raise SystemExit(INTERRUPTED) from None


def _poll_batch(plantain: PlantainClient, batch_id: str) -> Iterator[dict[str, Any]]:
    pause, longest = LOOK_SECONDS
    while True:
        found = plantain.batch(batch_id)
        yield found
        if BatchState(found["state"]).is_terminal:  # its summary stands: that is written first
            return
        time.sleep(pause)
        pause = min(pause * _GROWTH, longest)


def _last_state(found: Iterator[dict[str, Any]]) -> dict[str, Any]:
    *_, last = found
    return last


def _follow_with_bar(found: Iterator[dict[str, Any]]) -> dict[str, Any]:
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    last: dict[str, Any] = {}
    with Progress(*columns, console=err, transient=True) as progress:
        bar = progress.add_task("reading", total=None)
        for last in found:
            counts = last["counts"]
            ended = sum(counts.values()) - counts.get("queued", 0)
            progress.update(bar, description=last["state"], completed=ended, total=_item_count(last))
    return last


def _item_count(batch: dict[str, Any]) -> int | None:
    """Returns the number of items, which is not known before every line was read."""
    return None if batch["state"] == BatchState.READING else sum(batch["counts"].values())


def _print_summary(summary: dict[str, Any]) -> None:
    rows = Table(box=None, show_header=False, pad_edge=False)
    rows.add_row("batch", summary["batch_id"])
    rows.add_row("state", summary["state"])
    for name, count in summary["counts"].items():
        rows.add_row(coloured_state(name), str(count))
    if summary.get("error"):
        rows.add_row("error", f"{summary['error']['code']}: {escape(summary['error']['message'])}")
    out.print(rows)
    wrong = [item for item in summary.get("items", ()) if item.get("error")]
    if wrong:
        out.print(_error_table(wrong))
    if len(wrong) > _SHOWN:
        out.print(f"… and {len(wrong) - _SHOWN} more: --output writes all of them to a file")


def _error_table(wrong: list[dict[str, Any]]) -> Table:
    rows = borderless_table("line", "id", "state", "error")
    for item in wrong[:_SHOWN]:
        error = item["error"]
        error_text = f"{error['code']}: {escape(error['message'])}"
        rows.add_row(
            str(item["line"]), escape(item.get("custom_id", "")), coloured_state(item["state"]), error_text
        )
    return rows


def _exit_status(summary: dict[str, Any]) -> int:
    done = set(summary["counts"]) <= {"succeeded"} and summary["state"] == BatchState.COMPLETED
    return OK if done else FAILED
