"""``plantain up``: the stack, until Ctrl-C."""

from __future__ import annotations

import asyncio
import signal
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape
from rich.table import Table

from functions.contract.paused_collection import paused_collection
from local.cli.model_choice import bring_model, read_stack_settings
from local.cli.output import JsonOption, borderless_table, err, out, print_json
from local.data_folder import DEFAULT
from local.http_servers.ports import ANY, HOST, StackPorts
from local.stack.environment import client_exports
from local.stack.worker_packages import check_worker_packages

if TYPE_CHECKING:  # what the stack is made of takes a second to import, and only this command needs it
    from local.stack.stack import Stack
    from local.stack.stack_options import StackOptions

DEFAULTS = StackPorts()
BUCKETS = {
    "PLANTAIN_UPLOADS_BUCKET": "uploads",
    "PLANTAIN_RESULTS_BUCKET": "results",
    "PLANTAIN_JOBS_BUCKET": "jobs",
}
DOCUMENTS = Path(__file__).parents[2] / "docs" / "api.md"  # in a checkout; an installed Plantain has none
LAST_PORT = 65_535
READY = """[green]ready[/green]: open {api}/
or try `plantain generate "a red boat on the sea at night" -o boat.png`"""


def up(
    data: Annotated[
        Path, typer.Option(envvar="PLANTAIN_DATA", help="The folder that keeps everything.")
    ] = DEFAULT,
    port: Annotated[
        int,
        typer.Option(min=0, max=LAST_PORT, help="The API's port; 0 picks free ports for everything."),
    ] = DEFAULTS.api,
    storage_port: Annotated[
        int, typer.Option(min=0, max=LAST_PORT, help="Cloud Storage's port.")
    ] = DEFAULTS.storage,
    pubsub_port: Annotated[int, typer.Option(min=0, max=LAST_PORT, help="Pub/Sub's port.")] = DEFAULTS.pubsub,
    host: Annotated[
        str,
        typer.Option(
            help="The address of the API and the emulators; others than 127.0.0.1 need PLANTAIN_API_KEYS."
        ),
    ] = HOST,
    workers: Annotated[int, typer.Option(min=0, help="The number of workers.")] = 1,
    model: Annotated[
        str | None,
        typer.Option(
            help="The default model: starter, mock, or one of `plantain models`, pulled if need be."
        ),
    ] = None,
    wait: Annotated[bool, typer.Option(help="Wait until the workers are warm before saying ready.")] = True,
    exactly_once: Annotated[bool, typer.Option(help="Deliver the workers' messages exactly once.")] = True,
    remote: Annotated[
        list[str] | None,
        typer.Option(metavar="MODEL", help="Send this model's jobs to an emulated Vertex AI endpoint."),
    ] = None,
    trace: Annotated[
        bool, typer.Option(help="Keep what `plantain trace JOB` shows: every step of every job.")
    ] = False,
    fault: Annotated[
        list[str] | None, typer.Option(metavar="SERVER.FAULT=VALUE", help="Such as storage.unavailable=0.05.")
    ] = None,
    json: JsonOption = False,
) -> None:
    """Runs everything on this machine: emulators, functions, event bridge, workers. Ctrl-C stops it."""
    from local.stack.fault_control import parse_fault_options
    from local.stack.stack_options import StackOptions

    if model is not None:
        bring_model(model, data, quiet=json)
    if workers or remote:
        check_worker_packages(_default_source(model, data))
    free = port == ANY
    options = StackOptions(
        data=data,
        ports=StackPorts(
            port,
            _choose_port(storage_port, DEFAULTS.storage, free=free),
            _choose_port(pubsub_port, DEFAULTS.pubsub, free=free),
        ),
        host=host,
        workers=workers,
        model=model,
        traced=trace,
        exactly_once=exactly_once,
        remote=tuple(remote or ()),
        faults=parse_fault_options(fault or []),
    )
    asyncio.run(_run_until_signal(options, wait=wait, json=json))


def _default_source(model: str | None, data: Path) -> str:
    """Returns where the default model comes from. Raises SettingsError."""
    settings = read_stack_settings(model, data)
    return settings.models[settings.default_model]


def _choose_port(given: int, default: int, *, free: bool) -> int:
    """Returns the port; ``--port 0`` frees the other ports as well, unless they are named."""
    return ANY if free and given == default else given


async def _run_until_signal(options: StackOptions, *, wait: bool, json: bool) -> None:
    """Serves until a signal stops it with grace; further signals during the stop change nothing."""
    serving = asyncio.create_task(_serve_stack(options, wait=wait, json=json))
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, _stop_serving, serving)
    with suppress(asyncio.CancelledError):
        await serving


def _stop_serving(serving: asyncio.Task[None]) -> None:
    if not serving.cancelling():
        _print_status("stopping")
        serving.cancel()


async def _serve_stack(options: StackOptions, *, wait: bool, json: bool) -> None:
    with paused_collection():
        from local.stack.stack import Stack

    async with Stack.running(options, _print_status) as stack:
        if not json:
            out.print(_overview_table(stack))
            out.print(for_other_programs(stack), soft_wrap=True, highlight=False, markup=False)
        if wait:
            await stack.wait_warm()
        if json:
            print_json({"event": "ready", **stack.status()})
        else:
            out.print(READY.format(api=stack.addresses["api"]), soft_wrap=True)
        await stack.wait_warm()
        await asyncio.Event().wait()


def _overview_table(stack: Stack) -> Table:
    """Returns a table of what runs where."""
    rows = borderless_table("part", "answers at", "keeps or logs in")
    addresses, data = stack.addresses, stack.data
    rows.add_row("API", addresses["api"], str(stack.processes[0].log))
    rows.add_row("Cloud Storage", addresses["storage"], _data_location("storage", stack, data.storage))
    rows.add_row("Pub/Sub", addresses["pubsub"], _data_location("pubsub", stack, data.pubsub))
    rows.add_row("control", addresses["control"], "")
    for name, what in BUCKETS.items():
        rows.add_row(f"{what} bucket", f"gs://{stack.status()['environment'][name]}", "")
    for process in stack.processes[1:]:
        rows.add_row(process.name, f"process {process.pid}", str(process.log))
    return rows


def for_other_programs(stack: Stack) -> str:
    """Returns the variables by which other programs reach the stack's emulators, and where they are
    documented.
    """
    environment = stack.status()["environment"]
    named = ("STORAGE_EMULATOR_HOST", "PUBSUB_EMULATOR_HOST", "GOOGLE_CLOUD_PROJECT")
    exports = client_exports(*(environment[name] for name in named))
    lines = (f"export {name}={value}" for name, value in exports.items())
    documents = [f"Documents: {DOCUMENTS}", ""] if DOCUMENTS.is_file() else []
    return "\n".join(["", "For other programs:", *lines, "", *documents])


def _data_location(name: str, stack: Stack, directory: Path) -> str:
    return str(directory) if name in stack.servers else "as the environment says"


def _print_status(text: str) -> None:
    err.print(f"[dim]{datetime.now():%H:%M:%S}[/dim] {escape(text)}", soft_wrap=True)
