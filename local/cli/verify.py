"""``plantain verify``: checks whether pictures are ours and whether they were changed, with only the key."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.markup import escape

from functions.contract.errors import InvalidRequest, PlantainError
from local.cli.output import INVALID, OK, JsonOption, borderless_table, err, out, print_json, report_error
from local.cli.progress import follow_job
from local.client.api_client import PlantainClient, RequestRefused
from local.client.pictures import image_input
from local.stack.environment import DEFAULTS

if TYPE_CHECKING:
    from worker.verification import Examiner

NOT_OURS = 1
COLOURS = {"untouched": "green", "tampered": "red", "mismatched": "red", "foreign": "white"}

Facts = dict[str, Any]


def verify(
    files: Annotated[list[Path], typer.Argument(metavar="FILE…", help="Pictures.")],
    data: Annotated[
        Path | None, typer.Option(help="The data directory of the stack whose keys are used.")
    ] = None,
    remote: Annotated[
        bool, typer.Option("--remote", help="Ask the service, which also knows the job of your own pictures.")
    ] = False,
    json: JsonOption = False,
) -> None:
    """Checks whether pictures are ours and whether they were changed. Needs only the key, no stack.

    The key is PLANTAIN_WATERMARK_KEY, or the one in the data directory. Exit status: 0 all are ours, 1 some
    are not, 2 some could not be read.
    """
    if remote:
        with PlantainClient.from_environment() as plantain:
            found = [_examine_file(file, lambda each: _ask_service(plantain, each)) for file in files]
    else:
        examiner = _build_examiner(data)
        found = [_examine_file(file, lambda each: _examine_locally(examiner, each)) for file in files]
    print_json(found) if json else _print_results(found)
    raise typer.Exit(_exit_status(found))


def _build_examiner(data: Path | None) -> Examiner:
    try:
        from worker.settings import WorkerSettings
        from worker.verification.build_examiner import build_examiner
    except ModuleNotFoundError as missing:
        raise typer.Exit(
            report_error(
                f"{missing.name} is missing: install Plantain with its extra `worker`",
                INVALID,
                {"code": "packages"},
            )
        ) from None
    given = {"PLANTAIN_DATA": str(data)} if data else {}
    try:
        return build_examiner(WorkerSettings.from_environment({**DEFAULTS, **os.environ, **given}))
    except ValueError as error:
        raise typer.Exit(report_error(str(error), INVALID, {"code": "settings"})) from None


def _examine_file(file: Path, look: Callable[[Path], Facts]) -> Facts:
    """Returns the facts of one picture, or its error; one bad file does not stop the others."""
    try:
        return {"file": str(file), **look(file)}
    except PlantainError as error:
        return {"file": str(file), "error": {"code": error.code, "detail": error.message}}
    except RequestRefused as refusal:
        return {"file": str(file), "error": {"code": refusal.code, "detail": str(refusal)}}
    except OSError as error:
        return {"file": str(file), "error": {"code": "file", "detail": error.strerror}}


def _examine_locally(examiner: Examiner, file: Path) -> Facts:
    from worker.verification import conclude_verdict

    return conclude_verdict(examiner.examine(file.read_bytes())).model_dump(mode="json")


def _ask_service(plantain: PlantainClient, file: Path) -> Facts:
    """Raises InvalidRequest for a job that did not succeed."""
    job = plantain.create({"task": "verify", "images": [image_input(plantain, str(file))]})
    job = follow_job(plantain, job["id"], quiet=True)
    if job["state"] != "succeeded":
        raise InvalidRequest(job["error"]["message"] if job.get("error") else f"The job {job['state']}.")
    return plantain.manifest(job["id"])["verification"]


def _print_results(found: list[Facts]) -> None:
    rows = borderless_table("picture", "ours", "verdict", "changed", "mark", "credentials", "job")
    for each in found:
        if "error" not in each:
            rows.add_row(*_result_row(each))
    if rows.row_count:
        out.print(rows)
    for each in found:
        if "error" in each:
            err.print(f"[red]{escape(each['file'])}:[/red] {escape(each['error']['detail'])}", soft_wrap=True)
        else:
            out.print(f"{escape(each['file'])}: {each['summary']}", soft_wrap=True)


def _result_row(facts: Facts) -> list[str]:
    verdict = facts["verdict"]
    return [
        escape(facts["file"]),
        "yes" if facts["ours"] else "no",
        f"[{COLOURS.get(verdict, 'yellow')}]{verdict}[/]",
        facts["altered"],
        f"{facts['payload']} {facts['confidence']:.0%}" if facts.get("key_version") else "none",
        _credentials_text(facts["credentials"]),
        _job_text(facts),
    ]


def _credentials_text(seen: Facts) -> str:
    if not seen["present"]:
        return "none"
    valid = "valid" if seen.get("signature_valid") and not seen.get("altered") else "broken"
    trust = {True: "trusted", False: "not trusted", None: "trust unknown"}[seen.get("trusted")]
    return ", ".join([valid, trust, *([escape(seen["issuer"])] if seen.get("issuer") else ())])


def _job_text(facts: Facts) -> str:
    """Returns the job, which the service names for the caller's own jobs only."""
    if not facts.get("job_id"):
        return ""
    return f"{facts['job_id']}{' (deleted)' if facts.get('deleted') else ''}"


def _exit_status(found: list[Facts]) -> int:
    if any("error" in each for each in found):
        return INVALID
    return OK if all(each["ours"] for each in found) else NOT_OURS
