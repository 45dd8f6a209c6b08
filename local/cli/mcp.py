"""``plantain mcp``: tools for agents, over standard input and output or over HTTP."""

from __future__ import annotations

import asyncio
import signal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from functions.contract.errors import InvalidRequest
from local.cli.output import INVALID, err, report_error

if TYPE_CHECKING:
    from mcp.server.lowlevel import Server

_LAST_PORT = 65_535


def mcp(
    http: Annotated[
        str | None,
        typer.Option(
            metavar="HOST:PORT",
            help="Serve streamable HTTP at this address instead of standard input and output. "
            "An address that other machines reach needs PLANTAIN_API_KEYS.",
        ),
    ] = None,
    root: Annotated[
        Path | None,
        typer.Option(
            exists=True,
            file_okay=False,
            help="A folder whose pictures agents may name. Without it they can read no file.",
        ),
    ] = None,
    wait: Annotated[
        float,
        typer.Option(
            min=0, max=600, help="Seconds that a call waits for its pictures before it returns the job's id."
        ),
    ] = 45,
) -> None:
    """Serves tools for agents (Model Context Protocol): generate, edit, look up and verify pictures."""
    try:
        from local.mcp.server import McpSettings, build_server
    except ModuleNotFoundError as missing:
        if (missing.name or "").partition(".")[0] not in ("mcp", "mcp_types"):
            raise
        said = f"{missing.name} is missing: install Plantain with its extra `local`."
        raise typer.Exit(report_error(said, INVALID, {"code": "packages"})) from None
    from local.mcp.transports import serve_stdio

    server = build_server(McpSettings(root, wait))
    if http is None:
        # A thread waits for the standard input, and only its end wakes it: Ctrl-C must end the process.
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        asyncio.run(serve_stdio(server))
    else:
        asyncio.run(_serve_until_signal(server, *parse_address(http)))


def parse_address(text: str) -> tuple[str, int]:
    """Returns host and port of ``HOST:PORT``, an IPv6 host in brackets. Raises InvalidRequest."""
    host, _, port = text.rpartition(":")
    if not host or not port.isascii() or not port.isdigit() or int(port) > _LAST_PORT:
        raise InvalidRequest(f"--http {text}: write it as HOST:PORT, such as 127.0.0.1:8090.")
    return host.removeprefix("[").removesuffix("]"), int(port)


async def _serve_until_signal(server: Server[Any], host: str, port: int) -> None:
    from local.http_servers.api_keys import ApiKeys
    from local.http_servers.listening import reachable_address
    from local.mcp.transports import PATH, serve_http

    stopped = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    async with serve_http(server, host, port, ApiKeys.from_environment()) as found:
        err.print(f"ready: http://{reachable_address(host)}:{found}{PATH}; Ctrl-C stops it", highlight=False)
        await stopped.wait()
