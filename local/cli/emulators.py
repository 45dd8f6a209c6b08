"""``plantain emulators``: Cloud Storage and Pub/Sub alone, until Ctrl-C."""

from __future__ import annotations

import asyncio
import signal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from local.cli.output import JsonOption, err, print_json
from local.cli.up import LAST_PORT
from local.http_servers.ports import HOST, StackPorts

if TYPE_CHECKING:  # only this command needs the servers, and they take a second to import
    from local.stack.emulators import EmulatorOptions

DEFAULTS = StackPorts()


def emulators(
    data: Annotated[
        Path | None,
        typer.Option(help="The folder that keeps everything; without it nothing is kept at the end."),
    ] = None,
    storage_port: Annotated[
        int, typer.Option(min=0, max=LAST_PORT, help="Cloud Storage's port; 0 picks one.")
    ] = DEFAULTS.storage,
    pubsub_port: Annotated[
        int, typer.Option(min=0, max=LAST_PORT, help="Pub/Sub's port; 0 picks one.")
    ] = DEFAULTS.pubsub,
    host: Annotated[
        str,
        typer.Option(
            help="The address to listen on; others than 127.0.0.1 need PLANTAIN_API_KEYS, or --open."
        ),
    ] = HOST,
    open_to_all: Annotated[
        bool, typer.Option("--open", help="Let callers from other machines do everything without a key.")
    ] = False,
    json: JsonOption = False,
) -> None:
    """Runs Cloud Storage and Pub/Sub for any program, and prints what to set. Ctrl-C stops them."""
    from local.http_servers.api_keys import ApiKeys
    from local.stack.emulators import EmulatorOptions

    options = EmulatorOptions(data, host, storage_port, pubsub_port, ApiKeys.from_environment(), open_to_all)
    asyncio.run(_run_until_signal(options, json=json))


async def _run_until_signal(options: EmulatorOptions, *, json: bool) -> None:
    from local.stack.emulators import run_emulators

    stopped = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    async with run_emulators(options) as both:
        if json:
            print_json({"event": "ready", "environment": both.exports})
        else:
            # Only the exports are printed on stdout, so that a shell can read them.
            print("\n".join(f"export {name}={value}" for name, value in both.exports.items()), flush=True)
            err.print("ready: set these where your programs run; Ctrl-C stops both")
        await stopped.wait()
